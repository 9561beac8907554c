import type { ContainerInfo, Environment, HealthCheck, Volume } from "@meseta/api/mesos/generated/mesos.ts";
import { expect, test } from "vitest";
import { validateCheck, validateCheckStatus, validateHealthCheck } from "./checks.ts";
import { validateContainer } from "./container.ts";
import { validateEnvironment } from "./environment.ts";
import { validateContainerId, validateId, validateUuid } from "./ids.ts";

const one = (variable: NonNullable<Environment["variables"]>[number]): Environment => ({ variables: [variable] });

test("a variable of each type with what belongs to it is valid", () => {
  const variables: Environment["variables"] = [
    { name: "A", type: "VALUE", value: "" },
    { name: "B", value: "x=y" },
    { name: "C", type: "SECRET", secret: { type: "VALUE", value: { data: "aGk=" } } },
    { name: "D", type: "SECRET", secret: { type: "REFERENCE", reference: { name: "n" } } },
  ];
  expect(validateEnvironment({ variables })).toBeUndefined();
});

test.each<[string, Environment]>([
  ["Environment variable 'A' of type 'VALUE' must have a value set", one({ name: "A", type: "VALUE" })],
  [
    "Environment variable 'A' of type 'VALUE' must not have a secret set",
    one({ name: "A", type: "VALUE", value: "x", secret: {} }),
  ],
  [
    "Environment variable 'A' of type 'VALUE' must not have a value containing null bytes",
    one({ name: "A", value: "x\0" }),
  ],
  ["Environment variable 'A' of type 'UNKNOWN' is not allowed", one({ name: "A", type: "UNKNOWN", value: "x" })],
  ["Environment variable 'A=B' must have a name without '=' and null bytes", one({ name: "A=B", value: "x" })],
  [
    "Environment variable 'A' of type 'SECRET' must not have a value set",
    one({ name: "A", type: "SECRET", value: "x" }),
  ],
  ["Environment variable 'A' of type 'SECRET' must have a secret set", one({ name: "A", type: "SECRET" })],
  [
    "Environment variable 'A' of type 'SECRET' must not have a secret containing null bytes",
    one({ name: "A", type: "SECRET", secret: { type: "VALUE", value: { data: "AGE=" } } }),
  ],
  [
    "Environment variable 'A' of type 'SECRET' has an invalid secret: Secret of type UNKNOWN is not allowed",
    one({ name: "A", type: "SECRET", secret: {} }),
  ],
  [
    "Environment variable 'A' of type 'SECRET' has an invalid secret: Secret of type VALUE must have the 'value' field set, and no 'reference'",
    one({ name: "A", type: "SECRET", secret: { type: "VALUE" } }),
  ],
  [
    "Environment variable 'A' of type 'SECRET' has an invalid secret: Secret of type REFERENCE must have the 'reference' field set, and no 'value'",
    one({ name: "A", type: "SECRET", secret: { type: "REFERENCE" } }),
  ],
])("%s", (message, environment) => {
  expect(validateEnvironment(environment)).toEqual({ message });
});

const volume = (more: Partial<Volume>): Volume => ({ mode: "RW", container_path: "d", ...more });

test("a volume comes from exactly one place", () => {
  const check = (...volumes: Volume[]) => validateContainer({ type: "MESOS", volumes });
  expect(
    check(
      volume({ host_path: "/x" }),
      volume({ source: { type: "SANDBOX_PATH", sandbox_path: { type: "PARENT", path: "p" } } }),
    ),
  ).toBeUndefined();
  const refusals = [
    [volume({}), "Volume 'd': exactly one of 'host_path', 'image' and 'source' must be set"],
    [
      volume({ host_path: "/x", source: { type: "HOST_PATH" } }),
      "Volume 'd': exactly one of 'host_path', 'image' and 'source' must be set",
    ],
    [volume({ source: {} }), "Volume 'd': 'source.type' is unknown"],
    [volume({ source: { type: "HOST_PATH" } }), "Volume 'd': 'source.host_path' is not set for HOST_PATH volume"],
    [
      volume({ source: { type: "SANDBOX_PATH", sandbox_path: { path: "p" } } }),
      "Volume 'd': 'source.sandbox_path.type' is unknown",
    ],
    [
      volume({ source: { type: "SANDBOX_PATH", sandbox_path: { type: "SELF", path: "a/../.." } } }),
      "Volume 'd': 'source.sandbox_path.path' must not leave the sandbox",
    ],
    [volume({ source: { type: "SECRET", secret: {} } }), "Volume 'd': Secret of type UNKNOWN is not allowed"],
  ] as const;
  for (const [bad, message] of refusals) expect(check(bad)).toEqual({ message });
});

test("a DOCKER container has its image, and its name is not the user's to give", () => {
  expect(validateContainer({ type: "DOCKER", docker: { image: "i" } })).toBeUndefined();
  expect(validateContainer({ type: "DOCKER" })).toEqual({
    message: "DockerInfo 'docker' is not set for DOCKER typed ContainerInfo",
  });
  expect(
    validateContainer({ type: "DOCKER", docker: { image: "i", parameters: [{ key: "name", value: "x" }] } }),
  ).toEqual({ message: "Parameter in DockerInfo must not be 'name'" });
});

test.each<[string, Partial<ContainerInfo>]>([
  ["'image.docker' is not set for an image of type DOCKER", { mesos: { image: { type: "DOCKER" } } }],
  ["'image.appc' is not set for an image of type APPC", { mesos: { image: { type: "APPC" } } }],
  [
    "Volume 'd': 'image.docker' is not set for an image of type DOCKER",
    { volumes: [{ mode: "RW", container_path: "d", image: { type: "DOCKER" } }] },
  ],
  [
    "'seccomp.profile_name' must not be set when 'seccomp.unconfined' is true",
    { linux_info: { seccomp: { unconfined: true, profile_name: "p" } } },
  ],
  [
    "'shm_size' must not be set when 'ipc_mode' is SHARE_PARENT",
    { linux_info: { ipc_mode: "SHARE_PARENT", shm_size: 1 } },
  ],
  [
    "Only one of 'capability_info' and 'effective_capabilities' may be set",
    { linux_info: { capability_info: {}, effective_capabilities: {} } },
  ],
  [
    "A capability of the container is unknown",
    { linux_info: { effective_capabilities: { capabilities: ["UNKNOWN"] } } },
  ],
  [
    "The effective capability KILL is not among the bounding capabilities",
    { linux_info: { effective_capabilities: { capabilities: ["KILL"] }, bounding_capabilities: {} } },
  ],
  [
    "Port 70000 of a port mapping is not between 1 and 65535",
    { network_infos: [{ name: "n", port_mappings: [{ host_port: 1, container_port: 70_000 }] }] },
  ],
  [
    "Port 0 of a port mapping is not between 1 and 65535",
    { type: "DOCKER", docker: { image: "i", port_mappings: [{ host_port: 0, container_port: 1 }] } },
  ],
])("a container is refused: %s", (message, container) => {
  expect(validateContainer({ type: "MESOS", ...container })).toEqual({ message });
});

test("a container with an image, rights and ports is as it should be", () => {
  const container: ContainerInfo = {
    type: "MESOS",
    mesos: { image: { type: "DOCKER", docker: { name: "i" } } },
    linux_info: {
      seccomp: { profile_name: "p" },
      ipc_mode: "PRIVATE",
      shm_size: 64,
      effective_capabilities: { capabilities: ["KILL"] },
      bounding_capabilities: { capabilities: ["KILL", "CHOWN"] },
    },
    network_infos: [{ name: "n", port_mappings: [{ host_port: 31000, container_port: 80 }] }],
  };
  expect(validateContainer(container)).toBeUndefined();
});

test("limits of the process have both ends or none", () => {
  const check = (more: object) =>
    validateContainer({ type: "MESOS", rlimit_info: { rlimits: [{ type: "RLMT_CORE", ...more }] } });
  expect([check({}), check({ soft: 1, hard: 2 })]).toEqual([undefined, undefined]);
  expect(check({ soft: 1 })).toEqual({
    message: "RLMT_CORE: 'soft' and 'hard' must both be set, or neither for no limit",
  });
  expect(check({ soft: 3, hard: 2 })).toEqual({ message: "RLMT_CORE: 'soft' must not be above 'hard'" });
  expect(check({ type: "UNKNOWN" })).toEqual({ message: "The type of a resource limit of the process is unknown" });
});

test.each<[string, HealthCheck]>([
  ["HealthCheck must specify 'type'", {}],
  ["'UNKNOWN' is not a valid health check type", { type: "UNKNOWN" }],
  ["Expecting 'command' to be set for COMMAND health check", { type: "COMMAND" }],
  ["Health check's `CommandInfo` is invalid: the line for the shell is missing", { type: "COMMAND", command: {} }],
  [
    "Health check's `CommandInfo` is invalid: the path of a program is missing",
    { type: "COMMAND", command: { shell: false } },
  ],
  ["Expecting 'http' to be set for HTTP health check", { type: "HTTP" }],
  ["Unsupported HTTP health check scheme: 'ftp'", { type: "HTTP", http: { port: 80, scheme: "ftp" } }],
  ["The path 'x' of HTTP health check must start with '/'", { type: "HTTP", http: { port: 80, path: "x" } }],
  ["Port 70000 is not between 1 and 65535", { type: "HTTP", http: { port: 70000 } }],
  ["Expecting 'tcp' to be set for TCP health check", { type: "TCP" }],
  ["Expecting 'grace_period_seconds' to be non-negative", { type: "TCP", tcp: { port: 1 }, grace_period_seconds: -1 }],
  ["Expecting 'delay_seconds' to be non-negative", { type: "TCP", tcp: { port: 1 }, delay_seconds: Number.NaN }],
])("health check: %s", (message, check) => {
  expect(validateHealthCheck(check)).toEqual({ message });
});

test("checks are asked for what their type needs", () => {
  const command = { command: { value: "true" } };
  expect([
    validateCheck({ type: "COMMAND", command }),
    validateCheck({ type: "HTTP", http: { port: 1, path: "/a" } }),
    validateCheck({ type: "TCP", tcp: { port: 1 } }),
  ]).toEqual([undefined, undefined, undefined]);
  expect(validateCheck({})).toEqual({ message: "CheckInfo must specify 'type'" });
  expect(validateCheck({ type: "UNKNOWN" })).toEqual({ message: "'UNKNOWN' is not a valid check type" });
  expect(validateCheck({ type: "COMMAND" })).toEqual({ message: "Expecting 'command' to be set for COMMAND check" });
  expect(validateCheck({ type: "COMMAND", command: { command: {} } })).toEqual({
    message: "Check's `CommandInfo` is invalid: the line for the shell is missing",
  });
  expect(validateCheck({ type: "HTTP" })).toEqual({ message: "Expecting 'http' to be set for HTTP check" });
  expect(validateCheck({ type: "TCP" })).toEqual({ message: "Expecting 'tcp' to be set for TCP check" });
  expect(validateCheck({ type: "COMMAND", command, interval_seconds: -1 })).toEqual({
    message: "Expecting 'interval_seconds' to be non-negative",
  });
});

test("what an executor says of a check has the part of its type", () => {
  expect(validateCheckStatus({ type: "HTTP", http: {} })).toBeUndefined();
  expect(validateCheckStatus({})).toEqual({ message: "CheckStatusInfo must specify 'type'" });
  expect(validateCheckStatus({ type: "COMMAND" })).toEqual({
    message: "Expecting 'command' to be set for COMMAND check's status",
  });
  expect(validateCheckStatus({ type: "HTTP", http: { status_code: 42 } })).toEqual({
    message: "'42' is not a valid HTTP status code",
  });
});

test("ids of containers are stricter than others, with all their parents", () => {
  expect(validateId({ value: "a.b" })).toBeUndefined();
  expect(validateContainerId({ value: "a", parent: { value: "b" } })).toBeUndefined();
  expect(validateContainerId({ value: "x.y" })).toEqual({
    message: "'ContainerID.value' 'x.y' contains invalid characters",
  });
  expect(validateContainerId({ value: "a", parent: { value: "b c" } })).toEqual({
    message: "'ContainerID.value' 'b c' contains invalid characters",
  });
  expect(validateContainerId({ value: "" })).toEqual({
    message: "'ContainerID.value' is invalid: ID must not be empty",
  });
  expect(validateContainerId({ value: "a".repeat(243) })).toEqual({
    message: "'ContainerID.value' must not be greater than 242 characters",
  });
});

test("a uuid is sixteen bytes", () => {
  expect(validateUuid("+apZVaBaS/qhCJOvxX/3wg==")).toBeUndefined();
  for (const bad of ["", "aGk=", "+apZVaBaS/qhCJOvxX/3wgAA"])
    expect(validateUuid(bad)).toEqual({ message: "Not a valid UUID" });
});
