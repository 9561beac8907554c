// A cron that is killed for some seconds: what becomes of the firings that it missed, and of runs that ended meanwhile.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import type { RunRecord } from "@meseta/api/metronome/history.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { CronClient } from "@meseta/sdk/cron/client.ts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { MESETA, meseta, RunningCluster } from "./local-cluster.ts";

const SLOW = { timeout: 60_000, interval: 50 };

/** What a mail server hears. */
const mail: string[] = [];
const mailServer = createServer((socket) => {
  // A cron that is killed cuts it off.
  receive(socket).catch(() => undefined);
});

let cluster: RunningCluster;
let cron: CronClient;
let child: ChildProcess;
let flags: string[];
beforeAll(async () => {
  await once(mailServer.listen(0, "127.0.0.1"), "listening");
  cluster = await RunningCluster.start(["--agents", "1", "--no-init", "--no-cron"]);
  const [port, metronomePort] = [await freePort(), await freePort()].map(String);
  flags = ["--port", port!, "--metronome-port", metronomePort!, "--dir", join(cluster.dir, "cron")];
  flags.push("--master", cluster.ready.master, "--mail-from", "cron@example.com");
  flags.push("--mail-server", `127.0.0.1:${(mailServer.address() as AddressInfo).port}`);
  cron = new CronClient([`http://127.0.0.1:${metronomePort}`]);
  await live();
});
afterAll(async () => {
  await die();
  cron?.close();
  mailServer.close();
  await cluster?.remove();
});

describe("firings that passed while cron was killed", () => {
  it("are made up for one by one, by one run for all, or not at all, as each job says", async () => {
    const startMs = Math.ceil(Date.now() / 1000) * 1000 + 1000;
    const every = `R/${new Date(startMs).toISOString()}/PT1S`;
    for (const catchUp of ["EACH", "ONE", "NONE"])
      await add(catchUp.toLowerCase(), "true", { schedules: [{ id: "s", cron: every, catchUp }] });
    const count = async () => (await history("each")).filter(({ completedAt }) => completedAt !== null).length;
    await expect.poll(count, SLOW).toBeGreaterThan(1);
    await die();
    await sleep(5000);
    const bornMs = Date.now();
    await live();
    const later = async () => (await history("none")).filter(({ dueAt }) => ms(dueAt) > bornMs).length;
    await expect.poll(later, SLOW).toBeGreaterThan(1);

    const [each, one, none] = [await history("each"), await history("one"), await history("none")];
    const dueMs = each.map(({ dueAt }) => ms(dueAt)).sort((a, b) => a - b);
    expect(dueMs).toEqual(dueMs.map((_, k) => startMs + 1000 * k));
    const madeUp = (runs: RunRecord[]) =>
      runs.filter(({ dueAt, createdAt }) => ms(dueAt) < bornMs && ms(createdAt) >= bornMs).length;
    expect(madeUp(each)).toBeGreaterThanOrEqual(4);
    expect([madeUp(one), madeUp(none)]).toEqual([1, 0]);
    for (const id of ["each", "one", "none"]) await remove(id);
  });
});

describe("runs that ended while cron was killed", () => {
  it("are known when it is back, with why they have failed", async () => {
    const go = join(cluster.dir, "go");
    const wait = `until [ -e ${go} ]; do sleep 0.05; done`;
    await add("well", wait);
    await add("badly", `${wait}; exit 3`);
    for (const id of ["well", "badly"]) await begin(id);
    const states = async () => [await statusOf("well"), await statusOf("badly")];
    await expect.poll(states, SLOW).toEqual(["ACTIVE", "ACTIVE"]);
    await die();
    writeFileSync(go, "");
    const left = async () => (await meseta(cluster, "task", "list", "-q", "--filter", "state=running")).out;
    await expect.poll(left, SLOW).toBe("");
    await live();
    await expect.poll(states, SLOW).toEqual(["SUCCESS", "FAILED"]);
    expect((await history("badly"))[0]).toMatchObject({ message: "Command exited with status 3" });
  });
});

it("a mail tells its owner that a job has failed", async () => {
  const body = { name: "mailed", command: "exit 4", owner: "me@example.com", retries: 0, schedule: "R1//P1D" };
  await change("POST", "/v1/scheduler/iso8601", { ...body, cpus: 0.1, mem: 32 });
  await expect.poll(() => mail, SLOW).toContain("Subject: Job mailed has failed");
  expect(mail).toContain("RCPT TO:<me@example.com>");
});

/** Starts it; resolves when it answers. */
async function live(): Promise<void> {
  child = spawn(MESETA, ["cron", ...flags], { stdio: ["ignore", "ignore", "ignore"] });
  await vi.waitFor(() => cron.get("/v1/jobs"), SLOW);
}

/** kill -9, and nobody brings it back. */
async function die(): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

function change(method: "POST" | "DELETE", path: string, body?: object): Promise<unknown> {
  return cron.change({ method, path, ...(body && { body }), what: path });
}

async function add(id: string, cmd: string, more: object = {}): Promise<void> {
  await change("POST", "/v0/scheduled-jobs", { id, run: { cmd, cpus: 0.05, mem: 32 }, ...more });
}

async function remove(id: string): Promise<void> {
  await change("DELETE", `/v1/jobs/${id}?stopCurrentJobRuns=true`);
}

async function begin(id: string): Promise<void> {
  await change("POST", `/v1/jobs/${id}/runs`);
}

function history(id: string): Promise<RunRecord[]> {
  return cron.get(`/v1/jobs/${id}/history?limit=1000`);
}

async function statusOf(id: string): Promise<string | undefined> {
  return (await history(id))[0]?.status;
}

function ms(time: string): number {
  return Date.parse(time.replace("+0000", "Z"));
}

/** Takes each mail, and notes each line. */
async function receive(socket: Socket): Promise<void> {
  const say = (line: string) => socket.write(`${line}\r\n`);
  socket.on("error", () => undefined);
  say("220 here");
  let isText = false;
  for await (const line of createInterface({ input: socket })) {
    mail.push(line);
    if (isText && line !== ".") continue;
    isText = line === "DATA";
    say(isText ? "354 go on" : "250 well");
    if (line === "QUIT") socket.end();
  }
}
