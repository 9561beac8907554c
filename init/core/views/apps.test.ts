import { expect, test } from "vitest";
import { anApp } from "../plan/specs.rig.ts";
import { Rig } from "./state.rig.ts";

const V = "2026-01-05T10:00:00.000Z";
const WEB = anApp("/shop/web", {
  cmd: "./run $PORT0",
  cpus: 0.5,
  mem: 64,
  labels: { HAPROXY_GROUP: "external" },
  portDefinitions: [{ port: 10012, name: "default", protocol: "tcp", labels: {} }],
});
const HERE = { network_infos: [{ ip_addresses: [{ ip_address: "10.0.0.7" }] }] };

const DEFINITION = {
  id: "/shop/web",
  cmd: "./run $PORT0",
  cpus: 0.5,
  mem: 64,
  disk: 0,
  gpus: 0,
  instances: 1,
  executor: "",
  backoffSeconds: 1,
  backoffFactor: 1.15,
  maxLaunchDelaySeconds: 300,
  labels: { HAPROXY_GROUP: "external" },
  networks: [{ mode: "host" }],
  portDefinitions: [{ port: 10012, name: "default", protocol: "tcp", labels: {} }],
  requirePorts: false,
  role: "*",
  upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
  killSelection: "YOUNGEST_FIRST",
  unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
  version: V,
  versionInfo: { lastScalingAt: V, lastConfigChangeAt: V },
};
const TASK = {
  id: "shop_web.instance-1._app.1",
  appId: "/shop/web",
  host: "10.0.0.7",
  ports: [31007],
  servicePorts: [10012],
  slaveId: "S1",
  state: "TASK_RUNNING",
  stagedAt: V,
  startedAt: V,
  version: V,
  role: "*",
  ipAddresses: [{ ipAddress: "10.0.0.7", protocol: "IPv4" }],
};
const NO_COUNTS = { tasksStaged: 0, tasksRunning: 0, tasksHealthy: 0, tasksUnhealthy: 0 };

test("GET /v2/apps?embed=apps.tasks is what load balancers read", () => {
  const rig = new Rig([WEB]);
  rig.running(WEB, [31007], { container_status: HERE });
  expect(rig.json({ kind: "apps", filter: {}, embed: ["apps.tasks"] })).toEqual({
    apps: [{ ...DEFINITION, ...NO_COUNTS, tasksRunning: 1, deployments: [], tasks: [TASK] }],
  });
});

test("a list shows counts and deployments unasked, and no tasks", () => {
  const rig = new Rig([WEB]);
  expect(rig.json({ kind: "apps", filter: {}, embed: [] })).toEqual({
    apps: [{ ...DEFINITION, ...NO_COUNTS, deployments: [] }],
  });
});

test("one app is shown with its tasks and its last failure, whatever is asked for", () => {
  const rig = new Rig([WEB]);
  const failure = {
    appId: "/shop/web",
    host: "10.0.0.7",
    message: "Command exited with status 1",
    state: "TASK_FAILED",
    taskId: "shop_web.instance-0._app.1",
    timestamp: V,
    version: V,
    slaveId: "S1",
  };
  rig.serviceOf(WEB).lastFailure = failure;
  expect(rig.json({ kind: "app", id: "/shop/web", embed: ["app.counts"] })).toEqual({
    app: { ...DEFINITION, ...NO_COUNTS, deployments: [], tasks: [], lastTaskFailure: failure },
  });
});

test("what was not launched yet is shown as staged, without what an agent gives", () => {
  const rig = new Rig([WEB]);
  rig.add(WEB);
  expect(rig.json({ kind: "app-tasks", of: { app: "/shop/web" } })).toEqual({
    tasks: [{ id: TASK.id, appId: "/shop/web", state: "TASK_STAGING", role: "*", servicePorts: [10012] }],
  });
  expect(rig.json({ kind: "app", id: "/shop/web", embed: [] })).toMatchObject({
    app: { tasksStaged: 1, tasksRunning: 0 },
  });
});

test("with health checks the well and the unwell are counted, and those of whom nothing is known are not", () => {
  const check = { protocol: "COMMAND", command: { value: "true" }, gracePeriodSeconds: 0, intervalSeconds: 1 } as const;
  const rest = {
    timeoutSeconds: 1,
    maxConsecutiveFailures: 3,
    delaySeconds: 0,
    ignoreHttp1xx: false,
    ipProtocol: "IPv4",
  } as const;
  const checked = anApp("/checked", { healthChecks: [{ ...check, ...rest }] });
  const rig = new Rig([checked]);
  for (const isHealthy of [true, true, false, undefined])
    rig.happens(checked, rig.running(checked), { type: "health", isHealthy });
  expect(rig.json({ kind: "app", id: "/checked", embed: [] })).toMatchObject({
    app: { tasksStaged: 0, tasksRunning: 4, tasksHealthy: 2, tasksUnhealthy: 1 },
  });
});

test("prefixes of embeds are interchangeable, and unknown ones ask for nothing", () => {
  const rig = new Rig([WEB]);
  rig.running(WEB);
  const keysOf = (embed: string[]) => {
    const { apps } = rig.json({ kind: "apps", filter: {}, embed }) as { apps: [object] };
    return Object.keys(apps[0]).filter((key) => !(key in DEFINITION) && !(key in NO_COUNTS));
  };
  for (const embed of ["group.apps.tasks", "apps.tasks", "app.tasks", "tasks", "apps.failures"])
    expect(keysOf([embed])).toEqual(["deployments", "tasks"]);
  expect(keysOf(["apps.taskStats", "apps.readiness"])).toEqual(["deployments", "readinessCheckResults", "taskStats"]);
  expect(keysOf(["nonsense", "apps.counts", "pods.tasks"])).toEqual(["deployments"]);
});

test("apps are chosen by parts of their id and command in any case, and by labels", () => {
  const rig = new Rig([WEB, anApp("/shop/db", { cmd: "Serve --all" }), anApp("/image")]);
  const ids = (filter: object) => {
    const { apps } = rig.json({ kind: "apps", filter, embed: [] }) as { apps: { id: string }[] };
    return apps.map(({ id }) => id);
  };
  expect(ids({ id: "SHOP" })).toEqual(["/shop/web", "/shop/db"]);
  expect(ids({ cmd: "serve" })).toEqual(["/shop/db"]);
  expect(ids({ id: "shop", cmd: "RUN" })).toEqual(["/shop/web"]);
  expect(ids({ id: "", cmd: "" })).toHaveLength(3);
  expect(ids({ label: "HAPROXY_GROUP==external" })).toEqual(["/shop/web"]);
  expect(ids({ label: "HAPROXY_GROUP!=internal" })).toEqual(["/shop/web"]);
});

test("a label selector that cannot be read is refused", () => {
  const { status, text } = new Rig([WEB]).read({ kind: "apps", filter: { label: "a in (" }, embed: [] });
  expect(status).toBe(422);
  expect(JSON.parse(text)).toEqual({ message: expect.stringContaining("a in (") });
});

test("the apps of a group stand under a star, those of its groups as well", () => {
  const rig = new Rig([WEB, anApp("/shop/deep/er/x"), anApp("/shopping")]);
  const listed = rig.json({ kind: "apps-below", id: "/shop", embed: [] }) as {
    "*": { id: string; tasks: unknown[] }[];
  };
  expect(listed["*"].map(({ id, tasks }) => [id, tasks])).toEqual([
    ["/shop/web", []],
    ["/shop/deep/er/x", []],
  ]);
  expect(rig.json({ kind: "group-apps", id: "/shop/deep", embed: [] })).toMatchObject([{ id: "/shop/deep/er/x" }]);
  rig.running(WEB, [31007]);
  expect(rig.json({ kind: "app-tasks", of: { group: "/shop" } })).toMatchObject({ tasks: [{ id: TASK.id }] });
});

test("what is not there is told in Marathon's words", () => {
  const rig = new Rig([WEB]);
  const said = (query: Parameters<Rig["read"]>[0]) => {
    const { status, text } = rig.read(query);
    return [status, JSON.parse(text)];
  };
  const app = [404, { message: "App '/no' does not exist" }];
  expect(said({ kind: "app", id: "/no", embed: [] })).toEqual(app);
  expect(said({ kind: "app-tasks", of: { app: "/no" } })).toEqual(app);
  expect(said({ kind: "app-versions", id: "/no" })).toEqual(app);
  const group = [404, { message: "Group '/no' does not exist" }];
  expect(said({ kind: "apps-below", id: "/no", embed: [] })).toEqual(group);
  expect(said({ kind: "app-tasks", of: { group: "/no" } })).toEqual(group);
  expect(said({ kind: "group-apps", id: "/no", embed: [] })).toEqual(group);
});
