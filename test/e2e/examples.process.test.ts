import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ExecutorInfo, Offer, TaskInfo, TaskState, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import type { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RunningCluster } from "./local-cluster.ts";

const folder = fileURLToPath(new URL("../../examples/executors/", import.meta.url));
const EXECUTORS: Record<string, string> = {
  "the shell executor": `exec sh '${folder}shell-executor.sh'`,
  "the Python executor": `exec python3 '${folder}python_executor.py'`,
};

describe("executors that others wrote", () => {
  let cluster: RunningCluster;
  beforeAll(async () => {
    cluster = await RunningCluster.start(["--agents", "1"]);
  });
  afterAll(() => cluster.remove());

  it.each(Object.entries(EXECUTORS))("%s runs tasks, and tells how each ended", async (name, command) => {
    const tasks = { good: "echo it works", bad: "exit 3" };
    const heard = await launch(
      cluster,
      { executor_id: { value: name.replaceAll(" ", "-") }, type: "CUSTOM", command: { value: command } },
      tasks,
    );
    expect(heard.get("good")).toEqual(["TASK_RUNNING", "TASK_FINISHED"]);
    expect(heard.get("bad")).toEqual(["TASK_RUNNING", "TASK_FAILED"]);
  });

  it("a task of a custom executor can be killed", async () => {
    const executor: ExecutorInfo = {
      executor_id: { value: "python" },
      type: "CUSTOM",
      command: { value: EXECUTORS["the Python executor"]! },
    };
    const heard = await launch(cluster, executor, { long: "exec sleep 600" }, (status, client) => {
      if (status.state === "TASK_RUNNING") void client.kill(status.task_id, status.agent_id);
    });
    expect(heard.get("long")).toEqual(["TASK_RUNNING", "TASK_KILLED"]);
  });
});

it("the programs that the examples need are on this machine", () => {
  for (const program of ["curl", "python3"]) expect(spawnSync(program, ["--version"]).status, program).toBe(0);
});

/** Launches tasks on one executor, and collects their states until all are over. */
async function launch(
  cluster: RunningCluster,
  executor: ExecutorInfo,
  tasks: Record<string, string>,
  onUpdate: (status: TaskStatus, client: SchedulerClient) => void = () => {},
): Promise<Map<string, TaskState[]>> {
  const framework = { user: "root", name: "examples", capabilities: [{ type: "PARTITION_AWARE" as const }] };
  const client = connectScheduler({ masters: cluster.ready.masters }, { framework });
  const heard = new Map(Object.keys(tasks).map((id) => [id, [] as TaskState[]]));
  let launched = false;
  for await (const event of client.events()) {
    if (event.type === "OFFERS" && !launched) {
      launched = true;
      const [offer] = event.offers!.offers!;
      const task_infos = Object.entries(tasks).map(([id, command]) => taskInfo(id, command, executor, client, offer!));
      await client.accept([offer!.id], [{ type: "LAUNCH", launch: { task_infos } }]);
    }
    if (event.type !== "UPDATE") continue;
    const { status } = event.update!;
    heard.get(status.task_id.value)!.push(status.state);
    onUpdate(status, client);
    await client.acknowledge(status).catch(() => {});
    if ([...heard.values()].every((states) => isTerminal(states.at(-1)!))) break;
  }
  return heard;
}

function taskInfo(
  id: string,
  command: string,
  executor: ExecutorInfo,
  client: SchedulerClient,
  offer: Offer,
): TaskInfo {
  const scalar = (name: string, value: number) => ({ name, type: "SCALAR" as const, scalar: { value } });
  return {
    name: id,
    task_id: { value: id },
    agent_id: offer.agent_id,
    resources: [scalar("cpus", 0.1), scalar("mem", 32)],
    executor: { ...executor, framework_id: client.frameworkId!, resources: [scalar("cpus", 0.1), scalar("mem", 32)] },
    data: Buffer.from(command).toString("base64"),
  };
}
