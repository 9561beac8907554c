import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { connectMaster } from "@meseta/sdk/operator/connect.ts";
import type { MasterClient } from "@meseta/sdk/operator/master.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { meseta, processesWith, RunningCluster } from "./local-cluster.ts";

/** The name of the tasks of /quickstart/web. */
const WEB = "web.quickstart";
const SLOW = { timeout: 60_000, interval: 50 };

describe("a local cluster with the quickstart", () => {
  let cluster: RunningCluster;
  let master: MasterClient;

  beforeAll(async () => {
    cluster = await RunningCluster.start(["--quickstart"]);
    master = connectMaster(cluster.ready.masters);
  });
  afterAll(async () => {
    master.close();
    await cluster.remove();
  });

  it("keeps a service running, kills one of its instances and upgrades it, and finishes its jobs", async () => {
    await expect.poll(() => existsSync(join(cluster.dir, "quickstart-shown")), SLOW).toBe(true);
    expect(await states(master, WEB)).toEqual(["TASK_RUNNING", "TASK_RUNNING", "TASK_RUNNING"]);
    expect((await completed(master, WEB)).map(({ state }) => state).sort()).toEqual([
      "TASK_FAILED",
      "TASK_KILLED",
      "TASK_KILLED",
      "TASK_KILLED",
    ]);
    for (const task of await webTasks(master)) {
      const port = task.discovery!.ports!.ports![0]!.number;
      const ask = async () => (await fetch(`http://127.0.0.1:${port}/`)).json().catch(() => undefined);
      await expect.poll(ask, SLOW).toMatchObject({ version: "2", task: task.task_id.value });
    }
    await expect.poll(async () => (await completed(master, "job-")).length, SLOW).toBe(12);
  });

  it("shows what the sidecar of its pod has written, lets one in, and counts in a volume", async () => {
    await expect.poll(() => states(master, "pod-"), SLOW).toEqual(["TASK_RUNNING", "TASK_RUNNING"]);
    const page = async () =>
      (await meseta(cluster, "exec", "pod-page", "cat /shared/index.html shared/index.html")).out;
    await expect.poll(page, SLOW).toContain("written by the sidecar");
    await expect.poll(() => counted(master), SLOW).toEqual({ starts: 1 });
  });

  it("keeps its tasks, with their pids, when an agent is killed, and tells exits that happened meanwhile with their true status", async () => {
    const before = await webTasks(master);
    const run = meseta(cluster, "run", "--name", "leaves", "--", "sh", "-c", "sleep 2; exit 7");
    await expect.poll(() => states(master, "leaves"), SLOW).toEqual(["TASK_RUNNING"]);
    for (const part of ["agent-1", "agent-2", "agent-3"] as const) cluster.kill(part);
    expect((await run).code).toBe(7);
    await expect
      .poll(async () => (await webTasks(master)).map(({ state }) => state), SLOW)
      .toEqual(Array(3).fill("TASK_RUNNING"));
    expect((await webTasks(master)).map(pidAndId)).toEqual(before.map(pidAndId));
  });

  it("loses nothing when the master is killed: tasks, frameworks and agents are the same afterwards", async () => {
    const before = (await webTasks(master)).map(pidAndId);
    cluster.kill("master");
    await expect.poll(async () => (await webTasks(master).catch(() => [])).map(pidAndId), SLOW).toEqual(before);
    const { frameworks } = await master.getFrameworks();
    expect(frameworks!.map(({ framework_info }) => framework_info.name)).toContain("quickstart");
  });

  it("goes on when up itself was killed: the next up takes the tasks over", async () => {
    const tasks = (await webTasks(master)).map(pidOf);
    const before = (await webTasks(master)).map(pidAndId);
    master.close();
    cluster.kill("up");
    await expect.poll(() => processesWith(`${cluster.dir}/master`).length, SLOW).toBe(0);
    expect(processesWith("web.mjs").map(({ pid }) => pid)).toEqual(expect.arrayContaining(tasks));
    cluster = await RunningCluster.start(["--quickstart"], cluster.dir);
    master = connectMaster(cluster.ready.masters);
    expect((await webTasks(master)).map(pidAndId)).toEqual(before);
  });

  it("leaves no process and no cgroup behind after Ctrl-C, and keeps ids and history", async () => {
    const ids = (await master.getAgents()).agents!.map(({ agent_info }) => agent_info.id!.value).sort();
    if (process.getuid?.() === 0) expect(cgroupFolders(cluster.dir).length).toBeGreaterThan(0);
    expect(await cluster.stop()).toBe(0);
    expect(await cluster.nextLine()).toEqual({ event: "stopped" });
    expect(processesWith(cluster.dir)).toEqual([]);
    expect(cgroupFolders(cluster.dir)).toEqual([]);
    master.close();
    cluster = await RunningCluster.start(["--quickstart"], cluster.dir);
    master = connectMaster(cluster.ready.masters);
    expect((await master.getAgents()).agents!.map(({ agent_info }) => agent_info.id!.value).sort()).toEqual(ids);
    await expect.poll(() => counted(master), SLOW).toEqual({ starts: 2 });
    const ended = (await completed(master, WEB)).map(({ statuses }) => statuses!.at(-1)!.message ?? "");
    expect(ended.filter((message) => message.includes("the cluster was stopped"))).toHaveLength(3);
    await expect.poll(() => states(master, WEB), SLOW).toEqual(["TASK_RUNNING", "TASK_RUNNING", "TASK_RUNNING"]);
  });
});

/** What the quickstart's counter tells, which keeps it in a persistent volume. */
async function counted(master: MasterClient) {
  const task = (await master.getTasks()).tasks?.find(({ name }) => name === "counter");
  const port = task?.discovery?.ports?.ports?.[0]?.number;
  return fetch(`http://127.0.0.1:${port}/`).then(
    (answer) => answer.json(),
    () => undefined,
  );
}

async function webTasks(master: MasterClient) {
  const { tasks } = await master.getTasks();
  return (tasks ?? []).filter(({ name }) => name === WEB).sort((a, b) => (a.task_id.value < b.task_id.value ? -1 : 1));
}

async function states(master: MasterClient, prefix: string) {
  return ((await master.getTasks().catch(() => undefined))?.tasks ?? [])
    .filter(({ name, task_id }) => name.startsWith(prefix) || task_id.value.startsWith(prefix))
    .map(({ state }) => state);
}

async function completed(master: MasterClient, prefix: string) {
  return ((await master.getTasks()).completed_tasks ?? []).filter(({ name }) => name.startsWith(prefix));
}

type Told = Awaited<ReturnType<typeof webTasks>>[number];

const pidOf = ({ statuses }: Told) => statuses!.at(-1)!.container_status?.executor_pid;
const pidAndId = (task: Told) => `${task.task_id.value} ${pidOf(task)}`;

/** The folders of a cluster's agents in the control groups of this machine: each agent has its own in every hierarchy it uses. */
function cgroupFolders(dir: string): string[] {
  const own = readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith("/launcher"))
    .map((path) => createHash("sha256").update(`${dir}/${path}`).digest("hex").slice(0, 12));
  const roots = [
    "/sys/fs/cgroup/pids/meseta",
    "/sys/fs/cgroup/memory/meseta",
    "/sys/fs/cgroup/cpu/meseta",
    "/sys/fs/cgroup/meseta",
  ];
  return roots.flatMap((root) => own.map((name) => `${root}/${name}`)).filter(existsSync);
}
