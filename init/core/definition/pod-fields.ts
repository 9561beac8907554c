import {
  bool,
  choice,
  defaulting,
  type Fields,
  list,
  map,
  object,
  optional,
  real,
  required,
  text,
  whole,
} from "@meseta/api/json-body/field.ts";
import * as spec from "./spec-fields.ts";

const endpoint = object({
  name: required(spec.name),
  containerPort: optional(whole(1, 65535)),
  hostPort: optional(spec.anyPort),
  protocol: defaulting(list(spec.name, 1), ["tcp"]),
  labels: defaulting(spec.labels, {}),
  networkNames: defaulting(list(spec.name), []),
});

const check = {
  http: optional(object({ endpoint: required(spec.name), path: defaulting(spec.path, "/"), scheme: spec.httpScheme })),
  tcp: optional(object({ endpoint: required(spec.name) })),
  exec: optional(spec.execCheck),
  ...spec.checkTimes,
};

const healthCheck = object({
  ...check,
  gracePeriodSeconds: defaulting(whole(0), 300),
  maxConsecutiveFailures: defaulting(whole(0), 3),
});

const image = object({
  kind: required(choice("DOCKER")),
  id: required(spec.path),
  forcePull: defaulting(bool, false),
  pullConfig: optional(spec.pullConfig),
  labels: defaulting(spec.labels, {}),
});

const resources = object({
  cpus: defaulting(real(0.001), 1),
  mem: defaulting(real(0.001), 128),
  disk: defaulting(real(0), 0),
  gpus: defaulting(whole(0), 0),
});

const volumeMount = object({
  name: required(spec.name),
  mountPath: required(spec.path),
  readOnly: defaulting(bool, false),
});

const container = object({
  name: required(spec.name),
  exec: optional(spec.exec),
  resources: required(resources),
  resourceLimits: optional(spec.resourceLimits),
  image: optional(image),
  endpoints: defaulting(list(endpoint), []),
  environment: defaulting(spec.env, {}),
  user: optional(spec.word),
  healthCheck: optional(healthCheck),
  check: optional(object(check)),
  volumeMounts: defaulting(list(volumeMount), []),
  artifacts: defaulting(list(spec.fetchItem), []),
  labels: defaulting(spec.labels, {}),
  lifecycle: optional(object({ killGracePeriodSeconds: optional(real(0)) })),
  tty: optional(bool),
  linuxInfo: optional(spec.linuxInfo),
});

const volume = object({
  name: required(spec.name),
  host: optional(spec.word),
  secret: optional(spec.word),
  persistent: optional(spec.persistent),
});

const backoff = object({
  backoff: defaulting(real(0), 1),
  backoffFactor: defaulting(real(1), 1.15),
  maxLaunchDelay: defaulting(real(0), 300),
});

const constraint = object({ fieldName: required(text()), operator: required(spec.operator), value: optional(text()) });

const placement = object({
  constraints: defaulting(list(constraint), []),
  acceptedResourceRoles: defaulting(spec.texts, []),
});

const scheduling = object({
  backoff: optional(backoff),
  upgrade: optional(spec.upgradeStrategy),
  placement: optional(placement),
  killSelection: defaulting(spec.killSelection, "YOUNGEST_FIRST"),
  unreachableStrategy: optional(spec.unreachableStrategy),
});

const scaling = object({
  kind: defaulting(choice("fixed"), "fixed"),
  instances: defaulting(whole(0), 1),
  maxInstances: optional(whole(0)),
});

/** What a pod's definition may hold. What depends on other fields is filled by `pod-defaults.ts`. */
export const POD_FIELDS: Fields = {
  id: required(spec.word),
  user: optional(spec.word),
  labels: defaulting(spec.labels, {}),
  environment: defaulting(spec.env, {}),
  secrets: defaulting(map(object({ source: required(spec.word) })), {}),
  role: optional(spec.word),
  containers: required(list(container, 1)),
  volumes: defaulting(list(volume), []),
  networks: defaulting(list(spec.network), []),
  scaling: defaulting(scaling, { kind: "fixed", instances: 1 }),
  scheduling: optional(scheduling),
  executorResources: defaulting(spec.executorResources, { cpus: 0.1, mem: 32, disk: 10 }),
  linuxInfo: optional(spec.linuxInfo),
  legacySharedCgroups: optional(bool),
};
