import {
  bool,
  choice,
  defaulting,
  type Fields,
  list,
  long,
  object,
  optional,
  real,
  required,
  text,
  whole,
} from "@meseta/api/json-body/field.ts";

const word = text({ min: 1 });
const line = defaulting(text(), "");
const off = defaulting(bool, false);
const keyValues = defaulting(list(object({ key: required(word), value: required(text()) })), []);

const fetch = object({
  uri: required(word),
  executable: off,
  cache: off,
  extract: defaulting(bool, true),
  output_file: line,
});

const portMapping = object({
  hostPort: required(whole(0, 65535)),
  containerPort: required(whole(0, 65535)),
  protocol: optional(choice("tcp", "udp")),
});

const networkInfo = object({
  name: required(word),
  protocol: optional(text()),
  labels: keyValues,
  portMappings: defaulting(list(portMapping), []),
});

const volume = object({
  hostPath: optional(text()),
  containerPath: required(word),
  mode: defaulting(choice("RO", "RW"), "RW"),
  external: optional(object({ name: required(word), provider: required(word), options: keyValues })),
});

const container = object({
  type: defaulting(choice("DOCKER", "MESOS"), "DOCKER"),
  image: line,
  network: defaulting(choice("HOST", "BRIDGE", "USER"), "HOST"),
  networkName: optional(text()),
  networkInfos: defaulting(list(networkInfo), []),
  volumes: defaulting(list(volume), []),
  forcePullImage: off,
  parameters: keyValues,
});

/** What a Chronos job may have. Source: Chronos' job JSON, 2.4 and 3.0. */
export const CHRONOS_FIELDS: Fields = {
  name: required(text({ min: 1, max: 1000, pattern: /^[\w.-]+$/ })),
  command: line,
  shell: defaulting(bool, true),
  arguments: defaulting(list(text()), []),
  schedule: optional(text()),
  scheduleTimeZone: line,
  parents: optional(list(word)),
  catchUp: optional(choice("EACH", "ONE", "NONE")),
  executor: line,
  executorFlags: line,
  taskInfoData: line,
  retries: defaulting(whole(0), 2),
  owner: line,
  ownerName: line,
  description: line,
  async: off,
  epsilon: defaulting(text({ pattern: /^$|^P/ }), "PT60S"),
  successCount: defaulting(long(0), 0),
  errorCount: defaulting(long(0), 0),
  errorsSinceLastSuccess: defaulting(long(0), 0),
  lastSuccess: line,
  lastError: line,
  cpus: defaulting(real(0, 1e6), 0),
  mem: defaulting(real(0, 1e12), 0),
  disk: defaulting(real(0, 1e12), 0),
  disabled: off,
  concurrent: off,
  softError: off,
  highPriority: off,
  dataProcessingJobType: off,
  maxCompletionTime: defaulting(whole(0), 0),
  uris: defaulting(list(word), []),
  fetch: defaulting(list(fetch), []),
  environmentVariables: defaulting(list(object({ name: required(word), value: line })), []),
  runAsUser: line,
  container: optional(container),
  constraints: defaulting(list(list(text())), []),
};
