import type { TaskInfo, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { expect, test } from "vitest";
import { readExecutorEnvironment } from "./executor-environment.ts";
import { Unacknowledged } from "./unacknowledged.ts";

const task = (id: string): TaskInfo => ({ name: id, task_id: { value: id }, agent_id: { value: "S0" } });
const status = (id: string, uuid: string): TaskStatus => ({ task_id: { value: id }, state: "TASK_RUNNING", uuid });

test("tasks and updates are told again until they are acknowledged, updates in their order", () => {
  const open = new Unacknowledged();
  open.see({ type: "LAUNCH", launch: { task: task("a") } });
  open.see({ type: "LAUNCH_GROUP", launch_group: { task_group: { tasks: [task("b"), task("c")] } } });
  open.sent(status("a", "u1"));
  open.sent(status("b", "u2"));
  open.sent(status("a", "u3"));
  open.see({ type: "ACKNOWLEDGED", acknowledged: { task_id: { value: "a" }, uuid: "u1" } });
  expect(open.forSubscribe()).toEqual({
    unacknowledged_tasks: [task("b"), task("c")],
    unacknowledged_updates: [{ status: status("b", "u2") }, { status: status("a", "u3") }],
  });
});

test("an executor's environment is read with Mesos' durations, and what is missing is named", () => {
  const env = {
    MESOS_AGENT_ENDPOINT: "127.0.0.1:5051",
    MESOS_FRAMEWORK_ID: "f",
    MESOS_EXECUTOR_ID: "e",
    MESOS_SANDBOX: "/sandbox",
    MESOS_CHECKPOINT: "1",
    MESOS_RECOVERY_TIMEOUT: "10mins",
  };
  expect(readExecutorEnvironment(env)).toEqual({
    agentUrl: "http://127.0.0.1:5051",
    frameworkId: "f",
    executorId: "e",
    sandbox: "/sandbox",
    checkpoint: true,
    recoveryTimeoutMs: 600_000,
    subscriptionBackoffMaxMs: 2000,
    shutdownGraceMs: 5000,
    token: undefined,
  });
  expect(readExecutorEnvironment({ MESOS_EXECUTOR_ID: "e" })).toEqual({
    missing: ["MESOS_AGENT_ENDPOINT", "MESOS_FRAMEWORK_ID"],
  });
});
