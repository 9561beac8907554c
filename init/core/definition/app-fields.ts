import {
  bool,
  choice,
  defaulting,
  type Fields,
  json,
  list,
  long,
  map,
  object,
  optional,
  real,
  required,
  text,
  whole,
} from "@meseta/api/json-body/field.ts";
import * as spec from "./spec-fields.ts";

const labelled = { name: optional(spec.portName), labels: defaulting(spec.labels, {}) };

const portDefinition = object({
  port: defaulting(spec.anyPort, 0),
  protocol: defaulting(spec.protocol, "tcp"),
  ...labelled,
});

const portMapping = object({
  containerPort: defaulting(spec.anyPort, 0),
  hostPort: optional(spec.anyPort),
  servicePort: defaulting(spec.anyPort, 0),
  protocol: defaulting(spec.protocol, "tcp"),
  ...labelled,
  networkNames: defaulting(list(spec.name), []),
});

const external = object({
  name: optional(text()),
  provider: defaulting(text(), ""),
  size: optional(long(0)),
  options: defaulting(map(json), {}),
  shared: defaulting(bool, false),
});

const volume = object({
  containerPath: required(spec.word),
  mode: optional(choice("RO", "RW")),
  hostPath: optional(spec.word),
  persistent: optional(spec.persistent),
  external: optional(external),
  secret: optional(spec.word),
});

const docker = object({
  image: required(spec.word),
  forcePullImage: defaulting(bool, false),
  privileged: defaulting(bool, false),
  parameters: defaulting(list(object({ key: required(spec.word), value: required(text()) })), []),
  pullConfig: optional(spec.pullConfig),
  config: optional(text()),
  credential: optional(json),
  network: optional(choice("BRIDGE", "HOST", "NONE", "USER")),
  portMappings: optional(list(portMapping)),
});

const container = object({
  type: defaulting(choice("DOCKER", "MESOS"), "DOCKER"),
  docker: optional(docker),
  linuxInfo: optional(spec.linuxInfo),
  portMappings: optional(list(portMapping)),
  volumes: defaulting(list(volume), []),
});

const healthCheck = object({
  protocol: optional(choice("HTTP", "HTTPS", "TCP", "COMMAND", "MESOS_TCP", "MESOS_HTTP", "MESOS_HTTPS")),
  path: optional(text()),
  port: optional(spec.anyPort),
  portIndex: optional(spec.anyPort),
  command: optional(object({ value: required(text()) })),
  gracePeriodSeconds: defaulting(whole(0), 300),
  ...spec.checkTimes,
  maxConsecutiveFailures: defaulting(whole(0), 3),
  ignoreHttp1xx: defaulting(bool, false),
  ipProtocol: defaulting(choice("IPv4", "IPv6"), "IPv4"),
});

const checkedPort = { port: optional(spec.anyPort), portIndex: optional(spec.anyPort) };

const check = object({
  http: optional(object({ ...checkedPort, path: defaulting(spec.path, "/"), scheme: spec.httpScheme })),
  tcp: optional(object(checkedPort)),
  exec: optional(spec.execCheck),
  ...spec.checkTimes,
});

const readinessCheck = object({
  name: defaulting(spec.word, "readinessCheck"),
  protocol: spec.httpScheme,
  path: defaulting(spec.path, "/"),
  portName: defaulting(spec.portName, "http-api"),
  intervalSeconds: defaulting(whole(0), 30),
  timeoutSeconds: defaulting(whole(1), 10),
  httpStatusCodesForReady: defaulting(list(whole(100, 999), 1), [200]),
  preserveLastResponse: defaulting(bool, false),
});

const metric = object({
  path: defaulting(spec.path, "/metrics"),
  portIndex: defaulting(spec.anyPort, 0),
  name: required(spec.word),
  target: required(real(0)),
});

const autoscale = object({
  minInstances: defaulting(whole(1), 1),
  maxInstances: required(whole(1)),
  coolDownSeconds: defaulting(whole(1), 60),
  cpu: optional(real(0)),
  mem: optional(real(0)),
  metric: optional(metric),
  queue: optional(metric),
});

const residency = object({
  relaunchEscalationTimeoutSeconds: defaulting(long(0), 3600),
  taskLostBehavior: defaulting(choice("WAIT_FOREVER", "RELAUNCH_AFTER_TIMEOUT"), "WAIT_FOREVER"),
});

/** What an app's definition may hold. What depends on other fields (networks, ports, upgradeStrategy …) is filled by `app-defaults.ts`. */
export const APP_FIELDS: Fields = {
  id: optional(spec.word),
  cmd: optional(spec.word),
  args: defaulting(spec.texts, []),
  user: optional(text()),
  env: defaulting(spec.env, {}),
  instances: defaulting(whole(0), 1),
  cpus: defaulting(real(0), 1),
  mem: defaulting(real(0), 128),
  disk: defaulting(real(0), 0),
  gpus: defaulting(whole(0), 0),
  resourceLimits: optional(spec.resourceLimits),
  executor: defaulting(text({ pattern: /^(\/\/cmd|\/?[^/]+(\/[^/]+)*|)$/ }), ""),
  executorResources: optional(spec.executorResources),
  constraints: defaulting(list(spec.texts), []),
  acceptedResourceRoles: optional(spec.texts),
  fetch: defaulting(list(spec.fetchItem), []),
  requirePorts: defaulting(bool, false),
  backoffSeconds: defaulting(whole(0), 1),
  backoffFactor: defaulting(real(1), 1.15),
  maxLaunchDelaySeconds: defaulting(whole(0), 300),
  container: optional(container),
  healthChecks: defaulting(list(healthCheck), []),
  check: optional(check),
  readinessChecks: defaulting(list(readinessCheck), []),
  taskKillGracePeriodSeconds: optional(whole(0)),
  dependencies: defaulting(list(spec.word), []),
  upgradeStrategy: optional(spec.upgradeStrategy),
  labels: defaulting(spec.labels, {}),
  networks: optional(list(spec.network)),
  portDefinitions: optional(list(portDefinition)),
  residency: optional(residency),
  role: optional(spec.word),
  secrets: defaulting(spec.secrets, {}),
  unreachableStrategy: optional(spec.unreachableStrategy),
  killSelection: defaulting(spec.killSelection, "YOUNGEST_FIRST"),
  tty: optional(bool),
  autoscale: optional(autoscale),
};

const ipAddress = object({
  networkName: optional(spec.word),
  groups: optional(spec.texts),
  labels: defaulting(spec.labels, {}),
  discovery: optional(
    object({
      ports: defaulting(
        list(
          object({
            number: defaulting(spec.anyPort, 0),
            name: required(spec.portName),
            protocol: defaulting(spec.protocol, "tcp"),
            labels: defaulting(spec.labels, {}),
          }),
        ),
        [],
      ),
    }),
  ),
});

/** Forms of before Marathon 1.5, rewritten by `legacy.ts` and never shown. */
export const LEGACY_FIELDS: Fields = {
  ports: optional(list(spec.anyPort)),
  uris: optional(list(text({ min: 1, max: 1024 }))),
  ipAddress: optional(ipAddress),
};

/** What the server alone sets; but `version` alone asks for a rollback. */
export const SERVER_FIELDS: Fields = {
  version: optional(text()),
  versionInfo: optional(json),
};
