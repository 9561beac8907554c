import { parseBody } from "@meseta/api/json-body/body.ts";
import { describe, expect, test } from "vitest";
import { readApp } from "./app.ts";
import { DEFAULT_SETTINGS, type Settings } from "./settings.ts";

const ALL: Settings = {
  ...DEFAULT_SETTINGS,
  features: new Set(["secrets", "gpu_resources", "external_volumes"]),
};

/** The problems of the app by their paths. */
function told(body: object, settings: Settings): Record<string, readonly string[]> {
  const outcome = readApp({ id: "/a", cmd: "true", ...body }, { settings });
  if (!("refusal" in outcome)) return {};
  const { details } = outcome.refusal.body;
  return Object.fromEntries((Array.isArray(details) ? details : []).map(({ path, errors }) => [path, errors]));
}

const IMAGE = { docker: { image: "x" } };
const MESOS = { type: "MESOS" };
const DISK = { containerPath: "d", persistent: { size: 9 } };
const GPU_OFF = "Feature gpu_resources is not enabled. Enable with --enable_features gpu_resources)";

/** What breaks a rule over several fields, where that is told, and a piece of what is told. */
const BROKEN: readonly (readonly [string, object, string, string, Settings?])[] = [
  ["neither cmd nor args nor image", { cmd: null }, "/", "AppDefinition must either contain one of 'cmd' or 'args'"],
  ["both cmd and args", { args: ["a"] }, "/", "AppDefinition must either contain"],
  [
    "a capacity above one",
    { upgradeStrategy: { minimumHealthCapacity: 1.2 } },
    "/upgradeStrategy/minimumHealthCapacity",
    "got 1.2, expected between 0.0 and 1.0",
  ],
  [
    "autoscaling by nothing",
    { autoscale: { maxInstances: 3 } },
    "/autoscale",
    "exactly one of cpu, mem, metric and queue must be specified",
  ],
  [
    "autoscaling by two things",
    { autoscale: { maxInstances: 3, cpu: 0.5, mem: 0.5 } },
    "/autoscale",
    "exactly one of cpu, mem, metric and queue must be specified",
  ],
  [
    "autoscaling to no load",
    { autoscale: { maxInstances: 3, cpu: 0 } },
    "/autoscale",
    "the target must be more than 0",
  ],
  [
    "autoscaling between no bounds",
    { autoscale: { minInstances: 4, maxInstances: 3, mem: 0.5 } },
    "/autoscale/minInstances",
    "must not be more than maxInstances",
  ],
  [
    "autoscaling to nothing",
    { autoscale: { minInstances: 0, maxInstances: 3, mem: 0.5 } },
    "/autoscale/minInstances",
    "got 0, expected 1 or more",
  ],
  [
    "autoscaling by a number on no port",
    { autoscale: { maxInstances: 3, metric: { name: "load", target: 1, portIndex: 1 } } },
    "/autoscale/metric/portIndex",
    "must address an element of the ports array or container port mappings.",
  ],
  [
    "autoscaling of a single instance",
    {
      autoscale: { maxInstances: 3, cpu: 0.5 },
      upgradeStrategy: { minimumHealthCapacity: 0, maximumOverCapacity: 0 },
      labels: { MARATHON_SINGLE_INSTANCE_APP: "true" },
    },
    "/autoscale",
    "is not possible for a single instance app",
  ],
  [
    "a deployment without any time",
    { upgradeStrategy: { deadlineSeconds: 0 } },
    "/upgradeStrategy/deadlineSeconds",
    "got 0, expected 1 or more",
  ],
  ["less than no memory", { mem: -3 }, "/mem", "got -3.0, expected 0.0 or more"],
  ["less than no instances", { instances: -3 }, "/instances", "got -3, expected 0 or more"],
  ["an id with capitals", { id: "/Bad" }, "/id", "must fully match regular expression"],
  [
    "an id that ends in a word of the API",
    { id: "/a/restart" },
    "/id",
    "must not end with any of the following reserved keywords: restart, tasks, versions, ., ..",
  ],
  ["the root as id", { id: "/" }, "/id", "Path must contain at least one path element"],
  ["a bad dependency", { dependencies: ["/ok", "/B"] }, "/dependencies(1)", "must fully match"],
  [
    "declared ports off the host",
    { networks: [{ mode: "container/bridge" }], portDefinitions: [{}] },
    "/",
    "portDefinitions are only allowed with host-networking",
  ],
  [
    "mapped ports on the host",
    { container: { ...MESOS, portMappings: [{}] } },
    "/",
    "portMappings are not allowed with host-networking",
  ],
  [
    "two ports of one name",
    { portDefinitions: [{ name: "a" }, { name: "a" }] },
    "/portDefinitions",
    "Port names must be unique.",
  ],
  [
    "two ports of one number",
    { portDefinitions: [{ port: 1 }, { port: 1 }] },
    "/portDefinitions",
    "Ports must be unique.",
  ],
  [
    "a host and a bridge",
    { networks: [{ mode: "host" }, { mode: "container/bridge" }] },
    "/networks",
    "May specify a single host network",
  ],
  [
    "a host network with a name",
    { networks: [{ mode: "host", name: "x" }] },
    "/networks",
    "Host networks may not have names or labels",
  ],
  [
    "a bridge with a name",
    { networks: [{ mode: "container/bridge", name: "x" }] },
    "/networks",
    "Bridge networks may not have names",
  ],
  [
    "a network that nobody named",
    { networks: [{}] },
    "/networks",
    "Network name must be specified when container network is selected.",
  ],
  [
    "one network twice",
    { networks: [{ name: "n" }, { name: "n" }] },
    "/networks",
    "Duplicate networks are not allowed",
  ],
  [
    "two networks and Docker",
    { container: IMAGE, networks: [{ name: "n" }, { name: "m" }] },
    "/",
    "may only specify a single container network",
  ],
  [
    "a host port on two networks",
    { container: { ...MESOS, portMappings: [{ hostPort: 0 }] }, networks: [{ name: "n" }, { name: "m" }] },
    "/container/portMappings(0)",
    "networkNames must be a single item list",
  ],
  [
    "a port on a network that is not there",
    { container: { ...MESOS, portMappings: [{ networkNames: ["o"] }] }, networks: [{ name: "n" }] },
    "/container/portMappings(0)/networkNames(0)",
    "is not one of (n)",
  ],
  [
    "a check of a port that is not there",
    { healthChecks: [{ portIndex: 1 }] },
    "/healthChecks(0)",
    "Health check port indices must address an element",
  ],
  [
    "IPv6 without Docker",
    { healthChecks: [{ protocol: "MESOS_HTTP", ipProtocol: "IPv6" }] },
    "/healthChecks(0)",
    "IPv6 can only be used for container type DOCKER",
  ],
  [
    "two checks by Mesos",
    { healthChecks: [{ protocol: "MESOS_HTTP" }, { protocol: "MESOS_TCP" }] },
    "/",
    "AppDefinition can contain at most one Mesos health check",
  ],
  [
    "a command check without a command",
    { healthChecks: [{ protocol: "COMMAND" }] },
    "/healthChecks(0)",
    "COMMAND health checks need a command",
  ],
  [
    "a check in a Docker container",
    { container: IMAGE, check: { tcp: { portIndex: 0 } } },
    "/check",
    "checks are not supported with the Docker engine",
  ],
  ["a check of no kind", { check: {} }, "/check", "Only one of http, tcp, or command may be specified"],
  [
    "two readiness checks",
    { readinessChecks: [{ portName: "default" }, { portName: "default" }] },
    "/readinessChecks",
    "must not have more than 1 element",
  ],
  [
    "readiness of an unknown port",
    { readinessChecks: [{}] },
    "/readinessChecks(0)/portName",
    "No port definition reference for portName http-api",
  ],
  [
    "a slow readiness check",
    { readinessChecks: [{ portName: "default", timeoutSeconds: 30 }] },
    "/readinessChecks(0)/timeoutSeconds",
    "got 30, expected less than 30",
  ],
  ["gpus without the feature", { gpus: 1 }, "/", GPU_OFF],
  ["gpus and Docker", { gpus: 1, container: IMAGE }, "/", "GPU resources only work with the Mesos containerizer", ALL],
  [
    "a limit below the request",
    { cpus: 2, resourceLimits: { cpus: 1 } },
    "/resourceLimits/cpus",
    "resource limit must be greater than or equal to requested resource (2.0)",
  ],
  ["secrets without the feature", { secrets: { a: { source: "b" } } }, "/secrets", "Feature secrets is not enabled"],
  [
    "a secret that is not there",
    { env: { P: { secret: "x" } } },
    "/env/P/secret",
    "references an undefined secret",
    ALL,
  ],
  ["no accepted role at all", { acceptedResourceRoles: [] }, "/acceptedResourceRoles", "must not be empty"],
  [
    "a resident with a role",
    { acceptedResourceRoles: ["x"], container: { ...MESOS, volumes: [DISK] } },
    "/acceptedResourceRoles",
    'A resident app must have `acceptedResourceRoles = ["*"]`.',
  ],
  [
    "two of a single one",
    { instances: 2, labels: { MARATHON_SINGLE_INSTANCE_APP: "true" } },
    "/",
    "Single instance app may only have one instance",
  ],
  [
    "a single one doubled while it is changed",
    { upgradeStrategy: {}, labels: { MARATHON_SINGLE_INSTANCE_APP: "true" } },
    "/upgradeStrategy/maximumOverCapacity",
    "got 1.0, expected 0.0",
  ],
  [
    "a resident doubled while it is changed",
    { upgradeStrategy: {}, container: { ...MESOS, volumes: [DISK] } },
    "/upgradeStrategy/maximumOverCapacity",
    "got 1.0, expected 0.0",
  ],
  [
    "a resident that is given up",
    { unreachableStrategy: {}, container: { ...MESOS, volumes: [DISK] } },
    "/",
    "unreachableStrategy must be disabled for resident tasks",
  ],
  [
    "expunged before inactive",
    { unreachableStrategy: { inactiveAfterSeconds: 2, expungeAfterSeconds: 1 } },
    "/unreachableStrategy/inactiveAfterSeconds",
    "must be less or equal to expungeAfterSeconds",
  ],
  [
    "a volume of two kinds",
    { container: { ...MESOS, volumes: [{ ...DISK, hostPath: "/x" }] } },
    "/container/volumes(0)",
    "Unknown app volume type",
  ],
  [
    "a volume with a slash",
    { container: { ...MESOS, volumes: [{ ...DISK, containerPath: "a/b" }] } },
    "/container/volumes(0)/containerPath",
    'value must not contain "/"',
  ],
  [
    "a volume of nothing",
    { container: { ...MESOS, volumes: [{ ...DISK, persistent: { size: 0 } }] } },
    "/container/volumes(0)/persistent/size",
    "more than 0",
  ],
  [
    "a bound on the root disk",
    { container: { ...MESOS, volumes: [{ ...DISK, persistent: { size: 1, maxSize: 2 } }] } },
    "/container/volumes(0)/persistent",
    "Only mount volumes can have maxSize",
  ],
  [
    "an external volume without the feature",
    { container: { ...MESOS, volumes: [{ containerPath: "/x", external: { name: "n", provider: "dvdi" } }] } },
    "/container/volumes(0)",
    "Feature external_volumes is not enabled",
  ],
  [
    "a secret volume of no secret",
    { container: { ...MESOS, volumes: [{ containerPath: "x", secret: "s" }] } },
    "/container/volumes(0)",
    "volume.secret must refer to an existing secret",
    ALL,
  ],
  ["Docker without an image", { container: { type: "DOCKER" } }, "/container/docker", "not defined"],
  [
    "a pull secret for Docker",
    { container: { docker: { image: "x", pullConfig: { secret: "s" } } } },
    "/container/docker",
    "pullConfig is not supported with Docker containerizer",
  ],
  [
    "Docker's parameters for Mesos",
    { container: { ...MESOS, docker: { image: "x", parameters: [{ key: "a", value: "b" }] } } },
    "/container/docker/parameters",
    "must be empty",
  ],
  ["credentials of old", { container: { docker: { image: "x", credential: {} } } }, "/", "credential is not supported"],
  [
    "a seccomp profile that is off",
    { container: { ...MESOS, linuxInfo: { seccomp: { profileName: "p", unconfined: true } } } },
    "/container/linuxInfo/seccomp",
    "Seccomp unconfined can NOT be true when Profile is defined",
  ],
  [
    "a constraint of one word",
    { constraints: [["hostname"]] },
    "/constraints(0)",
    "Each constraint must have either 2 or 3 fields",
  ],
  [
    "an unknown operator",
    { constraints: [["hostname", "NEAR"]] },
    "/constraints(0)",
    "operator must be one of the following",
  ],
  [
    "UNIQUE with a value",
    { constraints: [["hostname", "UNIQUE", "a"]] },
    "/constraints(0)",
    "UNIQUE does not accept a value",
  ],
  [
    "MAX_PER without a number",
    { constraints: [["hostname", "MAX_PER"]] },
    "/constraints(0)",
    "MAX_PER requires an integer value",
  ],
  [
    "GROUP_BY with a word",
    { constraints: [["hostname", "GROUP_BY", "a"]] },
    "/constraints(0)",
    "GROUP BY must define an integer value",
  ],
  [
    "a bad pattern",
    { constraints: [["hostname", "LIKE", "("]] },
    "/constraints(0)",
    "is not a valid regular expression",
  ],
  [
    "IS with a set",
    { constraints: [["rack", "IS", "{a}"]] },
    "/constraints(0)",
    "IS only supports Mesos text and float values",
  ],
  ["a uri with a space", { fetch: [{ uri: "a b" }] }, "/fetch(0)/uri", "URI has invalid syntax."],
  [
    "half a migration",
    { labels: { DCOS_MIGRATION_API_VERSION: "v1" } },
    "/",
    "DCOS_PACKAGE_FRAMEWORK_NAME and DCOS_MIGRATION_API_PATH must be defined",
  ],
];

describe("an app is refused", () => {
  for (const [name, body, path, text, settings = DEFAULT_SETTINGS] of BROKEN) {
    test(`for ${name}`, () => {
      expect((told(body, settings)[path] ?? []).join("\n")).toContain(text);
    });
  }

  test("with the body that clients parse", () => {
    const outcome = readApp({ id: 1 }, { settings: DEFAULT_SETTINGS });
    const details = [{ path: "/id", errors: ["error.expected.jsstring"] }];
    expect(outcome).toEqual({ refusal: { status: 422, body: { message: "Invalid JSON", details } } });
  });

  test("when the body is no JSON at all", () => {
    expect(parseBody('{"id":')).toMatchObject({ refusal: { status: 400, body: { message: "Invalid JSON" } } });
  });
});
