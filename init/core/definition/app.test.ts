import type { App } from "@meseta/api/marathon/app.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readApp, readAppUpdate } from "./app.ts";
import { readAppUpdates } from "./app-list.ts";
import { editTree, emptyTree } from "./edit.ts";
import { appToJson } from "./output.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";

const settings = { ...DEFAULT_SETTINGS, defaultRole: "dev" };
const V1 = "2026-01-05T10:00:00.000Z";

function stored(body: unknown, how = settings): App {
  const outcome = readApp(body, { settings: how });
  if ("refusal" in outcome) throw new Error(JSON.stringify(outcome.refusal));
  const tree = editTree(emptyTree(V1), [{ put: "app", draft: outcome.value }], { settings: how, version: V1 });
  if ("refusal" in tree) throw new Error(JSON.stringify(tree.refusal));
  return tree.value.apps.get(outcome.value.id)!;
}

function told(body: object, how = settings): Record<string, readonly string[]> {
  const outcome = readApp({ id: "/a", cmd: "true", ...body }, { settings: how });
  if (!("refusal" in outcome)) return {};
  const { details } = outcome.refusal.body;
  return Object.fromEntries((Array.isArray(details) ? details : []).map(({ path, errors }) => [path, errors]));
}

function updated(old: App, body: object, isPartial = true): App {
  const outcome = readAppUpdate(body, old, { settings, isPartial });
  if ("refusal" in outcome || !("draft" in outcome.value)) throw new Error(JSON.stringify(outcome));
  return { ...outcome.value.draft, role: old.role, version: V1, versionInfo: old.versionInfo };
}

describe("an app's definition", () => {
  test("has every default when only a command is given", () => {
    expect(appToJson(stored({ id: "/shop/web", cmd: "./run $PORT0" }))).toEqual({
      id: "/shop/web",
      cmd: "./run $PORT0",
      cpus: 1,
      mem: 128,
      disk: 0,
      gpus: 0,
      instances: 1,
      executor: "",
      backoffSeconds: 1,
      backoffFactor: 1.15,
      maxLaunchDelaySeconds: 300,
      labels: {},
      networks: [{ mode: "host" }],
      portDefinitions: [{ port: 10000, name: "default", protocol: "tcp", labels: {} }],
      requirePorts: false,
      role: "dev",
      upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
      killSelection: "YOUNGEST_FIRST",
      unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
      version: V1,
      versionInfo: { lastScalingAt: V1, lastConfigChangeAt: V1 },
    });
  });

  test("read again from its own output is the same", () => {
    const bodies = [
      { id: "/a", cmd: "true", env: { A: "1" }, constraints: [["hostname", "unique"]], healthChecks: [{}] },
      { id: "/b", container: { docker: { image: "x" } }, networks: [{ mode: "container/bridge" }] },
      {
        id: "/c",
        cmd: "true",
        container: { type: "MESOS", volumes: [{ containerPath: "d", persistent: { size: 9 } }] },
      },
      {
        id: "/d",
        args: ["a"],
        executor: "//cmd",
        unreachableStrategy: "disabled",
        check: { exec: { command: { shell: "x" } } },
      },
    ];
    for (const body of bodies) {
      const app = stored(body);
      expect(stored(JSON.parse(JSON.stringify(appToJson(app))))).toEqual(app);
    }
  });

  test("of whatever JSON is read or refused, and never throws", () => {
    const names = fc.constantFrom(
      "id",
      "cmd",
      "container",
      "networks",
      "env",
      "ports",
      "healthChecks",
      "ipAddress",
      "x",
    );
    fc.assert(
      fc.property(fc.dictionary(names, fc.jsonValue()), (body) => {
        const outcome = readApp({ ...body }, { settings });
        expect("refusal" in outcome ? outcome.refusal.status : 422).toBe(422);
      }),
    );
  });

  test("drops unknown fields and what the server alone sets", () => {
    const app = stored({ id: "a", cmd: "x", nonsense: 1, version: "1", versionInfo: {}, tasksRunning: 3 });
    expect(Object.keys(app)).not.toContain("nonsense");
    expect(app.version).toBe(V1);
  });

  test("runs in an implicit container off host networking, and its ports have numbers of the host behind a bridge", () => {
    const app = stored({ id: "/a", cmd: "x", networks: [{ mode: "container/bridge" }], requirePorts: true });
    const mapping = {
      containerPort: 0,
      hostPort: 0,
      servicePort: 10000,
      name: "default",
      protocol: "tcp",
      labels: {},
      networkNames: [],
    };
    expect(app.container).toEqual({ type: "MESOS", portMappings: [mapping], volumes: [] });
    expect(app.portDefinitions).toEqual([]);
    expect(app.requirePorts).toBe(false);
    expect(JSON.parse(JSON.stringify(appToJson(app)))).not.toHaveProperty("portDefinitions");
  });

  test("of a resident service waits for ever, and is never doubled", () => {
    const app = stored({
      id: "/a",
      cmd: "x",
      container: { type: "MESOS", volumes: [{ containerPath: "d", persistent: { size: 9 } }] },
    });
    expect(app.upgradeStrategy).toEqual({ minimumHealthCapacity: 0.5, maximumOverCapacity: 0 });
    expect(app.unreachableStrategy).toBe("disabled");
    expect(app.residency).toEqual({ relaunchEscalationTimeoutSeconds: 3600, taskLostBehavior: "WAIT_FOREVER" });
    expect(app.container?.volumes[0]).toMatchObject({ mode: "RW", persistent: { type: "root", constraints: [] } });
  });

  test("resolves dependencies from the group of the body that it is in, and from the root when it is in none", () => {
    expect(stored({ id: "/a/b", cmd: "x", dependencies: ["c", "../d", "/e"] }).dependencies).toEqual([
      "/c",
      "/d",
      "/e",
    ]);
  });
});

describe("old forms are accepted and rewritten", () => {
  test("ports and uris", () => {
    const app = stored({ id: "/a", cmd: "x", ports: [8080, 0], uris: ["http://x/a.tgz"] });
    expect(app.portDefinitions.map(({ port }) => port)).toEqual([8080, 10000]);
    expect(app.fetch).toEqual([{ uri: "http://x/a.tgz", extract: true, executable: false, cache: false }]);
    expect(stored({ id: "/a", cmd: "x", ports: [] }).portDefinitions).toEqual([]);
  });

  test("container.docker.network and its portMappings", () => {
    const docker = { image: "x", network: "BRIDGE", portMappings: [{ containerPort: 80 }] };
    const app = stored({ id: "/a", container: { type: "DOCKER", docker } });
    expect(app.networks).toEqual([{ mode: "container/bridge", labels: {} }]);
    expect(app.container?.portMappings[0]).toMatchObject({ containerPort: 80, hostPort: 0, servicePort: 10000 });
    expect(app.container?.docker).toEqual({ image: "x", forcePullImage: false, privileged: false, parameters: [] });
    const none = { image: "x", network: "NONE" };
    expect(told({ container: { docker: none } })["/"]).toEqual(["unsupported docker network type NONE"]);
    const user = { container: { docker: { image: "x", network: "USER" } }, ipAddress: { networkName: "net" } };
    expect(stored({ id: "/a", ...user }).networks).toEqual([{ mode: "container", name: "net", labels: {} }]);
  });

  test("ipAddress and its discovery", () => {
    const ports = [{ number: 80, name: "http" }];
    const app = stored({
      id: "/a",
      cmd: "x",
      ipAddress: { networkName: "n", labels: { a: "b" }, discovery: { ports } },
    });
    expect(app.networks).toEqual([{ mode: "container", name: "n", labels: { a: "b" } }]);
    expect(app.container).toMatchObject({ type: "MESOS", portMappings: [{ containerPort: 80, name: "http" }] });
    expect(app.container?.portMappings[0]).not.toHaveProperty("hostPort");
    expect(app.portDefinitions).toEqual([]);
  });

  test("but not beside the new ones", () => {
    expect(told({ ports: [1], portDefinitions: [{ port: 2 }] })).toHaveProperty(["/"]);
    expect(told({ ports: [1], portDefinitions: [{ port: 1 }] })).toEqual({});
    expect(told({ uris: ["a"], fetch: [{ uri: "b" }] })).toHaveProperty(["/"]);
    expect(told({ ipAddress: {}, networks: [{ mode: "host" }] })["/"]).toContain(
      "must not specify both networks and ipAddress",
    );
    expect(told({ ports: [1, 1] })["/"]).toContain("ports must be unique");
  });
});

describe("an update", () => {
  const old = stored({
    id: "/a",
    cmd: "x",
    env: { A: "1", B: "2" },
    labels: { l: "1" },
    portDefinitions: [{ port: 80 }],
  });

  test("keeps what it does not name, and replaces maps as a whole", () => {
    expect(updated(old, { env: { C: "3" }, instances: 4 })).toEqual({ ...old, env: { C: "3" }, instances: 4 });
  });

  test("that replaces takes the defaults for what it does not name", () => {
    expect(updated(old, { cmd: "y" }, false)).toMatchObject({
      cmd: "y",
      env: {},
      labels: {},
      portDefinitions: [{ port: 0 }],
    });
  });

  test("with nulls changes nothing, as the dcos command line sends them", () => {
    expect(updated(old, { ports: null, dependencies: null, instances: 3 })).toEqual({ ...old, instances: 3 });
  });

  test("to a bridge leaves the ports of the host behind, and back", () => {
    const bridged = updated(old, { networks: [{ mode: "container/bridge" }] });
    expect(bridged).toMatchObject({ portDefinitions: [], container: { portMappings: [{ hostPort: 0 }] } });
    const back = updated(bridged, { networks: [{ mode: "host" }] });
    expect(back).toMatchObject({ portDefinitions: [{ port: 0, name: "default" }] });
    expect(back).not.toHaveProperty("container");
  });

  test("by old names replaces the new forms", () => {
    expect(updated(old, { ports: [81], uris: ["http://x"] })).toMatchObject({
      portDefinitions: [{ port: 81 }],
      fetch: [{ uri: "http://x" }],
    });
  });

  test("of nothing but a version asks for a rollback", () => {
    const read = (body: object) => readAppUpdate(body, old, { settings, isPartial: true });
    expect(read({ version: V1 })).toEqual({ value: { rollbackTo: V1 } });
    expect(read({ id: "/a", version: V1, cmd: null })).toEqual({ value: { rollbackTo: V1 } });
    const errors = ["The 'version' field may only be combined with the 'id' field."];
    const body = { message: "Object is not valid", details: [{ path: "/", errors }] };
    expect(read({ version: V1, cmd: "x" })).toEqual({ refusal: { status: 422, body } });
    expect(read({ version: "yesterday" })).toMatchObject({ refusal: { status: 422 } });
  });

  test("of many apps needs an id in each, and, to change only what is there, that each is there", () => {
    const read = (body: unknown, mustExist = false) =>
      readAppUpdates(body, { settings, apps: new Map([["/a", old]]), isPartial: true, mustExist });
    expect(
      read([
        { id: "a", cmd: "y" },
        { id: "/b", cmd: "z" },
      ]),
    ).toMatchObject({ value: [{ id: "/a" }, { id: "/b" }] });
    expect(read([{ cmd: "y" }])).toMatchObject({ refusal: { status: 422, body: { details: [{ path: "(0)/id" }] } } });
    expect(read([{ id: "/b", cmd: "y" }], true)).toMatchObject({
      refusal: { status: 404, body: { message: "App '/b' does not exist" } },
    });
    expect(read([{ id: "/a", cpus: "y" }])).toMatchObject({ refusal: { body: { details: [{ path: "(0)/cpus" }] } } });
    expect(read({})).toMatchObject({ refusal: { status: 400 } });
  });
});

test("what python3-marathon sends for a new app is understood", () => {
  const body = {
    id: "/p",
    cmd: "sleep 100",
    cpus: 0.1,
    mem: 16.0,
    instances: 2,
    labels: { a: "b" },
    constraints: [["hostname", "LIKE", "a.*"]],
    healthChecks: [{ protocol: "HTTP", path: "/health", gracePeriodSeconds: 3, portIndex: 0, ignoreHttp1xx: false }],
    upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0.2 },
    container: {
      type: "DOCKER",
      docker: { image: "x", network: "HOST", privileged: false, parameters: [], portMappings: null },
      volumes: [],
    },
    residency: null,
    taskStats: {},
    tasks: [],
  };
  expect(stored(body)).toMatchObject({
    networks: [{ mode: "host" }],
    healthChecks: [{ protocol: "HTTP", delaySeconds: 15 }],
  });
});
