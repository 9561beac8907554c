import type { App } from "@meseta/api/marathon/app.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import type { Environment, Resource, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { readResources } from "@meseta/api/mesos/resources/read.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { stockOf } from "@meseta/sdk/core/offer/pool.ts";
import { describe, expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "./definition/settings.ts";
import { Tallies } from "./place/tally.ts";
import { type Place, place } from "./place.ts";
import { anApp, aPod } from "./plan/specs.rig.ts";
import { launchOf } from "./task.ts";
import { wishOf } from "./wish.ts";

const OFFER = {
  id: { value: "o" },
  framework_id: { value: "f" },
  agent_id: { value: "a1" },
  hostname: "h1",
  resources: readResources("cpus:8;mem:4096;disk:1000;ports:[31000-31000]") as Resource[],
};

const CONTEXT = {
  offer: OFFER,
  frameworkId: "f",
  instanceId: "shop_web.instance-u1",
  incarnation: 2,
  environmentPrefix: "",
  bridgeName: "mesos-bridge",
  enforcesRole: false,
};

function launched(spec: App | Pod, more: Partial<typeof CONTEXT> = {}) {
  const seeker = { wish: wishOf(spec, DEFAULT_SETTINGS), placed: new Tallies([]) };
  const match = place(seeker, stockOf(OFFER), { gpus: "unrestricted" }, createRandom(1), 0);
  return launchOf(spec, match as Place, { ...CONTEXT, ...more }, createRandom(1));
}

const taskOfApp = (more: Partial<App> = {}, context = {}): TaskInfo =>
  launched(anApp("/shop/web", more), context).operation.launch!.task_infos![0]!;

const valuesOf = (environment: Environment | undefined) =>
  Object.fromEntries((environment?.variables ?? []).map(({ name, value }) => [name, value]));

const bridge = { networks: [{ mode: "container/bridge", labels: {} }], portDefinitions: [] } as const;
const mapping = {
  containerPort: 80,
  hostPort: 0,
  servicePort: 10_001,
  protocol: "tcp",
  name: "http",
  labels: {},
  networkNames: [],
} as const;
const inContainer = (mappings: object[], type: "DOCKER" | "MESOS" = "MESOS"): Partial<App> => ({
  ...bridge,
  container: {
    type,
    docker: { image: "nginx", forcePullImage: true, privileged: false, parameters: [] },
    portMappings: mappings as [],
    volumes: [],
  },
});

describe("an app's task", () => {
  it("has its path reversed as a name, the instance and the launch in its id, and what was taken", () => {
    expect(taskOfApp({ taskKillGracePeriodSeconds: 5, labels: { a: "b" } })).toMatchObject({
      name: "web.shop",
      task_id: { value: "shop_web.instance-u1._app.2" },
      agent_id: { value: "a1" },
      command: { shell: true, value: "sleep 1000" },
      kill_policy: { grace_period: { nanoseconds: 5e9 } },
      labels: { labels: [{ key: "a", value: "b" }] },
    });
    expect(taskOfApp().resources!.map(({ name }) => name)).toEqual(["cpus", "mem", "ports"]);
    expect(taskOfApp().container).toBeUndefined();
  });

  it("is found by its name, with its host port", () => {
    expect(taskOfApp().discovery).toEqual({
      visibility: "FRAMEWORK",
      name: "web.shop",
      ports: {
        ports: [
          {
            number: 31_000,
            name: "default",
            protocol: "tcp",
            labels: { labels: [{ key: "network-scope", value: "host" }] },
          },
        ],
      },
    });
  });

  it("words are run as they are, or follow the entrypoint of an image", () => {
    const { cmd: _, ...words } = anApp("/shop/web", { args: ["ls", "-l"] });
    expect(launched(words).operation.launch!.task_infos![0]!.command).toMatchObject({
      shell: false,
      value: "ls",
      arguments: ["ls", "-l"],
    });
    const { command } = launched({ ...words, ...inContainer([]) }).operation.launch!.task_infos![0]!;
    expect([command!.value, command!.arguments]).toEqual([undefined, ["ls", "-l"]]);
  });

  it("limits without a bound are infinite", () => {
    expect(taskOfApp({ resourceLimits: { cpus: "unlimited", mem: 512 } }).limits).toEqual({
      cpus: { value: Number.POSITIVE_INFINITY },
      mem: { value: 512 },
    });
  });

  it("an executor of the user's own gets the command and the environment", () => {
    const task = taskOfApp({ executor: "./mine", executorResources: { cpus: 0.5, mem: 64, disk: 10 } });
    expect(task.command).toBeUndefined();
    expect(task.executor).toMatchObject({
      type: "CUSTOM",
      command: { value: "chmod ug+rx './mine' && exec './mine' sleep 1000" },
    });
    expect(task.executor!.resources!.map(({ name, scalar }) => [name, scalar!.value])).toEqual([
      ["cpus", 0.5],
      ["mem", 64],
      ["disk", 10],
    ]);
  });
});

describe("the environment of an app", () => {
  it("tells host, ports and itself", () => {
    expect(valuesOf(taskOfApp({ labels: { "my.label-x": "v" } }).command!.environment)).toEqual({
      HOST: "h1",
      PORT0: "31000",
      PORT_10000: "31000",
      PORT_DEFAULT: "31000",
      PORT: "31000",
      PORTS: "31000",
      MESOS_TASK_ID: "shop_web.instance-u1._app.2",
      MARATHON_APP_ID: "/shop/web",
      MARATHON_APP_VERSION: "2026-01-05T10:00:00.000Z",
      MARATHON_APP_RESOURCE_CPUS: "1.0",
      MARATHON_APP_RESOURCE_MEM: "128.0",
      MARATHON_APP_RESOURCE_DISK: "0.0",
      MARATHON_APP_RESOURCE_GPUS: "0",
      MARATHON_APP_LABELS: "MY_LABEL_X",
      MARATHON_APP_LABEL_MY_LABEL_X: "v",
      MARATHON_APP_ENFORCE_GROUP_ROLE: "FALSE",
    });
  });

  it("no ports, no variables of ports; labels that are too long are left out", () => {
    const values = valuesOf(taskOfApp({ portDefinitions: [], labels: { long: "x".repeat(512) } }).command!.environment);
    expect(Object.keys(values).filter((name) => name.startsWith("PORT"))).toEqual([]);
    expect(values.MARATHON_APP_LABELS).toBe("");
  });

  it("a fixed port of the container alone is in PORT0, but in neither PORT nor PORTS; a free one is drawn and is in both", () => {
    const { hostPort: _, ...only } = mapping;
    const fixed = valuesOf(taskOfApp(inContainer([only])).command!.environment);
    expect([fixed.PORT0, fixed.PORT_80, fixed.PORT, fixed.PORTS]).toEqual(["80", "80", undefined, undefined]);
    const drawn = valuesOf(taskOfApp(inContainer([{ ...only, containerPort: 0 }])).command!.environment);
    expect(Number(drawn.PORT0)).toBeGreaterThanOrEqual(1025);
    expect([drawn.PORT, drawn.PORTS]).toEqual([drawn.PORT0, drawn.PORT0]);
    expect(drawn[`PORT_${drawn.PORT0}`]).toBe(drawn.PORT0);
  });

  it("a mapping to a host port shows the host port", () => {
    const values = valuesOf(taskOfApp(inContainer([mapping])).command!.environment);
    expect([values.PORT0, values.PORT_80, values.PORT_HTTP]).toEqual(["31000", "31000", "31000"]);
    expect(values.MARATHON_APP_DOCKER_IMAGE).toBe("nginx");
  });

  it("the prefix stands before host and ports only, and the user's own values win", () => {
    const values = valuesOf(
      taskOfApp({ env: { MARATHON_APP_ID: "mine" } }, { environmentPrefix: "X_" }).command!.environment,
    );
    expect([values.X_HOST, values.X_PORT0, values.HOST, values.MESOS_TASK_ID, values.MARATHON_APP_ID]).toEqual([
      "h1",
      "31000",
      undefined,
      "shop_web.instance-u1._app.2",
      "mine",
    ]);
  });

  it("secrets go by their source", () => {
    const { command } = taskOfApp({ env: { PASSWORD: { secret: "db" } }, secrets: { db: { source: "/path/db" } } });
    expect(command!.environment!.variables!.at(-1)).toEqual({
      name: "PASSWORD",
      type: "SECRET",
      secret: { type: "REFERENCE", reference: { name: "/path/db" } },
    });
  });
});

describe("an app's container", () => {
  it("on a bridge maps its ports, one entry a protocol", () => {
    expect(taskOfApp(inContainer([{ ...mapping, protocol: "udp,tcp" }])).container).toEqual({
      type: "MESOS",
      mesos: { image: { type: "DOCKER", docker: { name: "nginx" }, cached: false } },
      network_infos: [
        {
          name: "mesos-bridge",
          port_mappings: [
            { host_port: 31_000, container_port: 80, protocol: "udp" },
            { host_port: 31_000, container_port: 80, protocol: "tcp" },
          ],
        },
      ],
    });
  });

  it("for docker names its task in a label", () => {
    expect(taskOfApp(inContainer([mapping], "DOCKER")).container!.docker).toMatchObject({
      image: "nginx",
      network: "BRIDGE",
      parameters: [{ key: "label", value: "MESOS_TASK_ID=shop_web.instance-u1._app.2" }],
      port_mappings: [{ host_port: 31_000, container_port: 80, protocol: "tcp" }],
    });
  });

  it("container port 0 is the host port", () => {
    const { container } = taskOfApp(inContainer([{ ...mapping, containerPort: 0 }]));
    expect(container!.network_infos![0]!.port_mappings).toEqual([
      { host_port: 31_000, container_port: 31_000, protocol: "tcp" },
    ]);
  });

  it("a port of a network of its own is found there", () => {
    const { hostPort: _, ...only } = mapping;
    const networks = [{ mode: "container", name: "blue", labels: {} }] as const;
    const { discovery } = taskOfApp({ ...inContainer([only]), networks });
    expect(discovery!.ports!.ports).toEqual([
      {
        number: 80,
        name: "http",
        protocol: "tcp",
        labels: {
          labels: [
            { key: "network-scope", value: "container" },
            { key: "network-name", value: "blue" },
          ],
        },
      },
    ]);
  });

  it("volumes of the host, of secrets and of drivers are mounted; kept ones stand in the resources", () => {
    const volumes = [
      { containerPath: "/h", mode: "RO", hostPath: "/host" },
      { containerPath: "/s", secret: "db" },
      {
        containerPath: "/e",
        mode: "RW",
        external: {
          provider: "dvdi",
          name: "vol",
          options: { "dvdi/driver": "rexray", "dvdi/iops": 9 },
          shared: false,
        },
      },
    ] as const;
    const task = taskOfApp({ container: { type: "MESOS", portMappings: [], volumes } });
    expect(task.container!.volumes).toEqual([
      { container_path: "/h", mode: "RO", host_path: "/host" },
      {
        container_path: "/s",
        mode: "RO",
        source: { type: "SECRET", secret: { type: "REFERENCE", reference: { name: "db" } } },
      },
      {
        container_path: "/e",
        mode: "RW",
        source: {
          type: "DOCKER_VOLUME",
          docker_volume: {
            name: "vol",
            driver: "rexray",
            driver_options: { parameter: [{ key: "iops", value: "9" }] },
          },
        },
      },
    ]);
  });
});

describe("checks", () => {
  const check = {
    gracePeriodSeconds: 300,
    intervalSeconds: 60,
    timeoutSeconds: 20,
    maxConsecutiveFailures: 3,
    delaySeconds: 15,
    ignoreHttp1xx: false,
    ipProtocol: "IPv4",
  } as const;

  it("those of the executor go with the task, with the port where it listens", () => {
    const healthChecks = [{ ...check, protocol: "MESOS_HTTP", path: "/ok", portIndex: 0 }] as const;
    expect(taskOfApp({ healthChecks }).health_check).toMatchObject({
      type: "HTTP",
      http: { port: 31_000, path: "/ok", scheme: "http" },
      grace_period_seconds: 300,
      consecutive_failures: 3,
    });
    expect(taskOfApp({ ...inContainer([mapping]), healthChecks }).health_check!.http!.port).toBe(80);
    expect(
      taskOfApp({ healthChecks: [{ ...check, protocol: "COMMAND", command: { value: "true" } }] }).health_check!
        .command!.value,
    ).toBe("true");
  });

  it("the others do not", () => {
    expect(
      taskOfApp({ healthChecks: [{ ...check, protocol: "HTTP", path: "/", portIndex: 0 }] }).health_check,
    ).toBeUndefined();
  });

  it("which the agent does as probes, as many as there are", () => {
    const http = { ...check, protocol: "HTTP", path: "up", portIndex: 0, ignoreHttp1xx: true } as const;
    const task = taskOfApp({
      healthChecks: [
        { ...check, protocol: "COMMAND", command: { value: "first" } },
        http,
        { ...check, protocol: "TCP", port: 99, gracePeriodSeconds: 0 },
        { ...check, protocol: "COMMAND", command: { value: "second" } },
      ],
    });
    expect(task.health_check!.command!.value).toBe("first");
    const times = { interval_seconds: 60, timeout_seconds: 20 };
    expect(task.probes).toEqual([
      {
        ...{ id: "health-1", type: "HTTP", delay_seconds: 1, grace_period_seconds: 300, ...times },
        http: { port: 31_000, protocol: "IPv4", scheme: "http", path: "/up", ignore_1xx: true },
      },
      {
        ...{ id: "health-2", type: "TCP", delay_seconds: 5, grace_period_seconds: 0, ...times },
        tcp: { port: 99, protocol: "IPv4" },
      },
      { id: "health-3", type: "COMMAND", command: { shell: true, value: "second" }, delay_seconds: 15, ...times },
    ]);
    const inside = taskOfApp({ ...inContainer([mapping]), healthChecks: [http, { ...http, port: 31_000 }] });
    expect(inside.probes!.map((probe) => probe.http!.port)).toEqual([80, 80]);
  });

  it("the one of MESOS_* is the executor's before any COMMAND", () => {
    const { health_check, probes } = taskOfApp({
      healthChecks: [
        { ...check, protocol: "COMMAND", command: { value: "true" } },
        { ...check, protocol: "MESOS_TCP", portIndex: 0 },
      ],
    });
    expect([health_check!.type, probes!.map(({ id, type }) => `${id} ${type}`)]).toEqual(["TCP", ["health-0 COMMAND"]]);
  });
});

it("a readiness check is a probe that ends with its first success", () => {
  const readiness = {
    ...({ name: "readinessCheck", protocol: "HTTPS", path: "/ready", portName: "default" } as const),
    ...{ intervalSeconds: 30, timeoutSeconds: 10, httpStatusCodesForReady: [200, 204] },
  };
  const probesOf = (preserveLastResponse: boolean) =>
    taskOfApp({ readinessChecks: [{ ...readiness, preserveLastResponse }] }).probes;
  const http = { port: 31_000, scheme: "https", path: "/ready", statuses: [200, 204] };
  const common = { id: "readiness-0", type: "HTTP", interval_seconds: 30, timeout_seconds: 10, until_success: true };
  expect(probesOf(false)).toEqual([{ ...common, http }]);
  expect(probesOf(true)).toEqual([{ ...common, http: { ...http, with_response: true } }]);
});

describe("a pod", () => {
  const [main] = aPod("/p").containers;
  const pod = aPod("/shop/web", {
    environment: { SHARED: "1", MINE: "pod" },
    labels: { team: "x" },
    volumes: [{ name: "common" }, { name: "etc", host: "/etc" }],
    networks: [{ mode: "container/bridge", labels: {} }],
    containers: [
      {
        ...main!,
        endpoints: [
          { name: "http-api", containerPort: 80, hostPort: 0, protocol: ["tcp"], labels: {}, networkNames: [] },
        ],
        volumeMounts: [
          { name: "common", mountPath: "/c", readOnly: false },
          { name: "etc", mountPath: "/e", readOnly: true },
        ],
      },
      { ...main!, name: "side", environment: { MINE: "side" } },
    ],
  });

  it("is a group of tasks with an executor of their own", () => {
    const { operation, taskIds } = launched(pod);
    expect(taskIds).toEqual(["shop_web.instance-u1.main.2", "shop_web.instance-u1.side.2"]);
    const { executor, task_group } = operation.launch_group!;
    expect(executor).toMatchObject({
      type: "DEFAULT",
      executor_id: { value: "instance-shop_web.u1" },
      container: {
        type: "MESOS",
        network_infos: [
          { name: "mesos-bridge", port_mappings: [{ host_port: 31_000, container_port: 80, protocol: "tcp" }] },
        ],
      },
    });
    expect(executor.resources!.map(({ name, scalar }) => [name, scalar!.value])).toEqual([
      ["cpus", 0.1],
      ["mem", 32],
      ["disk", 10],
    ]);
    expect(task_group.tasks!.map(({ name }) => name)).toEqual(["main", "side"]);
    expect(task_group.tasks![0]!.resources!.map(({ name }) => name)).toEqual(["cpus", "mem", "ports"]);
  });

  it("each container knows the endpoints of all, and its own values win", () => {
    const [, side] = launched(pod).operation.launch_group!.task_group.tasks!;
    expect(valuesOf(side!.command!.environment)).toMatchObject({
      ENDPOINT_HTTP_API: "80",
      EP_HOST_HTTP_API: "31000",
      EP_CONTAINER_HTTP_API: "80",
      MESOS_EXECUTOR_ID: "instance-shop_web.u1",
      MARATHON_CONTAINER_ID: "side",
      MARATHON_APP_LABEL_TEAM: "x",
      SHARED: "1",
      MINE: "side",
    });
  });

  it("shares its volumes through the sandbox of its executor", () => {
    const [first] = launched(pod).operation.launch_group!.task_group.tasks!;
    expect(first!.container!.volumes).toEqual([
      {
        container_path: "/c",
        mode: "RW",
        source: { type: "SANDBOX_PATH", sandbox_path: { type: "PARENT", path: "common" } },
      },
      { container_path: "/e", mode: "RO", source: { type: "HOST_PATH", host_path: { path: "/etc" } } },
    ]);
  });
});
