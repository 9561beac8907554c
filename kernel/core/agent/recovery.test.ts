import type { TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { describe, expect, test } from "vitest";
import { ABLE, commandTask, FRAMEWORK, imageContainer, Rig, scalar } from "./agent.rig.ts";
import { startProblem } from "./load.ts";
import type { AgentConfig } from "./state.ts";

const states = (rig: Rig) => rig.settle().map((status) => `${status.task_id.value} ${status.state}`);

/** The core was built anew within a life of the agent, whose driver was told to start this and has not answered. */
function waiting(task: TaskInfo, config: Partial<AgentConfig> = {}): Rig {
  const rig = new Rig(config).register();
  rig.autoStart = false;
  rig.run(task);
  for (const [id, known] of rig.launcher) rig.launcher.set(id, { ...known, starting: true });
  return rig.crash().register();
}

/** The group of `a` and `b` was launched, and neither has started. */
function launchingPair(): Rig {
  const rig = new Rig().register();
  rig.autoStart = false;
  return rig.link({
    type: "RUN",
    run: {
      framework_info: FRAMEWORK,
      executor: { type: "DEFAULT", executor_id: { value: "pod" }, resources: [scalar("cpus", 0.1)] },
      task_group: { tasks: [commandTask("a"), commandTask("b")] },
      launch_executor: true,
      resource_version: rig.agent.state.resourceVersion,
    },
  });
}

describe("an agent that comes back", () => {
  test("keeps its id, and tells the master all that runs", () => {
    const rig = new Rig().register().run(commandTask("t"));
    states(rig);
    rig.crash().apply({ type: "start", containers: [...rig.launcher.values()] });
    const [connect] = rig.of("connect");
    expect(connect).toMatchObject({ agentId: "m-S0", epoch: 1 });
    expect(connect!.subscribe.tasks).toMatchObject([{ task_id: { value: "t" }, state: "TASK_RUNNING" }]);
    expect(connect!.subscribe.frameworks).toEqual([FRAMEWORK]);
  });

  test("under another hostname is told so, because the master would end it and its tasks", () => {
    const rig = new Rig().register();
    expect(startProblem(rig.crash().agent.state)).toBeUndefined();
    Object.assign(rig.config, { hostname: "other" });
    expect(startProblem(rig.crash().agent.state)).toContain("known as 'host', not 'other'");
  });

  test("finds its tasks running, and starts nothing again", () => {
    const rig = new Rig().register().run(commandTask("t"));
    states(rig);
    rig.crash().register();
    expect(rig.of("launch")).toEqual([]);
    expect(states(rig)).toEqual([]);
    rig.exit(rig.containerOf("t"), 0);
    expect(states(rig)).toEqual(["t TASK_FINISHED"]);
  });

  test("tells how those ended that ended meanwhile", () => {
    const rig = new Rig().register().run(commandTask("t"));
    states(rig);
    const id = rig.containerOf("t");
    rig.launcher.set(id, { ...rig.launcher.get(id)!, exit: { waitStatus: 7 << 8 } });
    rig.crash().register();
    expect(rig.settle()).toMatchObject([{ state: "TASK_FAILED", message: "Command exited with status 7" }]);
    expect(rig.launcher.size).toBe(0);
  });

  test("kills no later, and ends nothing later, because its clock was set back meanwhile", () => {
    const limited = commandTask("limited", { max_completion_time: { nanoseconds: 60e9 } });
    const rig = new Rig().register().run(commandTask("t")).run(limited);
    states(rig);
    rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    rig.nowMs -= 3_600_000;
    rig.crash().register().pass(3_000);
    expect(rig.of("destroy")).toHaveLength(1);
    rig.pass(60_000);
    expect(rig.of("signal")).toMatchObject([{ signal: 15 }]);
  });

  test("never starts what it meant to start when it died: the task is dropped", () => {
    const rig = new Rig().register();
    rig.autoStart = false;
    rig.run(commandTask("t"));
    rig.launcher.clear();
    rig.crash().register();
    expect(rig.of("launch")).toEqual([]);
    expect(rig.settle()).toMatchObject([{ state: "TASK_DROPPED", reason: "REASON_AGENT_RESTARTED" }]);
  });

  test("fetches again what it was fetching when it died, and then starts the task", () => {
    const uris = [{ value: "http://host/file" }];
    const rig = new Rig().register().run(commandTask("t", { command: { value: "x", uris } }));
    const id = rig.of("fetch")[0]!.id;
    rig.crash().register();
    expect(rig.of("fetch")).toMatchObject([{ id, uris }]);
    rig.apply({ type: "fetched", id, error: undefined });
    expect(rig.of("launch")).toHaveLength(1);
    expect(states(rig)).toEqual(["t TASK_STARTING", "t TASK_RUNNING"]);
  });

  test("never starts what had its files already: nobody knows how far it had come", () => {
    const command = { value: "x", uris: [{ value: "http://host/file" }] };
    const rig = new Rig().register().run(commandTask("t", { command }));
    rig.autoStart = false;
    rig.apply({ type: "fetched", id: rig.of("fetch")[0]!.id, error: undefined });
    rig.launcher.clear();
    rig.crash().register();
    expect([...rig.of("fetch"), ...rig.of("launch")]).toEqual([]);
    expect(states(rig)).toEqual(["t TASK_DROPPED"]);
  });

  test("after a reboot fetches nothing again", () => {
    const command = { value: "x", uris: [{ value: "http://host/file" }] };
    const rig = new Rig().register().run(commandTask("t", { command }));
    rig.bootId = "boot-2";
    rig.crash().register();
    expect(rig.of("fetch")).toEqual([]);
    expect(states(rig)).toEqual(["t TASK_DROPPED"]);
  });

  test("hears of a task that was started while it died, as of any other", () => {
    const rig = new Rig().register();
    rig.autoStart = false;
    rig.run(commandTask("t"));
    rig.crash().register();
    expect(states(rig)).toEqual(["t TASK_STARTING", "t TASK_RUNNING"]);
  });

  test("waits for what its launcher was told in this life, because the store failed meanwhile: it is not dropped, and runs", () => {
    const rig = waiting(commandTask("t"));
    expect([...rig.of("launch"), ...rig.of("destroy")]).toEqual([]);
    expect(states(rig)).toEqual([]);
    rig.startLaunched(rig.containerOf("t"));
    expect(states(rig)).toEqual(["t TASK_STARTING", "t TASK_RUNNING"]);
  });

  test("tells of such a launch that it failed, when it does", () => {
    const rig = waiting(commandTask("t"));
    const id = rig.containerOf("t");
    rig.apply({ type: "container", event: { type: "launch_failed", id, cause: "command", message: "no such file" } });
    expect(states(rig)).toEqual(["t TASK_FAILED"]);
  });

  test("kills such a task as soon as it runs", () => {
    const rig = waiting(commandTask("t"));
    rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    rig.startLaunched(rig.containerOf("t"));
    expect(rig.of("signal")).toMatchObject([{ signal: 15 }]);
  });

  test("still aborts, when it is killed, what such a launch is making", () => {
    const rig = waiting(commandTask("t", { container: imageContainer() }), { containers: ABLE });
    const [id, known] = [...rig.launcher][0]!;
    // Whoever makes it does not hear of it.
    rig.launcher.clear();
    rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    expect(rig.of("destroy")).toMatchObject([{ id }]);
    rig.launcher.set(id, known);
    rig.crash().register();
    expect(rig.of("destroy")).toMatchObject([{ id }]);
    expect(states(rig)).toEqual(["t TASK_KILLED"]);
  });

  test("waits for an executor in the same way, and no longer than executors may take", () => {
    const executor = { executor_id: { value: "e" }, command: { value: "x" }, type: "CUSTOM" as const };
    const rig = waiting(commandTask("t", { executor, command: undefined }));
    expect(rig.of("destroy")).toEqual([]);
    rig.pass(rig.config.executorRegistrationTimeoutMs);
    expect(rig.of("destroy")).toHaveLength(1);
  });

  test("knows nothing of a task's end when the launcher does not: it failed", () => {
    const rig = new Rig().register().run(commandTask("t"));
    states(rig);
    rig.launcher.clear();
    rig.crash().register();
    expect(rig.settle()).toMatchObject([{ state: "TASK_FAILED", message: "exit status lost: launcher died" }]);
  });

  test("after a reboot reports all as gone, and signals no pid of the time before", () => {
    const rig = new Rig().register().run(commandTask("t"));
    rig.run(commandTask("u"), { ...FRAMEWORK, id: { value: "m-0001" }, capabilities: [] });
    for (let i = 0; i < 3; i++)
      for (const status of rig.statuses()) rig.acknowledge(status).acknowledge(status, "m-0001");
    rig.bootId = "boot-2";
    rig.crash().take().register();
    expect(
      rig
        .statuses()
        .map((status) => status.state)
        .sort(),
    ).toEqual(["TASK_GONE", "TASK_LOST"]);
    expect([...rig.of("signal"), ...rig.of("destroy")].filter((effect) => rig.launcher.has(effect.id))).toEqual([]);
  });

  test("goes on killing what it was killing", () => {
    const rig = new Rig().register().run(commandTask("t"));
    states(rig);
    rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    rig.crash().register().pass(3_000);
    expect(rig.settle()).toMatchObject([{ state: "TASK_KILLED", message: "Command terminated with signal Killed" }]);
  });

  test("ends the tasks of frameworks without checkpoint", () => {
    const rig = new Rig().register().run(commandTask("t"), { ...FRAMEWORK, checkpoint: false });
    const id = rig.containerOf("t");
    rig.crash().register();
    expect(rig.of("destroy").map((effect) => effect.id)).toContain(id);
    expect(rig.of("connect")[0]!.subscribe.tasks).toEqual([]);
  });

  test("ends containers that nobody knows", () => {
    const rig = new Rig().register();
    rig.launcher.set("stray", { id: "stray", pid: 9, startTimeTicks: 1, spec: undefined as never });
    rig.crash().register();
    expect(rig.launcher.has("stray")).toBe(false);
  });

  test("tells the whole group when it finds one member unstarted", () => {
    const rig = launchingPair();
    states(rig);
    rig.launcher.delete(rig.containerOf("b"));
    rig.crash().register();
    rig.exit(rig.containerOf("a"), 15);
    expect(states(rig).sort()).toEqual(["a TASK_KILLED", "b TASK_FAILED"]);
  });

  test("ends a member that was to go with its group before all of it ran", () => {
    const rig = launchingPair();
    rig.startLaunched(rig.containerOf("a"));
    rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "b" } } });
    rig.startLaunched(rig.containerOf("b"));
    rig.exit(rig.containerOf("b"), 15);
    states(rig);
    rig.crash().register().pass(3_000);
    expect(states(rig)).toEqual(["a TASK_KILLED"]);
  });

  test("goes on with a drain", () => {
    const rig = new Rig().register().run(commandTask("t"));
    states(rig);
    rig.link({ type: "DRAIN", drain: { config: { mark_gone: false } } });
    rig.crash().register().pass(3_000);
    expect(rig.settle()).toMatchObject([{ state: "TASK_KILLED", reason: "REASON_AGENT_DRAINING" }]);
  });

  test("has forgotten nothing of what ended, up to the bound", () => {
    const rig = new Rig({ maxCompletedExecutors: 2 }).register();
    for (const id of ["a", "b", "c"]) rig.run(commandTask(id)).exit(rig.containerOf(id), 0).settle();
    rig.crash();
    const executors = rig.agent.state.completedFrameworks.get("m-0000")!.executors;
    expect(executors.map((executor) => executor.tasks[0]!.task_id.value)).toEqual(["b", "c"]);
  });
});
