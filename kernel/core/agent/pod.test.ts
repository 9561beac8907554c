import type { ContainerInfo, ExecutorInfo, Resource, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { describe, expect, test } from "vitest";
import { ABLE, commandTask, FRAMEWORK, imageContainer, Rig, scalar } from "./agent.rig.ts";

const VOLUME: Resource = {
  name: "disk",
  type: "SCALAR",
  scalar: { value: 16 },
  reservations: [{ type: "DYNAMIC", role: "test" }],
  disk: { persistence: { id: "v" }, volume: { mode: "RW", container_path: "db" } },
};
const PORTS: Resource = {
  name: "ports",
  type: "RANGES",
  ranges: { range: [{ begin: 31000, end: 31000 }] },
  allocation_info: { role: "test" },
};

function launch(
  tasks: TaskInfo[],
  executor: Partial<ExecutorInfo> = {},
  rig = new Rig({ containers: ABLE }).register(),
) {
  const info: ExecutorInfo = {
    type: "DEFAULT",
    executor_id: { value: "pod" },
    framework_id: FRAMEWORK.id!,
    resources: [scalar("cpus", 0.1), scalar("mem", 32)],
    ...executor,
  };
  return rig.link({
    type: "RUN",
    run: {
      framework_info: FRAMEWORK,
      executor: info,
      task_group: { tasks },
      launch_executor: true,
      resource_version: rig.agent.state.resourceVersion,
    },
  });
}

const shared = (path: string, type: "PARENT" | "SELF" = "PARENT"): ContainerInfo =>
  imageContainer({
    volumes: [{ mode: "RW", container_path: "/data", source: { type: "SANDBOX_PATH", sandbox_path: { type, path } } }],
  });
const joined = (ports: object[] = []): ContainerInfo => ({
  type: "MESOS",
  network_infos: [{ name: "net", port_mappings: ports as never }],
});
const specs = (rig: Rig) => rig.of("launch").map(({ container }) => container);
const podOf = (rig: Rig) => [...rig.agent.state.executors.values()][0]!;

describe("a pod", () => {
  test("gives each of its tasks an image and a user of its own, and limits to share", () => {
    const rig = launch([
      commandTask("web", { container: imageContainer(), command: { value: "serve", user: "web" } }),
      commandTask("plain"),
    ]);
    const [web, plain] = specs(rig);
    expect(web).toMatchObject({ user: "web", isolation: { image: { name: "debian:12" } } });
    expect(plain!.isolation).toBeUndefined();
    expect([web!.group, plain!.group]).toEqual([podOf(rig).containerId, podOf(rig).containerId]);
  });

  test("gives a task limits of its own that shares no cgroups", () => {
    const container = imageContainer({ linux_info: { share_cgroups: false } });
    const [own] = specs(launch([commandTask("a", { container, limits: { cpus: { value: 2 } } })]));
    expect([own!.group, own!.limits]).toEqual([undefined, { cpus: 0.1, cpusLimit: 2, memoryBytes: 33554432 }]);
  });

  test("has one network for all of its tasks when its executor names one, plain ones too", () => {
    const rig = launch([commandTask("a", { container: imageContainer() }), commandTask("b")], {
      container: joined([{ host_port: 31000, container_port: 80 }]),
      resources: [scalar("cpus", 0.1), PORTS],
    });
    const group = podOf(rig).containerId;
    const network = {
      kind: "own",
      group,
      hostname: group,
      networks: [{ name: "net", portMappings: [{ hostPort: 31000 }] }],
    };
    expect(specs(rig)).toMatchObject([{ isolation: { network } }, { isolation: { network } }]);
    expect(specs(rig)[1]!.isolation!.image).toBeUndefined();
    expect(specs(rig)[1]!.environment).not.toHaveProperty("MESOS_CONTAINER_IP");
    const infos = rig
      .settle()
      .flatMap(({ state, container_status }) => (state === "TASK_RUNNING" ? container_status!.network_infos : []));
    expect(infos.map((info) => info!.ip_addresses)).toEqual(
      Array(2).fill([{ protocol: "IPv4", ip_address: "10.1.0.2" }]),
    );
  });

  test("leaves a task with a network of its own to itself", () => {
    const rig = launch([commandTask("a", { container: { ...imageContainer(), ...joined() } }), commandTask("b")], {
      container: joined(),
    });
    const groups = specs(rig).map(({ isolation }) => (isolation!.network as { group: string }).group);
    expect(groups).toEqual([rig.containerOf("a"), podOf(rig).containerId]);
  });

  test("shares process ids where it has a network of its own to share", () => {
    const container = imageContainer({ linux_info: { share_pid_namespace: true } });
    const [spec] = specs(launch([commandTask("a", { container })], { container: joined() }));
    expect(spec!.isolation!.pidNamespace).toBe("group");
    const refused = launch([commandTask("a", { container })]);
    expect(refused.settle().at(-1)).toMatchObject({ message: expect.stringContaining("network of its own") });
  });

  test("shares folders of its sandbox among its tasks", () => {
    const rig = launch([
      commandTask("a", { container: shared("common") }),
      commandTask("b", { container: shared("common") }),
    ]);
    const host = `${podOf(rig).directory}/common`;
    for (const { isolation } of specs(rig))
      expect(isolation!.mounts).toEqual([{ kind: "path", inside: "/data", readOnly: false, host, make: "directory" }]);
  });

  test("has the volume of its executor, which its tasks reach by that folder, with images and without", () => {
    const rig = new Rig({ containers: ABLE }).register();
    rig.agent.state.total.push(VOLUME);
    const plain: ContainerInfo = { type: "MESOS", volumes: [{ ...shared("db").volumes![0]!, container_path: "data" }] };
    const held = { ...VOLUME, allocation_info: { role: "test" } };
    launch(
      [commandTask("a", { container: shared("db") }), commandTask("b", { container: plain })],
      { resources: [scalar("cpus", 0.1), held] },
      rig,
    );
    const folder = "/var/lib/agent/volumes/roles/test/v";
    const [a, b] = rig.of("launch");
    expect(a!.container.isolation!.mounts).toMatchObject([{ host: folder }]);
    expect(a!.sandbox!.links).toContainEqual({ path: `${podOf(rig).directory}/db`, target: folder, makeTarget: true });
    expect(b!.sandbox!.links).toContainEqual({
      path: `${b!.sandbox!.directory}/data`,
      target: folder,
      makeTarget: true,
    });
  });

  test("of which one image cannot be had fails whole, with the reason", () => {
    const rig = new Rig({ containers: ABLE }).register();
    rig.autoStart = false;
    launch(
      [commandTask("a", { container: imageContainer() }), commandTask("b", { container: imageContainer() })],
      {},
      rig,
    );
    const [a, b] = [rig.containerOf("a"), rig.containerOf("b")];
    rig.launcher.delete(a);
    rig.apply({ type: "container", event: { type: "launch_failed", id: a, cause: "image", message: "no such image" } });
    expect(rig.of("destroy")).toEqual([{ type: "destroy", id: b }]);
    const last = rig.settle().filter(({ state }) => state !== "TASK_STARTING");
    expect(last).toMatchObject([
      { state: "TASK_FAILED", message: "Failed to launch container: no such image" },
      { state: "TASK_KILLED", reason: "REASON_TASK_KILLED_DURING_LAUNCH" },
    ]);
  });

  test("of which one container was still being made when the agent died goes on to be made", () => {
    const rig = new Rig({ containers: ABLE }).register();
    rig.autoStart = false;
    launch([commandTask("a"), commandTask("b", { container: imageContainer() })], {}, rig);
    rig.startLaunched(rig.containerOf("a")).settle();
    rig.launcher.delete(rig.containerOf("b"));
    rig.crash().register();
    expect(specs(rig).map(({ id }) => id)).toEqual([rig.containerOf("b")]);
    rig.startLaunched(rig.containerOf("b"));
    expect(rig.settle().map(({ state }) => state)).toEqual(["TASK_RUNNING", "TASK_RUNNING"]);
  });
});

test("a shared persistent volume is seen by several tasks at once", () => {
  const rig = new Rig({ containers: ABLE }).register();
  const free = { ...VOLUME, shared: {} };
  rig.agent.state.total.push(free);
  const resources = [scalar("cpus", 0.1), { ...free, allocation_info: { role: "test" } }];
  rig.run(commandTask("a", { resources, container: imageContainer() })).run(commandTask("b", { resources }));
  expect(rig.of("launch").map(({ container }) => container.isolation?.mounts.length ?? 0)).toEqual([1, 0]);
  expect(rig.of("launch")[1]!.sandbox!.links.at(-1)!.target).toBe("/var/lib/agent/volumes/roles/test/v");
});
