import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { expect, test } from "vitest";
import { commandTask, EXECUTOR, FRAMEWORK, Rig } from "./agent.rig.ts";
import { AGENT_BOUNDS } from "./bounds.ts";
import { agentSamples } from "./metrics.ts";

const IDS = { framework_id: FRAMEWORK.id!, executor_id: EXECUTOR.executor_id };

/** An agent on which a custom executor with one task is subscribed. */
function withExecutor(): Rig {
  const rig = new Rig().register();
  const { command: _, ...task } = commandTask("t", { executor: EXECUTOR });
  const framework_info = FRAMEWORK;
  const resource_version = rig.agent.state.resourceVersion;
  rig.link({ type: "RUN", run: { framework_info, task, executor: EXECUTOR, launch_executor: true, resource_version } });
  return rig.apply({ type: "executor-subscribe", stream: 1, call: { ...IDS, type: "SUBSCRIBE", subscribe: {} } });
}

let uuids = 0;

/** The status with which an UPDATE is answered. */
function tell(rig: Rig, taskId: string, state: TaskState): number | undefined {
  const uuid = `${String(++uuids).padStart(22, "0")}==`;
  const status = {
    task_id: { value: taskId },
    state,
    source: "SOURCE_EXECUTOR" as const,
    uuid,
    message: String(uuids),
  };
  rig.take().apply({ type: "executor-call", request: uuids, call: { ...IDS, type: "UPDATE", update: { status } } });
  return rig.answerTo(uuids)?.status;
}

function numberOf(rig: Rig, name: string): number | undefined {
  return agentSamples(rig.agent.state, rig.nowMs).find((sample) => sample.name === name)?.value;
}

test("an executor that tells more of a task than is acknowledged is told to wait, but the task's end is always taken", () => {
  const rig = withExecutor();
  const { most } = AGENT_BOUNDS.pendingUpdates;
  for (let i = 0; i < most; i++) expect(tell(rig, "t", "TASK_RUNNING")).toBe(202);
  expect(tell(rig, "t", "TASK_RUNNING")).toBe(429);
  expect(rig.of("send-executor")).toEqual([]);
  expect(numberOf(rig, "meseta/most_pending_updates_of_a_task")).toBe(most);
  expect(numberOf(rig, "meseta/updates_refused")).toBe(1);
  expect(tell(rig, "t", "TASK_FINISHED")).toBe(202);
});

test("an executor cannot fill the agent with what it says of tasks that nobody launched", () => {
  const rig = withExecutor();
  const { updates } = rig.agent.state;
  expect(tell(rig, "stranger", "TASK_RUNNING")).toBe(202);
  const stream = updates.values().next().value!;
  while (updates.size < AGENT_BOUNDS.updatedTasks.most) updates.set(`filled/${updates.size}`, stream);
  expect(tell(rig, "another", "TASK_FINISHED")).toBe(429);
  expect(tell(rig, "t", "TASK_RUNNING")).toBe(202);
  expect(numberOf(rig, "meseta/tasks_with_pending_updates")).toBe(AGENT_BOUNDS.updatedTasks.most + 1);
});

test("beyond the bound tasks are dropped, and those whose end nobody acknowledges count", () => {
  const rig = new Rig({ maxTasks: 2 }).register();
  rig.run(commandTask("a")).run(commandTask("b"));
  rig.exit(rig.containerOf("a"), 0);
  rig.take().run(commandTask("c"));
  expect(rig.statuses()).toMatchObject([{ task_id: { value: "c" }, state: "TASK_DROPPED" }]);
  expect(rig.statuses()[0]!.message).toContain("--max-tasks");
  expect([numberOf(rig, "meseta/tasks"), numberOf(rig, "meseta/tasks_refused")]).toEqual([2, 1]);
  rig.take().subscribe();
  rig.settle();
  rig.take().run(commandTask("d"));
  expect(rig.of("launch")).toHaveLength(1);
});
