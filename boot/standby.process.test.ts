import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { EtcdClient } from "@meseta/drivers/store/etcd/client.ts";
import { EtcdCluster, hasEtcd } from "@meseta/drivers/store/etcd/etcd.rig.ts";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MESETA = fileURLToPath(new URL("../bin/meseta", import.meta.url));

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
  readonly metronome: string;
}

describe.runIf(hasEtcd)("two inits and two crons on one etcd", () => {
  const dir = testFolder("standby");
  const children: ChildProcess[] = [];
  let etcd: EtcdCluster;
  let master: Started;
  beforeAll(async () => {
    etcd = await EtcdCluster.start(1);
    master = await start("master", "master");
  });
  afterAll(async () => {
    for (const child of children) child.kill("SIGKILL");
    await etcd.stop();
  });

  const start = async (part: "master" | "init" | "cron", name: string, at?: number): Promise<Started> => {
    const [port, second] = [at ?? (await freePort()), await freePort()];
    const store = ["--store", `etcd://${etcd.hosts[0]}`];
    const flags = ["--port", String(port), "--dir", join(dir, name), ...store];
    if (part !== "master") flags.push("--master", master.url);
    if (part === "cron") flags.push("--metronome-port", String(second));
    const child = spawn(MESETA, [part, ...flags], { stdio: "ignore" });
    children.push(child);
    const started = { child, url: `http://127.0.0.1:${port}`, metronome: `http://127.0.0.1:${second}` };
    const path = part === "master" ? "/health" : "/ping";
    const serves = () =>
      ask(started.url + path).then(
        ({ status }) => status === 200,
        () => false,
      );
    while (!(await serves())) await wait(50);
    return started;
  };
  const ask = async (url: string, init: RequestInit = {}) => {
    const answer = await fetch(url, { redirect: "manual", ...init });
    const text = await answer.text();
    const body = text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text;
    return { status: answer.status, headers: answer.headers, body };
  };
  const send = (url: string, method: string, value: unknown) =>
    ask(url, { method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(value) });
  /** Who leads says 503 until the records are loaded. */
  const works = (url: string) => expect.poll(() => ask(url).then(({ status }) => status, String)).toBe(200);

  it("an init that stands by passes on to the leader, says for whom, and leads with all records when that one is killed", async () => {
    const first = await start("init", "init-1");
    await works(`${first.url}/v2/apps`);
    const second = await start("init", "init-2");
    const made = await send(`${second.url}/v2/apps`, "POST", { id: "/web", cmd: "sleep 1000", instances: 0 });
    expect(made.status).toBe(201);
    const leader = first.url.slice("http://".length);
    const seen = await ask(`${second.url}/v2/apps//web`);
    expect(seen.body.app.id).toBe("/web");
    expect(seen.headers.get("x-marathon-leader")).toBe(first.url);
    expect((await ask(`${second.url}/v2/leader`)).body).toEqual({ leader });
    expect((await ask(`${second.url}/v2/info`)).body.leader).toBe(leader);
    const events = await ask(`${second.url}/v2/events?event_type=x`, { headers: { Accept: "text/event-stream" } });
    expect([events.status, events.headers.get("location")]).toEqual([302, `${first.url}/v2/events?event_type=x`]);
    const looped = await ask(`${second.url}/v2/apps`, { headers: { "X-Marathon-Via": "other:1" } });
    expect([looped.status, looped.body.message]).toEqual([502, "Detected proxying loop."]);
    first.child.kill("SIGKILL");
    const address = second.url.slice("http://".length);
    await expect.poll(() => ask(`${second.url}/v2/leader`).then(({ body }) => body.leader, String)).toBe(address);
    await works(`${second.url}/v2/apps`);
    expect((await ask(`${second.url}/v2/apps//web`)).body.app.id).toBe("/web");
  });

  it("a master that is killed and started again leads at once, though its key as the leader is there for ever", async () => {
    await works(`${master.url}/weights`);
    const client = new EtcdClient(etcd.hosts);
    const key = "/meseta/master/leader";
    const { value } = (await client.range({ key })).pairs[0]!;
    await client.transact({ when: [{ key, value }], does: [{ put: { key, value } }] });
    client.close();
    const gone = new Promise((resolve) => master.child.once("exit", resolve));
    master.child.kill("SIGKILL");
    await gone;
    master = await start("master", "master", Number(new URL(master.url).port));
    await works(`${master.url}/weights`);
  });

  it("a cron that stands by passes on in both of its APIs, and leads with all records when that one steps down", async () => {
    const first = await start("cron", "cron-1");
    await works(`${first.metronome}/v1/jobs`);
    const second = await start("cron", "cron-2");
    const job = { id: "nightly", run: { cpus: 0.1, mem: 32, disk: 0, cmd: "true" } };
    expect((await send(`${second.metronome}/v1/jobs`, "POST", job)).status).toBe(201);
    expect((await ask(`${first.metronome}/v1/jobs/nightly`)).body.id).toBe("nightly");
    expect((await ask(`${second.metronome}/leader`)).body).toEqual({ leader: first.metronome.slice("http://".length) });
    expect((await ask(`${second.url}/v1/scheduler/leader`)).body).toEqual({
      leader: first.url.slice("http://".length),
    });
    const looped = await ask(`${second.metronome}/v1/jobs`, { headers: { "X-VIA": "other:1" } });
    expect(looped.status).toBe(502);
    first.child.kill("SIGTERM");
    const address = second.metronome.slice("http://".length);
    await expect.poll(() => ask(`${second.metronome}/leader`).then(({ body }) => body.leader, String)).toBe(address);
    await works(`${second.metronome}/v1/jobs`);
    expect((await ask(`${second.metronome}/v1/jobs/nightly`)).body.id).toBe("nightly");
  });
});
