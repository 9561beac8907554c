// Where services run on a cluster of several places: regions, GPUs (which only need to be said), and a maintenance from which they move away.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "@meseta/lib/io/free-port.rig.ts";
import { connectMaster } from "@meseta/sdk/operator/connect.ts";
import type { MasterClient } from "@meseta/sdk/operator/master.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { MESETA } from "./local-cluster.ts";

const AGENTS = [
  { hostname: "h1", domain: "east/a", resources: "cpus:1;mem:512;disk:100;ports:[]" },
  { hostname: "h2", domain: "east/b", resources: "cpus:1;mem:512;disk:100;ports:[]" },
  { hostname: "h3", domain: "west/a", resources: "cpus:1;mem:512;disk:100;ports:[]" },
  { hostname: "h4", domain: "east/c", resources: "cpus:1;mem:512;disk:100;ports:[];gpus:1" },
];

let dir: string;
let url: string;
let master: MasterClient;
const parts: ChildProcess[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "meseta-places-"));
  const [port, initPort] = [await freePort(), await freePort()];
  const at = ["--master", `http://127.0.0.1:${port}`];
  start("master", "--port", String(port), "--dir", join(dir, "master"), "--domain", "east/m");
  for (const { hostname, domain, resources } of AGENTS) {
    const place = ["--hostname", hostname, "--domain", domain, "--resources", resources];
    const own = ["--port", String(await freePort()), "--dir", join(dir, hostname), "--cgroups", "off", "--root-tasks"];
    start("agent", ...at, ...own, ...place);
  }
  const modes = ["--enable-features", "gpu_resources", "--maintenance-mode", "--draining-time", "1hrs"];
  start("init", ...at, "--port", String(initPort), "--dir", join(dir, "init"), ...modes);
  url = `http://127.0.0.1:${initPort}`;
  master = connectMaster([`http://127.0.0.1:${port}`]);
  await until(async () => (await master.getAgents()).agents?.length === AGENTS.length);
  await until(async () => (await (await fetch(`${url}/ping`)).text()) === "pong");
});

afterAll(async () => {
  master.close();
  await fetch(`${url}/v2/groups?force=true`, { method: "DELETE" }).catch(() => {});
  await until(async () => (await read("/v2/deployments")).length === 0).catch(() => {});
  for (const part of parts.reverse()) {
    const exit = once(part, "exit");
    part.kill();
    await exit;
  }
  rmSync(dir, { recursive: true, force: true });
});

/** Asks until it is so; who does not listen yet is asked again. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let left = 600; left > 0; left--) {
    if (await isSo().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it never came");
}

function start(...args: string[]): void {
  parts.push(spawn(MESETA, args, { stdio: "ignore" }));
}

// biome-ignore lint/suspicious/noExplicitAny: bodies of all kinds.
async function read(path: string): Promise<any> {
  return (await fetch(url + path)).json();
}

interface Wanted {
  readonly id: string;
  readonly instances: number;
  readonly gpus?: number;
  readonly constraints?: readonly string[][];
}

/** Where the instances of a new app come to run. */
async function placesOf(app: Wanted): Promise<string[]> {
  const json = { cmd: "sleep 1000", cpus: 0.1, mem: 16, portDefinitions: [], ...app };
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`${url}/v2/apps`, { method: "POST", body: JSON.stringify(json), headers });
  expect(answer.status, await answer.text()).toBe(201);
  await expect.poll(() => running(app.id).then(({ length }) => length)).toBe(app.instances);
  return running(app.id);
}

async function running(id: string): Promise<string[]> {
  const { tasks } = await read(`/v2/apps${id}/tasks`);
  const all = tasks as { readonly host: string; readonly state: string }[];
  return all.flatMap(({ host, state }) => (state === "TASK_RUNNING" ? [host] : [])).sort();
}

it("services stay in the region of the master, unless they name another, and leave agents with GPUs to those that need them", async () => {
  expect(new Set(await placesOf({ id: "/home", instances: 6 })).isSubsetOf(new Set(["h1", "h2"]))).toBe(true);
  const far = { id: "/far", instances: 2, constraints: [["@region", "IS", "west"]] };
  expect(await placesOf(far)).toEqual(["h3", "h3"]);
  const zones = { id: "/zones", instances: 2, constraints: [["@zone", "UNIQUE"]] };
  expect(await placesOf(zones)).toHaveLength(2);
  expect(await placesOf({ ...zones, id: "/even", constraints: [["@zone", "GROUP_BY", "2"]] })).toEqual(["h1", "h2"]);
  expect(await placesOf({ id: "/gpu", instances: 1, gpus: 1 })).toEqual(["h4"]);
});

it("before a maintenance they move away, and the master hears that the node is free to go", async () => {
  await placesOf({ id: "/moving", instances: 1, constraints: [["hostname", "LIKE", "h[12]"]] });
  const [host] = (await running("/moving")) as [string];
  const machine = { hostname: host, ip: "127.0.0.1" };
  const unavailability = { start: { nanoseconds: (Date.now() + 600_000) * 1e6 } };
  await master.updateMaintenanceSchedule({ windows: [{ machine_ids: [machine], unavailability }] });
  await expect.poll(() => running("/moving")).toEqual([host === "h1" ? "h2" : "h1"]);
  await expect.poll(() => running("/home").then((hosts) => hosts.includes(host))).toBe(false);
  const { draining_machines } = await master.getMaintenanceStatus();
  expect(draining_machines).toMatchObject([{ id: machine, statuses: [{ status: "ACCEPT" }] }]);
});
