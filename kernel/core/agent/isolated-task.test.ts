import type { ContainerInfo, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { describe, expect, test } from "vitest";
import { ABLE, commandTask, FRAMEWORK, imageContainer, Rig, scalar } from "./agent.rig.ts";
import type { AgentConfig } from "./state.ts";

const able = (more: Partial<AgentConfig> = {}) => new Rig({ containers: ABLE, ...more }).register();
const imageTask = (id: string, more: Partial<TaskInfo> = {}, container: Partial<ContainerInfo> = {}) =>
  commandTask(id, { container: imageContainer(container), ...more });
const inNetwork = { network_infos: [{ name: "net", port_mappings: [{ host_port: 31000, container_port: 80 }] }] };
const ports = {
  name: "ports",
  type: "RANGES" as const,
  ranges: { range: [{ begin: 31000, end: 31001 }] },
  allocation_info: { role: "test" },
};
const kill = (rig: Rig, id: string) =>
  rig.link({ type: "KILL", kill: { framework_id: FRAMEWORK.id!, task_id: { value: id } } });
const launched = (rig: Rig) => rig.of("launch").at(-1)!;

describe("a task with an image", () => {
  test("is started in its image, and its variables say what it sees", () => {
    const rig = able().run(imageTask("t"));
    const { container, sandbox } = launched(rig);
    expect(container.isolation).toMatchObject({ image: { name: "debian:12" }, defaultUser: "alice" });
    expect(container.environment).toMatchObject({
      MESOS_SANDBOX: "/mnt/mesos/sandbox",
      MESOS_DIRECTORY: "/mnt/mesos/sandbox",
      LIBPROCESS_IP: "127.0.0.1",
    });
    expect(Object.keys(container.environment)).not.toContain("PATH");
    expect(Object.keys(container.environment)).not.toContain("PWD");
    expect(container.stdout).toBe(`${sandbox!.directory}/stdout`);
    expect(container.limits).toEqual({ cpus: 0.1, memoryBytes: 33554432 });
    expect(rig.settle().map(({ state }) => state)).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
  });

  test("fails with a sentence, and is not left staging, where there are no images", () => {
    const rig = new Rig().register().run(imageTask("t"));
    expect(rig.of("launch")).toEqual([]);
    expect(rig.settle()).toMatchObject([
      {
        state: "TASK_FAILED",
        reason: "REASON_CONTAINER_LAUNCH_FAILED",
        message: expect.stringContaining("install crun or runc and start the agent as root"),
      },
    ]);
  });

  test("whose image cannot be had fails for that reason", () => {
    const rig = able();
    rig.autoStart = false;
    rig.run(imageTask("t"));
    const id = rig.containerOf("t");
    rig.launcher.delete(id);
    const message = "image 'debian:12': the registry does not know it";
    rig.apply({ type: "container", event: { type: "launch_failed", id, cause: "image", message } });
    expect(rig.settle()).toMatchObject([
      {
        state: "TASK_FAILED",
        reason: "REASON_CONTAINER_LAUNCH_FAILED",
        message: `Failed to launch container: ${message}`,
      },
    ]);
  });

  test("may have root as its user, which its driver judges; a plain task may not", () => {
    const root = { ...FRAMEWORK, user: "root" };
    const rig = able().run(imageTask("t"), root);
    expect(launched(rig).container.isolation).toMatchObject({ rootAllowed: false, defaultUser: "root" });
    expect(launched(rig).sandbox!.user).toBe("nobody");
    const set = able().run(commandTask("u", { container: { type: "MESOS", ...inNetwork } }), root);
    expect(set.settle()).toMatchObject([{ state: "TASK_ERROR", reason: "REASON_TASK_UNAUTHORIZED" }]);
  });

  test("whose command names a user of the image has a sandbox of the framework's user until the driver knows better", () => {
    const rig = able().run(imageTask("t", { command: { value: "x", user: "postgres" } }));
    expect(launched(rig).container.user).toBe("postgres");
    expect(launched(rig).sandbox!.user).toBe("alice");
  });

  test("without a command runs what the image says", () => {
    const rig = able().run(imageTask("t", { command: { shell: false, arguments: ["-v"] } }));
    expect(launched(rig).container.command).toEqual({ entrypoint: ["-v"] });
  });

  test("has secrets that are sent with their value among its variables", () => {
    const secret = { type: "VALUE" as const, value: { data: "cMOkw58=" } };
    const variables = [{ name: "TOKEN", type: "SECRET" as const, secret }];
    const rig = able().run(commandTask("t", { command: { value: "x", environment: { variables } } }));
    expect(launched(rig).container.environment["TOKEN"]).toBe("päß");
  });

  test("has a limit of its disk, enforced or told, which its volumes do not count against", () => {
    const resources = [scalar("disk", 10), { ...scalar("disk", 90), disk: { source: { type: "PATH" as const } } }];
    for (const diskQuota of [true, false]) {
      const rig = able({ containers: { ...ABLE, diskQuota } }).run(imageTask("t", { resources }));
      expect(launched(rig).container.limits).toEqual({ diskBytes: 10 * 1024 * 1024 });
    }
  });

  test("that used too much of it says so", () => {
    const rig = able().run(imageTask("t"));
    const limitation = {
      reason: "REASON_CONTAINER_LIMITATION_DISK" as const,
      message: "Disk usage",
      diskBytes: 2 ** 20,
    };
    rig.exit(rig.containerOf("t"), { waitStatus: 9, limitation });
    expect(rig.settle().at(-1)).toMatchObject({
      state: "TASK_FAILED",
      reason: "REASON_CONTAINER_LIMITATION_DISK",
      limitation: { resources: [{ name: "disk", scalar: { value: 1 } }] },
    });
  });
});

describe("a task with a network of its own", () => {
  const task = (id: string, more: Partial<TaskInfo> = {}) =>
    imageTask(id, { resources: [scalar("cpus", 0.1), ports], ...more }, inNetwork);

  test("shows the addresses that it got there, also after the agent came back", () => {
    const rig = able().run(task("t"));
    const network_infos = [
      { ...inNetwork.network_infos[0], ip_addresses: [{ protocol: "IPv4", ip_address: "10.1.0.2" }] },
    ];
    expect(rig.settle().map((status) => status.container_status!.network_infos)).toEqual([
      network_infos,
      network_infos,
    ]);
    rig.crash().register().exit(rig.containerOf("t"), 0);
    expect(rig.settle()).toMatchObject([{ state: "TASK_FINISHED", container_status: { network_infos } }]);
    expect(launched(able().run(task("t"))).container.environment["LIBPROCESS_IP"]).toBe("0.0.0.0");
  });

  test("may map no port of the agent that it was not given", () => {
    const rig = able().run(imageTask("t", {}, inNetwork));
    expect(rig.of("launch")).toEqual([]);
    expect(rig.settle()).toMatchObject([{ state: "TASK_FAILED", message: expect.stringContaining("port 31000") }]);
  });

  test("is probed there: ports in its network, commands inside of it", () => {
    const health_check = { type: "HTTP" as const, http: { port: 80 }, delay_seconds: 0 };
    const check = { type: "COMMAND" as const, command: { command: { value: "look" } }, delay_seconds: 0 };
    const rig = able().run(task("t", { health_check, check }));
    rig.take().pass(0);
    const id = rig.containerOf("t");
    expect(rig.of("probe")).toMatchObject([{ target: { host: "127.0.0.1", port: 80, inside: id } }]);
    const { container } = launched(rig);
    expect(container).toMatchObject({ inside: id, command: { shell: "look" }, workingDirectory: "/mnt/mesos/sandbox" });
    expect([container.isolation, container.group, container.limits]).toEqual([undefined, undefined, undefined]);
  });
});

describe("a task whose container is still being made", () => {
  function pulling(): Rig {
    const rig = able();
    rig.autoStart = false;
    rig.run(imageTask("t"));
    return rig;
  }

  test("is ended at once when it is killed", () => {
    const rig = kill(pulling(), "t");
    expect(rig.of("destroy").map(({ id }) => id)).toEqual([rig.of("launch")[0]!.container.id]);
    expect(rig.settle()).toMatchObject([{ state: "TASK_KILLED", reason: "REASON_TASK_KILLED_DURING_LAUNCH" }]);
  });

  test("is ended again when the end of it was not heard of", () => {
    const rig = pulling();
    rig.launcher.clear();
    kill(rig, "t").take().pass(30_000);
    expect(rig.of("destroy")).toHaveLength(1);
  });

  test("is made again by an agent that died over it, and by no other", () => {
    const rig = pulling();
    const { container } = launched(rig);
    rig.launcher.clear();
    rig.crash().register();
    expect(rig.of("launch").map((effect) => effect.container)).toEqual([container]);
    rig.startLaunched(rig.containerOf("t"));
    expect(rig.settle().map(({ state }) => state)).toEqual(["TASK_STARTING", "TASK_RUNNING"]);
  });

  test("is not made again when it was being killed, nor when the machine was restarted", () => {
    const killed = pulling();
    killed.launcher.clear();
    kill(killed, "t");
    expect(killed.crash().register().of("launch")).toEqual([]);
    expect(killed.settle()).toMatchObject([{ state: "TASK_KILLED" }]);
    const rebooted = pulling();
    rebooted.launcher.clear();
    rebooted.bootId = "boot-2";
    expect(rebooted.crash().register().of("launch")).toEqual([]);
    expect(rebooted.settle()).toMatchObject([{ state: "TASK_DROPPED" }]);
  });
});

describe("an executor with an image", () => {
  const executor = {
    executor_id: { value: "e" },
    framework_id: FRAMEWORK.id!,
    command: { value: "serve" },
    container: imageContainer(),
    resources: [scalar("cpus", 0.1), scalar("mem", 32)],
  };
  const task = () => {
    const { command: _, ...rest } = commandTask("t");
    return { ...rest, executor };
  };

  test("is started in it, and has its time to register once it runs", () => {
    const rig = able();
    rig.autoStart = false;
    rig.run(task());
    const id = launched(rig).container.id;
    expect(launched(rig).container).toMatchObject({ isolation: { image: { name: "debian:12" } } });
    rig.pass(120_000);
    expect(rig.of("destroy")).toEqual([]);
    rig.startLaunched(id).pass(60_000);
    expect(rig.of("destroy")).toMatchObject([{ id }]);
  });

  test("is made again when the agent died while it was being made", () => {
    const rig = able();
    rig.autoStart = false;
    rig.run(task());
    rig.launcher.clear();
    rig.crash().register();
    expect(rig.of("launch")).toHaveLength(1);
    expect(rig.settle()).toEqual([]);
  });
});

test("checks go on after a restart: what was told of a task's health is not told again", () => {
  const health_check = { type: "TCP" as const, tcp: { port: 80 }, delay_seconds: 0 };
  const rig = able().run(commandTask("t", { health_check })).pass(0);
  const answer = (kind: "reached" | "timeout") =>
    rig.apply({ type: "probed", probe: rig.of("probe").at(-1)!.probe, result: { kind } });
  answer("reached");
  expect(rig.settle().at(-1)).toMatchObject({ healthy: true });
  rig.crash().register().pass(0);
  answer("reached");
  expect(rig.settle()).toEqual([]);
  rig.pass(10_000);
  answer("timeout");
  expect(rig.settle()).toMatchObject([{ state: "TASK_RUNNING", healthy: false }]);
});
