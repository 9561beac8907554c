import { describe, expect, test } from "vitest";
import { podToJson } from "./output.ts";
import { readPod } from "./pod.ts";
import { DEFAULT_SETTINGS, type Settings } from "./settings.ts";

const settings = DEFAULT_SETTINGS;
const ALL: Settings = { ...settings, features: new Set(["secrets", "gpu_resources"]) };
const one = { name: "c", resources: {} };

function read(body: object, how = settings) {
  return readPod({ id: "/p", containers: [one], ...body }, { settings: how });
}

function told(body: object, how = settings): Record<string, readonly string[]> {
  const outcome = read(body, how);
  const details = "refusal" in outcome ? outcome.refusal.body.details : [];
  return Object.fromEntries((Array.isArray(details) ? details : []).map(({ path, errors }) => [path, errors]));
}

test("a pod has every default when only a container is given", () => {
  const movable = { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 };
  expect(read({})).toEqual({
    value: {
      id: "/p",
      labels: {},
      environment: {},
      secrets: {},
      containers: [
        {
          name: "c",
          resources: { cpus: 1, mem: 128, disk: 0, gpus: 0 },
          endpoints: [],
          environment: {},
          volumeMounts: [],
          artifacts: [],
          labels: {},
        },
      ],
      volumes: [],
      networks: [{ mode: "host", labels: {} }],
      scaling: { kind: "fixed", instances: 1 },
      scheduling: {
        backoff: { backoff: 1, backoffFactor: 1.15, maxLaunchDelay: 300 },
        upgrade: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
        placement: { constraints: [], acceptedResourceRoles: [] },
        killSelection: "YOUNGEST_FIRST",
        unreachableStrategy: movable,
      },
      executorResources: { cpus: 0.1, mem: 32, disk: 10 },
    },
  });
});

test("endpoints have host ports on the host and behind a bridge, and none elsewhere unless said", () => {
  const hostPort = (networks: object[], endpoint: object) => {
    const outcome = read({ networks, containers: [{ ...one, endpoints: [{ name: "e", ...endpoint }] }] });
    return "value" in outcome ? outcome.value.containers[0]!.endpoints[0]!.hostPort : outcome.refusal.body;
  };
  expect(hostPort([], {})).toBe(0);
  expect(hostPort([{ mode: "container/bridge" }], { containerPort: 80 })).toBe(0);
  expect(hostPort([{ name: "n" }], { containerPort: 80 })).toBeUndefined();
});

test("the id of an update is that of its URL", () => {
  const outcome = readPod({ id: "/bla", containers: [one] }, { settings, id: "/foo" });
  const message = "'/foo' does not match definition's id ('/bla')";
  expect(outcome).toEqual({ refusal: { status: 400, body: { message } } });
});

test("the times of versionInfo are not shown", () => {
  const outcome = read({});
  if ("refusal" in outcome) throw new Error();
  const info = { lastScalingAt: "1", lastConfigChangeAt: "1" };
  const shown = podToJson({ ...outcome.value, role: "*", version: "1", versionInfo: info });
  expect(shown).not.toHaveProperty("versionInfo");
  expect(shown).toMatchObject({ version: "1", role: "*" });
});

const endpoint = (more: object) => ({ ...one, endpoints: [{ name: "e", ...more }] });

const BROKEN: readonly (readonly [string, object, string, string, Settings?])[] = [
  ["no containers", { containers: [] }, "/containers", "must not be empty"],
  ["two containers of one name", { containers: [one, one] }, "/containers", "container names must be unique"],
  [
    "a container named as tasks of apps are",
    { containers: [{ ...one, name: "_app" }] },
    "/containers(0)/name",
    "must fully match",
  ],
  [
    "no cpus",
    { containers: [{ ...one, resources: { cpus: 0 } }] },
    "/containers(0)/resources/cpus",
    "got 0.0, expected 0.001 or more",
  ],
  [
    "two endpoints of one name",
    { containers: [endpoint({}), { ...endpoint({}), name: "d" }] },
    "/",
    "endpoint names nust be unique across all containers",
  ],
  [
    "a container port on the host",
    { containers: [endpoint({ containerPort: 1 })] },
    "/containers(0)/endpoints(0)/containerPort",
    "is not allowed when using host-mode networking",
  ],
  [
    "no container port elsewhere",
    { networks: [{ name: "n" }], containers: [endpoint({})] },
    "/containers(0)/endpoints(0)/containerPort",
    "is required when using container-mode networking",
  ],
  [
    "one protocol twice",
    { containers: [endpoint({ protocol: ["tcp", "tcp"] })] },
    "/containers(0)/endpoints(0)/protocol",
    "Duplicate protocols",
  ],
  [
    "a check of no endpoint",
    { containers: [{ ...one, healthCheck: { http: { endpoint: "e" } } }] },
    "/containers(0)/healthCheck/http/endpoint",
    "contained in the container endpoints",
  ],
  [
    "a check of two kinds",
    { containers: [{ ...one, check: { tcp: { endpoint: "e" }, exec: { command: { shell: "x" } } } }] },
    "/containers(0)/check",
    "Only one of http, tcp, or command may be specified",
  ],
  [
    "a slow check",
    { containers: [{ ...endpoint({}), healthCheck: { tcp: { endpoint: "e" }, timeoutSeconds: 60 } }] },
    "/containers(0)/healthCheck/timeoutSeconds",
    "got 60, expected less than 60",
  ],
  [
    "a volume that nobody mounts",
    { volumes: [{ name: "v" }] },
    "/volumes(0)",
    "volume must be referenced by at least one container",
  ],
  [
    "a mount of no volume",
    { containers: [{ ...one, volumeMounts: [{ name: "v", mountPath: "/v" }] }] },
    "/containers(0)/volumeMounts(0)/name",
    "Referenced Volume in VolumeMount should exist",
  ],
  [
    "two words of a command's kind",
    { containers: [{ ...one, exec: { command: { shell: "x", argv: ["y"] } } }] },
    "/containers(0)/exec/command",
    "exactly one of shell and argv",
  ],
  [
    "gpus without the feature",
    { containers: [{ ...one, resources: { gpus: 1 } }] },
    "/containers(0)",
    "Feature gpu_resources is not enabled",
  ],
  [
    "a secret that is not there",
    { containers: [{ ...one, environment: { A: { secret: "s" } } }] },
    "/containers(0)/environment/A/secret",
    "references an undefined secret",
    ALL,
  ],
  [
    "limits that nothing keeps",
    { legacySharedCgroups: true, containers: [{ ...one, resourceLimits: { cpus: 2 } }] },
    "/containers(0)/resourceLimits",
    "resourceLimits cannot be defined if legacySharedCgroups is enabled",
  ],
  [
    "a bad constraint",
    { scheduling: { placement: { constraints: [{ fieldName: "a", operator: "UNIQUE", value: "b" }] } } },
    "/scheduling/placement/constraints(0)",
    "UNIQUE does not accept a value",
  ],
  [
    "seccomp of the executor",
    { linuxInfo: { seccomp: { unconfined: true } } },
    "/linuxInfo/seccomp",
    "Seccomp configuration on executor level is not supported",
  ],
  [
    "a resident doubled",
    {
      volumes: [{ name: "v", persistent: { size: 1 } }],
      containers: [{ ...one, volumeMounts: [{ name: "v", mountPath: "v" }] }],
      scheduling: { upgrade: { maximumOverCapacity: 0.1 } },
    },
    "/upgrade/maximumOverCapacity",
    "got 0.1, expected 0.0",
  ],
];

describe("a pod is refused", () => {
  for (const [name, body, path, text, how] of BROKEN) {
    test(`for ${name}`, () => {
      expect((told(body, how)[path] ?? []).join("\n")).toContain(text);
    });
  }
});
