import type { Call } from "@meseta/api/mesos/generated/executor.ts";
import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { describe, expect, test } from "vitest";
import { commandTask, EXECUTOR, FRAMEWORK, Rig } from "./agent.rig.ts";
import { validateExecutorCall } from "./validate/executor-call.ts";

const IDS = { framework_id: FRAMEWORK.id!, executor_id: EXECUTOR.executor_id };

function withTask(id = "t"): Rig {
  return runTask(new Rig().register(), id);
}

function runTask(rig: Rig, id: string): Rig {
  const { command: _, ...task } = commandTask(id, { executor: EXECUTOR });
  const launch_executor = !rig.agent.state.frameworks.get("m-0000")?.executors.has("e");
  return rig.link({
    type: "RUN",
    run: {
      framework_info: FRAMEWORK,
      task,
      executor: EXECUTOR,
      launch_executor,
      resource_version: rig.agent.state.resourceVersion,
    },
  });
}

function subscribe(rig: Rig, stream: number, more: Partial<NonNullable<Call["subscribe"]>> = {}): Rig {
  return rig.apply({ type: "executor-subscribe", stream, call: { ...IDS, type: "SUBSCRIBE", subscribe: more } });
}

const UUID = "hMC2HaIwS+OydsG+3Fjl5w==";
const status = (state: TaskStatus["state"], more: Partial<TaskStatus> = {}): TaskStatus => ({
  task_id: { value: "t" },
  state,
  source: "SOURCE_EXECUTOR",
  uuid: UUID,
  timestamp: 7,
  ...more,
});
const tell = (rig: Rig, told: TaskStatus) =>
  rig.apply({ type: "executor-call", request: 1, call: { ...IDS, type: "UPDATE", update: { status: told } } });
const events = (rig: Rig) => rig.of("send-executor").map((effect) => effect.event.type);
const containerId = (rig: Rig) => [...rig.agent.state.executors.keys()][0]!;

describe("a custom executor", () => {
  test("is started with its first task, which waits until it subscribes", () => {
    const rig = withTask();
    expect(rig.of("launch")[0]!.container).toMatchObject({
      command: { shell: "my-executor" },
      limits: { cpus: 0.2, memoryBytes: 96 * 1024 * 1024 },
    });
    expect(rig.of("launch")[0]!.container.environment).not.toHaveProperty("MESOS_ALLOCATION_ROLE");
    expect(rig.of("send-executor")).toEqual([]);
    subscribe(rig, 1);
    expect(rig.of("open")).toHaveLength(1);
    expect(events(rig)).toEqual(["SUBSCRIBED", "LAUNCH"]);
    expect(rig.of("send-executor")[0]!.event.subscribed).toMatchObject({
      container_id: { value: containerId(rig) },
      agent_info: { id: { value: "m-S0" } },
    });
  });

  test("gets a group as one event", () => {
    const rig = new Rig().register();
    const tasks = ["a", "b"].map((id) => commandTask(id, { executor: EXECUTOR }));
    rig.link({
      type: "RUN",
      run: {
        framework_info: FRAMEWORK,
        executor: EXECUTOR,
        task_group: { tasks },
        launch_executor: true,
        resource_version: rig.agent.state.resourceVersion,
      },
    });
    rig.crash().register();
    subscribe(rig, 1);
    expect(events(rig)).toEqual(["SUBSCRIBED", "LAUNCH_GROUP"]);
  });

  test("hears that its update is stored, and the scheduler gets it completed", () => {
    const rig = subscribe(withTask(), 1).take();
    tell(rig, status("TASK_RUNNING", { message: "from the executor" }));
    expect(rig.statuses()).toEqual([
      {
        ...status("TASK_RUNNING", { message: "from the executor" }),
        agent_id: { value: "m-S0" },
        executor_id: { value: "e" },
        container_status: {
          container_id: { value: containerId(rig) },
          network_infos: [{ ip_addresses: [{ protocol: "IPv4", ip_address: "127.0.0.1" }] }],
          executor_pid: 100,
        },
      },
    ]);
    expect(rig.of("send-executor")[0]!.event).toEqual({
      type: "ACKNOWLEDGED",
      acknowledged: { task_id: { value: "t" }, uuid: UUID },
    });
    expect(rig.of("answer")[0]!.answer.status).toBe(202);
  });

  test("that tells an update twice is acknowledged twice, and the scheduler gets it once", () => {
    const rig = subscribe(withTask(), 1).take();
    tell(tell(rig, status("TASK_RUNNING")), status("TASK_RUNNING"));
    expect(rig.settle()).toHaveLength(1);
  });

  test("that tells of a task which it was never given is passed on without a container", () => {
    const rig = subscribe(withTask(), 1).take();
    tell(rig, status("TASK_RUNNING", { task_id: { value: "no-such-task" } }));
    expect(rig.statuses()[0]).not.toHaveProperty("container_status");
    expect(rig.statuses()[0]).not.toHaveProperty("executor_id");
  });

  test("is heard only when it has subscribed", () => {
    const rig = withTask();
    tell(rig, status("TASK_RUNNING"));
    expect(rig.of("answer")[0]!.answer).toMatchObject({ status: 403 });
    rig.take().apply({
      type: "executor-call",
      request: 2,
      call: { ...IDS, framework_id: { value: "x" }, type: "MESSAGE", message: { data: "" } },
    });
    expect(rig.of("answer")[0]!.answer).toEqual({ status: 400, text: "Framework cannot be found" });
  });

  test("that does not subscribe within a minute is ended, and its task says why", () => {
    const rig = withTask().pass(60_000);
    expect(rig.settle()).toMatchObject([
      {
        state: "TASK_FAILED",
        reason: "REASON_EXECUTOR_REGISTRATION_TIMEOUT",
        message: "Executor did not register within 1mins",
      },
    ]);
  });

  test("takes over from its older stream", () => {
    const rig = subscribe(subscribe(withTask(), 1), 2);
    expect(rig.of("close")).toEqual([{ type: "close", stream: 1 }]);
    rig.apply({ type: "stream-closed", stream: 1 }).take();
    tell(rig, status("TASK_RUNNING"));
    expect(rig.of("send-executor").map((effect) => effect.stream)).toEqual([2]);
  });

  test("that dies takes its tasks along, with the reason", () => {
    const rig = subscribe(withTask(), 1).take();
    rig.exit(containerId(rig), 9);
    expect(rig.messages("EXECUTOR_EXITED")).toMatchObject([{ executor_exited: { status: 9 } }]);
    expect(rig.settle()).toMatchObject([
      {
        state: "TASK_FAILED",
        source: "SOURCE_AGENT",
        reason: "REASON_EXECUTOR_TERMINATED",
        message: "Executor terminated",
      },
    ]);
  });

  test("is handed kills and messages, and SHUTDOWN with 5 s of grace", () => {
    const rig = subscribe(withTask(), 1).take();
    rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    rig.link({ type: "FRAMEWORK_MESSAGE", framework_message: { ...IDS, data: "aGVsbG8=" } });
    rig.link({ type: "SHUTDOWN_EXECUTOR", shutdown_executor: IDS });
    expect(events(rig)).toEqual(["KILL", "MESSAGE", "SHUTDOWN"]);
    rig.pass(4_999);
    expect(rig.of("destroy")).toEqual([]);
    rig.pass(1);
    expect(rig.of("destroy")).toHaveLength(1);
  });

  test("whose only task is killed before it subscribed is ended with it", () => {
    const rig = withTask();
    rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    expect(rig.settle()).toMatchObject([
      {
        state: "TASK_KILLED",
        reason: "REASON_TASK_KILLED_DURING_LAUNCH",
        message: "Killed before delivery to the executor",
      },
    ]);
    expect(rig.agent.state.executors.size).toBe(0);
  });

  test("comes back to a restarted agent with what was not acknowledged", () => {
    const rig = subscribe(withTask(), 1);
    rig.crash().register();
    subscribe(rig, 7, {
      unacknowledged_tasks: [commandTask("t")],
      unacknowledged_updates: [{ status: status("TASK_RUNNING") }],
    });
    expect(events(rig)).toEqual(["ACKNOWLEDGED", "SUBSCRIBED"]);
    expect(rig.settle()).toMatchObject([{ state: "TASK_RUNNING" }]);
  });

  test("that tells again what no update could have told is refused", () => {
    const again = (more: Partial<TaskStatus>) => [{ status: status("TASK_RUNNING", more) }];
    const call = (unacknowledged_updates: { status: TaskStatus }[]) =>
      validateExecutorCall({ ...IDS, type: "SUBSCRIBE", subscribe: { unacknowledged_updates } })?.message;
    expect(call(again({}))).toBeUndefined();
    expect(call(again({ uuid: undefined }))).toMatch("Expecting 'uuid' to be present");
    expect(call(again({ uuid: "AA==" }))).toMatch("Not a valid UUID");
    expect(call([...again({}), ...again({ source: "SOURCE_MASTER" })])).toMatch("with invalid source");
  });

  test("that never got a task which was on its way when the agent died does not get it again: the task is dropped", () => {
    const rig = subscribe(withTask(), 1);
    rig.crash().register();
    subscribe(rig, 7);
    expect(events(rig)).not.toContain("LAUNCH");
    expect(rig.settle()).toMatchObject([{ state: "TASK_DROPPED", reason: "REASON_AGENT_RESTARTED" }]);
  });

  test("that is only here for a task which never arrived is told to end, also when the agent dies before it could", () => {
    const rig = subscribe(withTask(), 1);
    rig.crash().register();
    expect(events(subscribe(rig, 7))).toEqual(["SHUTDOWN"]);
    rig.crash().register();
    expect(events(subscribe(rig, 8))).toEqual(["SHUTDOWN"]);
  });

  test("that does not come back within 2 s is ended", () => {
    const rig = subscribe(withTask(), 1);
    rig.crash().register().pass(2_000);
    expect(rig.settle()).toMatchObject([{ state: "TASK_GONE", reason: "REASON_EXECUTOR_REREGISTRATION_TIMEOUT" }]);
  });

  test("hears of a kill that came while it had no stream, and of a drain that went on over a restart", () => {
    const rig = subscribe(withTask(), 1);
    rig.apply({ type: "stream-closed", stream: 1 });
    rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } }).take();
    expect(events(subscribe(rig, 2, { unacknowledged_tasks: [commandTask("t")] }))).toEqual(["SUBSCRIBED", "KILL"]);
    rig.link({ type: "DRAIN", drain: { config: {} } });
    rig.crash().register();
    subscribe(rig, 3, { unacknowledged_tasks: [commandTask("t")] });
    expect(events(rig)).toEqual(["SUBSCRIBED", "KILL"]);
  });

  test("gets its next task on the stream that it has", () => {
    const rig = subscribe(withTask(), 1).take();
    runTask(rig, "u");
    expect(events(rig)).toEqual(["LAUNCH"]);
    expect(rig.of("launch")).toEqual([]);
  });

  test("hears a heartbeat every half hour", () => {
    const rig = subscribe(withTask(), 1).take();
    for (let minute = 0; minute < 60; minute++) rig.pass(60_000).link({ type: "PING" });
    expect(events(rig)).toEqual(["HEARTBEAT", "HEARTBEAT"]);
  });
});
