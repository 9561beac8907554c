import { describe, expect, test } from "vitest";
import { commandTask, FRAMEWORK, Rig } from "./agent.rig.ts";

const closed = (rig: Rig) => rig.apply({ type: "link-closed", link: rig.agent.state.link.id, reason: "test" });

describe("the link to the master", () => {
  test("is opened at once at the start", () => {
    const rig = new Rig();
    rig.apply({ type: "start", containers: [] });
    expect(rig.of("connect")).toHaveLength(1);
    expect(rig.of("connect")[0]!.subscribe).toMatchObject({
      version: "1.12.0",
      agent_info: { hostname: "host", port: 5051 },
    });
  });

  test("tells the address that others may call, and none where the agent listens on all", () => {
    const told = (ip: string) => {
      const rig = new Rig({ ip });
      rig.apply({ type: "start", containers: [] });
      return rig.of("connect")[0]!.subscribe.ip;
    };
    expect(told("10.0.0.9")).toBe("10.0.0.9");
    expect(told("0.0.0.0")).toBeUndefined();
    expect(told("::")).toBeUndefined();
  });

  test("is opened again after waits that double up to a minute, each cut at random", () => {
    const rig = new Rig();
    rig.apply({ type: "start", containers: [] });
    const waits: number[] = [];
    for (let i = 0; i < 12; i++) {
      const fromMs = rig.nowMs;
      closed(rig.take());
      rig.pass(rig.timers.nextMs()! - rig.nowMs);
      while (rig.of("connect").length === 0) rig.pass(rig.timers.nextMs()! - rig.nowMs);
      waits.push(rig.nowMs - fromMs);
    }
    for (const [i, wait] of waits.entries()) expect(wait).toBeLessThanOrEqual(Math.min(60_000, 1_000 * 2 ** i));
  });

  test("is given up when the master has taken the call and says nothing more for 75 s", () => {
    const rig = new Rig();
    rig.apply({ type: "start", containers: [] });
    const { link } = rig.of("connect")[0]!;
    rig.take().pass(74_999);
    expect(rig.of("disconnect")).toEqual([]);
    rig.pass(1);
    expect(rig.of("disconnect")).toEqual([{ type: "disconnect", link }]);
    rig.pass(1_000);
    expect(rig.of("connect")).toHaveLength(1);
  });

  test("is given up by an agent that stood still for 75 s, before what waited in its socket begins", () => {
    const rig = new Rig().register();
    const run = { framework_info: FRAMEWORK, task: commandTask("late"), launch_executor: false, resource_version: "" };
    rig.nowMs += 75_000;
    rig.take().link({ type: "RUN", run });
    expect(rig.of("disconnect")).toHaveLength(1);
    rig.pass(10_000);
    expect(rig.of("launch")).toEqual([]);
    expect(rig.of("connect").at(-1)!.subscribe.tasks).toEqual([]);
  });

  test("answers pings, and is given up when none comes for 75 s", () => {
    const rig = new Rig().register();
    rig.link({ type: "PING" });
    expect(rig.messages("PONG")).toHaveLength(1);
    rig.pass(74_999);
    expect(rig.of("disconnect")).toEqual([]);
    rig.pass(1);
    expect(rig.of("disconnect")).toHaveLength(1);
    rig.pass(1_000);
    expect(rig.of("connect")).toHaveLength(2);
  });

  test("carries the id from the moment when it is stored", () => {
    const rig = new Rig().register();
    expect(JSON.parse(rig.store.get("identity")!)).toEqual({ agentId: "m-S0", epoch: 1, hostname: "host" });
  });

  test("is refused to a master that has been succeeded", () => {
    const rig = new Rig().register({ epoch: 5 });
    closed(rig).pass(1_000);
    rig.take().subscribe({ epoch: 4 });
    expect(rig.of("disconnect")).toHaveLength(1);
    expect(rig.agent.state.link.status).toBe("none");
  });

  test("obeys nothing of an older link", () => {
    const rig = new Rig().register();
    const old = rig.agent.state.link.id;
    closed(rig).pass(1_000);
    rig.subscribe().take();
    rig.apply({ type: "link-event", link: old, event: { type: "PING" } });
    expect(rig.effects).toEqual([]);
  });

  test("tells a master that has just accepted it of executors that ended while it was being introduced", () => {
    const executor = { executor_id: { value: "pod" }, type: "DEFAULT" as const, resources: [] };
    const rig = new Rig().register();
    rig.link({
      type: "RUN",
      run: {
        framework_info: FRAMEWORK,
        executor,
        task_group: { tasks: [commandTask("t")] },
        launch_executor: true,
        resource_version: rig.agent.state.resourceVersion,
      },
    });
    rig.settle();
    const container = rig.containerOf("t");
    rig.apply({ type: "link-closed", link: rig.agent.state.link.id, reason: "test" }).pass(5_000);
    expect(rig.of("connect").at(-1)!.subscribe.executors).toHaveLength(1);
    rig.exit(container, 0).take();
    expect(rig.messages("EXECUTOR_EXITED")).toEqual([]);
    rig.subscribe();
    expect(rig.messages("EXECUTOR_EXITED")).toMatchObject([
      { executor_exited: { executor_id: { value: "pod" }, status: 0 } },
    ]);
  });

  test("answers for tasks that the master misses", () => {
    const rig = new Rig().register({ missing_tasks: [{ framework_id: FRAMEWORK.id!, task_id: { value: "lost" } }] });
    expect(rig.statuses()).toMatchObject([
      { task_id: { value: "lost" }, state: "TASK_DROPPED", source: "SOURCE_AGENT" },
    ]);
    rig.acknowledge(rig.statuses()[0]!);
    expect(rig.agent.state.updates.size).toBe(0);
  });

  test("does not answer for a task whose end is under way", () => {
    const rig = new Rig().register().run(commandTask("t"));
    rig.exit(rig.containerOf("t"), 0);
    closed(rig).pass(1_000);
    rig.take().subscribe({ missing_tasks: [{ framework_id: FRAMEWORK.id!, task_id: { value: "t" } }] });
    expect(rig.statuses().map((status) => status.state)).toEqual(["TASK_STARTING"]);
  });

  test("tells a framework's removal by ending its tasks in silence", () => {
    const rig = new Rig().register().run(commandTask("t")).take();
    const id = rig.containerOf("t");
    rig.link({ type: "SHUTDOWN_FRAMEWORK", shutdown_framework: { framework_id: FRAMEWORK.id! } });
    rig.exit(id, 15);
    expect(rig.of("tell")).toEqual([]);
    expect(rig.agent.state.frameworks.size).toBe(0);
    expect([...rig.store.keys()].some((key) => key.startsWith("progress/"))).toBe(false);
  });

  test("can be ended at once after the removal of a framework whose task was running", () => {
    const rig = new Rig().register().run(commandTask("t")).take();
    const id = rig.containerOf("t");
    rig.link({ type: "SHUTDOWN_FRAMEWORK", shutdown_framework: { framework_id: FRAMEWORK.id! } });
    rig.exit(id, 15);
    rig.apply({ type: "end-tasks", reason: "stopped" });
    expect(rig.of("exit")).toEqual([{ type: "exit", reason: "stopped" }]);
  });

  test("ends with SHUTDOWN: all tasks end, the agent forgets who it was, and the process ends", () => {
    const rig = new Rig().register().run(commandTask("t"));
    const id = rig.containerOf("t");
    rig.link({ type: "SHUTDOWN", shutdown: { message: "Agent has been marked gone" } });
    expect(rig.of("exit")).toEqual([]);
    rig.exit(id, 15);
    expect(rig.of("exit")).toEqual([{ type: "exit", reason: "Agent has been marked gone" }]);
    expect(rig.store.has("identity")).toBe(false);
  });

  test("ends with a farewell when the operator unregisters the agent", () => {
    const rig = new Rig().register();
    rig.apply({ type: "unregister" });
    expect(
      rig.effects
        .map((effect) => effect.type)
        .filter((type) => type !== "log")
        .slice(-2),
    ).toEqual(["unsubscribe", "exit"]);
  });
});

describe("a drain", () => {
  test("kills every task with at most its grace, refuses new ones, and ends when the agent is reactivated", () => {
    const rig = new Rig().register().run(commandTask("t", { kill_policy: { grace_period: { nanoseconds: 600e9 } } }));
    rig.link({ type: "DRAIN", drain: { config: { max_grace_period: { nanoseconds: 5e9 } } } });
    rig.run(commandTask("late")).pass(5_000);
    const told = rig.settle();
    expect(told.find((status) => status.task_id.value === "late")).toMatchObject({
      state: "TASK_DROPPED",
      reason: "REASON_AGENT_DRAINING",
    });
    expect(told.findLast((status) => status.task_id.value === "t")).toMatchObject({
      state: "TASK_KILLED",
      reason: "REASON_AGENT_DRAINING",
    });
    rig.link({ type: "REACTIVATE" }).run(commandTask("again"));
    expect(rig.settle().at(-1)).toMatchObject({ state: "TASK_RUNNING" });
  });

  test("that is to end in gone says so of its tasks", () => {
    const rig = new Rig().register().run(commandTask("t"));
    rig.link({ type: "DRAIN", drain: { config: { mark_gone: true } } }).exit(rig.containerOf("t"), 15);
    expect(rig.settle().at(-1)).toMatchObject({ state: "TASK_GONE_BY_OPERATOR", reason: "REASON_AGENT_DRAINING" });
  });
});
