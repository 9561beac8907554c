import type { TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { describe, expect, test } from "vitest";
import { commandTask, FRAMEWORK, Rig, scalar } from "./agent.rig.ts";

const EXECUTOR = {
  type: "DEFAULT" as const,
  executor_id: { value: "pod" },
  framework_id: FRAMEWORK.id!,
  resources: [scalar("cpus", 0.1), scalar("mem", 32)],
};

function launch(rig: Rig, ...tasks: TaskInfo[]): Rig {
  const { resourceVersion } = rig.agent.state;
  const launch_executor = !rig.agent.state.frameworks.get("m-0000")?.executors.has("pod");
  return rig.link({
    type: "RUN",
    run: {
      framework_info: FRAMEWORK,
      executor: EXECUTOR,
      task_group: { tasks },
      launch_executor,
      resource_version: resourceVersion,
    },
  });
}

const kill = (rig: Rig, id: string) =>
  rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: id } } });

/** "a:TASK_RUNNING b:TASK_RUNNING", without the order between tasks. */
function story(rig: Rig): Record<string, string[]> {
  const told: Record<string, string[]> = {};
  for (const { task_id, state } of rig.settle()) (told[task_id.value] ??= []).push(state);
  return told;
}

describe("a task group", () => {
  test("starts whole: its tasks are running when all of them run", () => {
    const rig = new Rig().register();
    rig.autoStart = false;
    launch(rig, commandTask("a"), commandTask("b"));
    expect(story(rig)).toEqual({ a: ["TASK_STARTING"], b: ["TASK_STARTING"] });
    rig.startLaunched(rig.containerOf("a"));
    expect(story(rig)).toEqual({});
    rig.startLaunched(rig.containerOf("b"));
    expect(story(rig)).toEqual({ a: ["TASK_RUNNING"], b: ["TASK_RUNNING"] });
  });

  test("shows its containers below the executor's, with pid and address only while they run", () => {
    const rig = launch(new Rig().register(), commandTask("a"));
    const parent = { value: [...rig.agent.state.executors.keys()][0]! };
    const container_id = { value: rig.containerOf("a"), parent };
    rig.exit(rig.containerOf("a"), 0);
    expect(rig.settle().map((status) => status.container_status)).toEqual([
      { container_id },
      {
        container_id,
        network_infos: [{ ip_addresses: [{ protocol: "IPv4", ip_address: "127.0.0.1" }] }],
        executor_pid: 100,
      },
      { container_id },
    ]);
  });

  test("shares the limits of its executor and all its tasks", () => {
    const rig = launch(new Rig().register(), commandTask("a"), commandTask("b"));
    const [executorId] = [...rig.agent.state.executors.keys()];
    expect(rig.of("limit")[0]).toEqual({
      type: "limit",
      id: executorId,
      limits: { cpus: 0.3, memoryBytes: 96 * 1024 * 1024 },
    });
    for (const { container } of rig.of("launch")) expect(container).toMatchObject({ group: executorId });
    rig.take().exit(rig.containerOf("a"), 0);
    expect(rig.of("limit").at(-1)!.limits).toEqual({ cpus: 0.2, memoryBytes: 64 * 1024 * 1024 });
  });

  test("ends whole when one task fails: the others are killed", () => {
    const rig = launch(new Rig().register(), commandTask("a"), commandTask("b"));
    rig.exit(rig.containerOf("a"), 1 << 8);
    expect(rig.of("signal")).toMatchObject([{ id: rig.containerOf("b"), signal: 15, to: "leader" }]);
    rig.exit(rig.containerOf("b"), 15);
    expect(story(rig)).toEqual({
      a: ["TASK_STARTING", "TASK_RUNNING", "TASK_FAILED"],
      b: ["TASK_STARTING", "TASK_RUNNING", "TASK_KILLED"],
    });
  });

  test("goes on when one task finishes", () => {
    const rig = launch(new Rig().register(), commandTask("a"), commandTask("b"));
    rig.exit(rig.containerOf("a"), 0);
    expect(rig.of("signal")).toEqual([]);
    expect(story(rig)).toMatchObject({ a: ["TASK_STARTING", "TASK_RUNNING", "TASK_FINISHED"] });
  });

  test("is killed whole when one of its tasks is, the others with the usual grace", () => {
    const rig = launch(
      new Rig().register(),
      commandTask("a", { kill_policy: { grace_period: { nanoseconds: 60e9 } } }),
      commandTask("b"),
    );
    kill(rig, "a").exit(rig.containerOf("a"), 15);
    rig.pass(3_000);
    const told = story(rig);
    expect([told["a"]!.at(-1), told["b"]!.at(-1)]).toEqual(["TASK_KILLED", "TASK_KILLED"]);
  });

  test("of which one task cannot be started never runs", () => {
    const rig = new Rig().register();
    rig.failing.set("run b", "no such file");
    launch(rig, commandTask("a"), commandTask("b"));
    rig.exit(rig.containerOf("a"), 15);
    expect(story(rig)).toEqual({ a: ["TASK_STARTING", "TASK_KILLED"], b: ["TASK_STARTING", "TASK_FAILED"] });
  });

  test("of which one task asks for what cannot be had is not started at all", () => {
    const rig = launch(new Rig().register(), commandTask("a"), commandTask("b", { container: { type: "DOCKER" } }));
    expect(rig.of("launch")).toEqual([]);
    expect(Object.values(story(rig)).flat().sort()).toEqual(["TASK_FAILED", "TASK_KILLED"]);
  });

  test("whose first task ends before the last is started tells its end after it ran", () => {
    const rig = new Rig().register();
    rig.autoStart = false;
    launch(rig, commandTask("a"), commandTask("b"));
    rig.startLaunched(rig.containerOf("a")).exit(rig.containerOf("a"), 0);
    rig.startLaunched(rig.containerOf("b"));
    expect(story(rig)).toEqual({
      a: ["TASK_STARTING", "TASK_RUNNING", "TASK_FINISHED"],
      b: ["TASK_STARTING", "TASK_RUNNING"],
    });
  });

  test("of which one task has ended before the last is started is over at once when its framework goes", () => {
    const rig = new Rig().register();
    rig.autoStart = false;
    launch(rig, commandTask("a"), commandTask("b"));
    rig.startLaunched(rig.containerOf("a")).exit(rig.containerOf("a"), 0);
    rig.link({ type: "SHUTDOWN_FRAMEWORK", shutdown_framework: { framework_id: FRAMEWORK.id! } });
    const left = [...rig.agent.state.runs.values()].map(({ task }) => task.info.task_id.value);
    expect(left).toEqual(["b"]);
  });

  test("of which one task has ended before the last is started is killed whole without waiting for it", () => {
    const rig = new Rig().register();
    rig.autoStart = false;
    launch(rig, commandTask("a"), commandTask("b"));
    rig.startLaunched(rig.containerOf("a")).exit(rig.containerOf("a"), 0);
    kill(rig, "a");
    rig.startLaunched(rig.containerOf("b")).exit(rig.containerOf("b"), 15);
    expect(story(rig)).toEqual({ a: ["TASK_STARTING", "TASK_KILLED"], b: ["TASK_STARTING", "TASK_KILLED"] });
  });

  test("whose first task has ended when the agent dies tells its true end when the rest of it runs", () => {
    const rig = new Rig().register();
    rig.autoStart = false;
    launch(rig, commandTask("a"), commandTask("b"));
    rig.startLaunched(rig.containerOf("a")).exit(rig.containerOf("a"), 0);
    rig.crash().register();
    expect(story(rig)).toMatchObject({ a: ["TASK_STARTING", "TASK_RUNNING", "TASK_FINISHED"] });
  });

  test("of which one task is killed while files are fetched is not started at all", () => {
    const fetching = { value: "x", uris: [{ value: "http://host/file" }] };
    const rig = launch(
      new Rig().register(),
      commandTask("a", { command: fetching }),
      commandTask("b", { command: fetching }),
    );
    const ids = rig.of("fetch").map((effect) => effect.id);
    kill(rig, "a");
    expect(rig.of("stop-fetch").map((effect) => effect.id)).toEqual(ids);
    for (const id of ids) rig.apply({ type: "fetched", id, error: undefined });
    expect(rig.of("launch")).toEqual([]);
    expect(story(rig)).toEqual({ a: ["TASK_STARTING", "TASK_KILLED"], b: ["TASK_STARTING", "TASK_KILLED"] });
  });

  test("shares its executor with another group, and neither takes the other along", () => {
    const rig = launch(launch(new Rig().register(), commandTask("a")), commandTask("b"));
    rig.exit(rig.containerOf("a"), 1 << 8);
    expect(rig.of("signal")).toEqual([]);
    expect(story(rig)).toMatchObject({ b: ["TASK_STARTING", "TASK_RUNNING"] });
    expect(rig.messages("EXECUTOR_EXITED")).toEqual([]);
    rig.take().exit(rig.containerOf("b"), 0);
    expect(rig.messages("EXECUTOR_EXITED")).toMatchObject([
      { executor_exited: { executor_id: { value: "pod" }, status: 0 } },
    ]);
  });

  test("ends with its executor when that is shut down", () => {
    const rig = launch(new Rig().register(), commandTask("a"));
    rig.link({
      type: "SHUTDOWN_EXECUTOR",
      shutdown_executor: { framework_id: FRAMEWORK.id!, executor_id: { value: "pod" } },
    });
    rig.exit(rig.containerOf("a"), 15);
    expect(story(rig)).toEqual({ a: ["TASK_STARTING", "TASK_RUNNING", "TASK_KILLED"] });
  });

  test("for an executor that has ended is dropped, and never starts a new one", () => {
    const rig = launch(new Rig().register(), commandTask("a"));
    rig.exit(rig.containerOf("a"), 0).settle();
    rig.link({
      type: "RUN",
      run: {
        framework_info: FRAMEWORK,
        executor: EXECUTOR,
        task_group: { tasks: [commandTask("b")] },
        launch_executor: false,
        resource_version: rig.agent.state.resourceVersion,
      },
    });
    expect(story(rig)).toEqual({ b: ["TASK_DROPPED"] });
  });
});
