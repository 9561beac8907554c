import { describe, expect, test } from "vitest";
import { commandTask, FRAMEWORK, Rig, scalar } from "./agent.rig.ts";

const states = (statuses: { state: string }[]) => statuses.map((status) => status.state);

describe("a command task", () => {
  test("is recorded before anything is started", () => {
    const rig = new Rig().register();
    rig.autoStart = false;
    rig.run(commandTask("t"));
    expect(JSON.parse(rig.store.get("task/m-0000/t")!)).toMatchObject({ executorId: "t", user: "alice" });
    expect(rig.of("launch")).toHaveLength(1);
  });

  test("starts, runs and finishes, each update after the acknowledgement of the one before", () => {
    const rig = new Rig().register().run(commandTask("t"));
    expect(states(rig.statuses())).toEqual(["TASK_STARTING"]);
    rig.acknowledge(rig.statuses()[0]!);
    expect(states(rig.statuses())).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
    rig.exit(rig.containerOf("t"), 0);
    expect(states(rig.statuses())).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
    expect(states(rig.settle()).at(-1)).toBe("TASK_FINISHED");
    expect(rig.agent.state.frameworks.size).toBe(0);
  });

  test("is told of as Mesos tells it", () => {
    const rig = new Rig().register().run(commandTask("t"));
    expect(rig.statuses()[0]).toEqual({
      task_id: { value: "t" },
      state: "TASK_STARTING",
      source: "SOURCE_EXECUTOR",
      agent_id: { value: "m-S0" },
      executor_id: { value: "t" },
      timestamp: 1000,
      uuid: expect.any(String),
      container_status: {
        container_id: { value: rig.containerOf("t") },
        network_infos: [{ ip_addresses: [{ protocol: "IPv4", ip_address: "127.0.0.1" }] }],
        executor_pid: 100,
      },
    });
  });

  test("carries its latest state while older updates wait", () => {
    const rig = new Rig().register().run(commandTask("t"));
    rig.exit(rig.containerOf("t"), 0).take().pass(10_000);
    expect(rig.messages("UPDATE")[0]!.update).toMatchObject({
      status: { state: "TASK_STARTING" },
      latest_state: "TASK_FINISHED",
    });
  });

  test.each([
    [0, "TASK_FINISHED", "Command exited with status 0"],
    [3 << 8, "TASK_FAILED", "Command exited with status 3"],
    [11, "TASK_FAILED", "Command terminated with signal Segmentation fault"],
    [139, "TASK_FAILED", "Command terminated with signal Segmentation fault (core dumped)"],
  ])("that ends with wait status %i is %s", (waitStatus, state, message) => {
    const rig = new Rig().register().run(commandTask("t"));
    rig.exit(rig.containerOf("t"), waitStatus);
    expect(rig.settle().at(-1)).toMatchObject({ state, message, source: "SOURCE_EXECUTOR" });
  });

  test("whose end nobody saw has failed, and never finished", () => {
    const rig = new Rig().register().run(commandTask("t"));
    rig.exit(rig.containerOf("t"), { waitStatus: "lost", lostBecause: "launcher died" });
    expect(rig.settle().at(-1)).toMatchObject({ state: "TASK_FAILED", message: "exit status lost: launcher died" });
  });

  test("that used too much memory says so, with what it used", () => {
    const rig = new Rig().register().run(commandTask("t"));
    const limitation = {
      reason: "REASON_CONTAINER_LIMITATION_MEMORY" as const,
      message: "Memory limit",
      memoryBytes: 33554432,
    };
    rig.exit(rig.containerOf("t"), { waitStatus: 9, limitation });
    expect(rig.settle().at(-1)).toMatchObject({
      state: "TASK_FAILED",
      reason: "REASON_CONTAINER_LIMITATION_MEMORY",
      limitation: { resources: [{ name: "mem", scalar: { value: 32 } }] },
    });
  });

  test("that cannot be started fails with the cause, and never was starting", () => {
    const rig = new Rig().register();
    rig.failing.set("run t", "no such file");
    rig.run(commandTask("t"));
    const [only, ...more] = rig.settle();
    expect(more).toEqual([]);
    expect(only).toMatchObject({
      state: "TASK_FAILED",
      source: "SOURCE_AGENT",
      reason: "REASON_CONTAINER_LAUNCH_FAILED",
      message: "Failed to launch container: no such file",
    });
  });

  test("that asks for an image is refused by an agent of plain processes", () => {
    const rig = new Rig().register();
    rig.run(commandTask("t", { container: { type: "DOCKER", docker: { image: "busybox" } } }));
    expect(rig.of("launch")).toEqual([]);
    expect(rig.settle()[0]).toMatchObject({ state: "TASK_FAILED", reason: "REASON_CONTAINER_LAUNCH_FAILED" });
  });

  test("whose id leads out of the agent's folder is refused, whatever its master thinks", () => {
    for (const id of ["../../x", "..", "a/b", ""]) {
      const rig = new Rig().register().run(commandTask(id));
      expect(rig.of("launch")).toEqual([]);
      expect(rig.settle()).toMatchObject([{ state: "TASK_ERROR", reason: "REASON_TASK_INVALID" }]);
    }
  });

  test("as root is refused unless the agent allows it", () => {
    const root = { ...FRAMEWORK, user: "root" };
    const rig = new Rig().register().run(commandTask("t"), root);
    expect(rig.settle()[0]).toMatchObject({ state: "TASK_ERROR", reason: "REASON_TASK_UNAUTHORIZED" });
    expect(new Rig({ rootTasks: true }).register().run(commandTask("t"), root).of("launch")).toHaveLength(1);
  });

  test("gets exactly the environment that Mesos gives", () => {
    const rig = new Rig().register();
    rig.run(
      commandTask("t", {
        command: { value: "env", environment: { variables: [{ name: "MY_VAR", value: "my value" }] } },
      }),
    );
    const id = rig.containerOf("t");
    const directory = `/var/lib/agent/slaves/m-S0/frameworks/m-0000/executors/t/runs/${id}`;
    expect(rig.of("launch")[0]!.container).toMatchObject({
      user: "alice",
      workingDirectory: directory,
      stdout: `${directory}/stdout`,
      limits: { cpus: 0.1, memoryBytes: 33554432 },
    });
    expect(rig.of("launch")[0]!.container.environment).toEqual({
      LIBPROCESS_IP: "127.0.0.1",
      LIBPROCESS_PORT: "0",
      MESOS_AGENT_ENDPOINT: "127.0.0.1:5051",
      MESOS_ALLOCATION_ROLE: "test",
      MESOS_CHECKPOINT: "1",
      MESOS_DIRECTORY: directory,
      MESOS_EXECUTOR_ID: "t",
      MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: "5secs",
      MESOS_FRAMEWORK_ID: "m-0000",
      MESOS_HTTP_COMMAND_EXECUTOR: "0",
      MESOS_RECOVERY_TIMEOUT: "15mins",
      MESOS_SANDBOX: directory,
      MESOS_SLAVE_ID: "m-S0",
      MESOS_SLAVE_PID: "slave(1)@127.0.0.1:5051",
      MESOS_SUBSCRIPTION_BACKOFF_MAX: "2secs",
      MY_VAR: "my value",
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      PWD: directory,
    });
  });

  test("finds its volume in its sandbox", () => {
    const volume = {
      name: "disk",
      type: "SCALAR" as const,
      scalar: { value: 16 },
      reservations: [{ type: "DYNAMIC" as const, role: "test/sub" }],
      disk: { persistence: { id: "v" }, volume: { mode: "RW" as const, container_path: "data" } },
    };
    const rig = new Rig().register();
    rig.agent.state.total.push(volume);
    rig.run(
      commandTask("t", { resources: [scalar("cpus", 0.1), { ...volume, allocation_info: { role: "test/sub" } }] }),
    );
    expect(rig.of("launch")[0]!.sandbox!.links).toContainEqual({
      path: `/var/lib/agent/slaves/m-S0/frameworks/m-0000/executors/t/runs/${rig.containerOf("t")}/data`,
      target: "/var/lib/agent/volumes/roles/test sub/v",
      makeTarget: true,
    });
  });

  test("that needs a volume which the agent does not have is dropped", () => {
    const rig = new Rig().register();
    const disk = { ...scalar("disk", 1), reservations: [{ type: "DYNAMIC" as const, role: "test" }] };
    rig.run(commandTask("t", { resources: [disk] }));
    expect(rig.settle()[0]).toMatchObject({ state: "TASK_DROPPED", reason: "REASON_RESOURCES_UNKNOWN" });
  });

  test("sent for resources that have changed since is dropped; TASK_LOST where that state is not known", () => {
    const rig = new Rig().register();
    const plain = { ...FRAMEWORK, id: { value: "m-0001" }, capabilities: [] };
    for (const framework_info of [FRAMEWORK, plain])
      rig.link({
        type: "RUN",
        run: { framework_info, task: commandTask("t"), launch_executor: true, resource_version: "old" },
      });
    expect(rig.statuses()).toMatchObject([
      { state: "TASK_DROPPED", reason: "REASON_INVALID_OFFERS", source: "SOURCE_AGENT" },
      { state: "TASK_LOST", reason: "REASON_INVALID_OFFERS" },
    ]);
  });

  test("sent twice is started once", () => {
    const rig = new Rig().register().run(commandTask("t")).run(commandTask("t"));
    expect(rig.of("launch")).toHaveLength(1);
  });

  test("is killed with SIGTERM to all of it, and with SIGKILL when its grace is over", () => {
    const rig = new Rig().register().run(commandTask("t"));
    rig.link({
      type: "KILL",
      kill: {
        framework_id: FRAMEWORK.id!,
        task_id: { value: "t" },
        kill_policy: { grace_period: { nanoseconds: 2e9 } },
      },
    });
    expect(rig.of("signal")).toMatchObject([{ signal: 15, to: "all" }]);
    rig.pass(1_999);
    expect(rig.of("destroy")).toEqual([]);
    rig.pass(1);
    expect(rig.of("destroy")).toHaveLength(1);
    expect(rig.settle().at(-1)).toMatchObject({
      state: "TASK_KILLED",
      message: "Command terminated with signal Killed",
    });
  });

  test("that is killed says so even when it then exits well", () => {
    const rig = new Rig().register().run(commandTask("t"));
    rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    rig.exit(rig.containerOf("t"), 0);
    expect(rig.settle().at(-1)).toMatchObject({ state: "TASK_KILLED", message: "Command exited with status 0" });
  });

  test("tells TASK_KILLING to a framework that wants to hear it", () => {
    const framework = {
      ...FRAMEWORK,
      capabilities: [...FRAMEWORK.capabilities!, { type: "TASK_KILLING_STATE" as const }],
    };
    const rig = new Rig().register().run(commandTask("t"), framework);
    rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    rig.exit(rig.containerOf("t"), 15);
    expect(states(rig.settle())).toEqual(["TASK_STARTING", "TASK_RUNNING", "TASK_KILLING", "TASK_KILLED"]);
  });

  test("killed while it is being started runs, and ends, killed", () => {
    const rig = new Rig().register();
    rig.autoStart = false;
    rig.run(commandTask("t")).link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    expect(rig.of("signal")).toEqual([]);
    const id = rig.containerOf("t");
    rig.startLaunched(id);
    expect(rig.of("signal")).toHaveLength(1);
    rig.exit(id, 15);
    expect(states(rig.settle())).toEqual(["TASK_STARTING", "TASK_RUNNING", "TASK_KILLED"]);
  });

  test("killed while its files are fetched is never started", () => {
    const rig = new Rig().register();
    rig.run(commandTask("t", { command: { value: "x", uris: [{ value: "http://host/file" }] } }));
    rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    expect(rig.settle()).toMatchObject([{ state: "TASK_KILLED", reason: "REASON_TASK_KILLED_DURING_LAUNCH" }]);
    rig.apply({ type: "fetched", id: rig.of("fetch")[0]?.id ?? "", error: undefined });
    expect(rig.of("launch")).toEqual([]);
  });

  test("that takes too long fails for that reason", () => {
    const rig = new Rig().register();
    rig.run(commandTask("t", { max_completion_time: { nanoseconds: 1e9 } })).pass(1_000);
    expect(rig.of("signal")).toHaveLength(1);
    rig.exit(rig.containerOf("t"), 15);
    expect(rig.settle().at(-1)).toMatchObject({
      state: "TASK_FAILED",
      reason: "REASON_MAX_COMPLETION_TIME_REACHED",
      message: "Command terminated with signal Terminated",
    });
  });

  test("that is unknown is answered for when it is to be killed", () => {
    const rig = new Rig().register().run(commandTask("other"));
    rig.take().link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: "t" } } });
    expect(rig.statuses()).toMatchObject([{ task_id: { value: "t" }, state: "TASK_DROPPED" }]);
  });
});

test("a task whose command has no value starts and fails, and nothing is run", () => {
  const rig = new Rig().register().run(commandTask("t", { command: { shell: true } }));
  expect(rig.of("launch")).toEqual([]);
  expect(states(rig.settle())).toEqual(["TASK_STARTING", "TASK_FAILED"]);
  expect(rig.agent.state.frameworks.size).toBe(0);
});
