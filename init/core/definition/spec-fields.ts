import {
  bool,
  choice,
  defaulting,
  type Fields,
  list,
  long,
  map,
  object,
  optional,
  real,
  required,
  text,
  textOr,
  whole,
} from "@meseta/api/json-body/field.ts";

/** Names of ports, containers, endpoints and pod volumes. */
export const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const NETWORK_NAME = /^[a-z0-9]([-a-z0-9_]*[a-z0-9])?$/;

export const name = text({ min: 1, max: 63, pattern: NAME });
/** Port names of apps may be longer. */
export const portName = text({ min: 1, pattern: NAME });
export const word = text({ min: 1 });
export const path = text({ min: 1, max: 1024 });
export const labels = map(text());
export const anyPort = whole(0, 65535);
export const protocol = choice("tcp", "udp", "udp,tcp");
export const texts = list(text());

export const env = map(textOr(text(), object({ secret: required(text()) })));
export const secrets = map(object({ source: required(word) }));

/** A number, or `unlimited`. */
const limit = textOr({ kind: "choice", values: ["unlimited"] }, real(0));
export const resourceLimits = object({ cpus: optional(limit), mem: optional(limit) });

export const executorResources = object({
  cpus: defaulting(real(0.1), 0.1),
  mem: defaulting(real(32), 32),
  disk: defaulting(real(10), 10),
});

export const network = object({
  mode: defaulting(choice("host", "container/bridge", "container"), "container"),
  name: optional(text({ min: 1, max: 63, pattern: NETWORK_NAME })),
  labels: defaulting(labels, {}),
});

/** Of an app's fetch and a pod's artifacts. */
export const fetchItem = object({
  uri: required(text({ min: 1, max: 1024 })),
  extract: defaulting(bool, true),
  executable: defaulting(bool, false),
  cache: defaulting(bool, false),
  destPath: optional(path),
});

export const unreachableStrategy = textOr(
  choice("disabled"),
  object({ inactiveAfterSeconds: defaulting(long(0), 0), expungeAfterSeconds: defaulting(long(0), 0) }),
);

export const killSelection = choice("YOUNGEST_FIRST", "OLDEST_FIRST");
export const operator = choice("UNIQUE", "CLUSTER", "GROUP_BY", "LIKE", "UNLIKE", "MAX_PER", "IS");

export const upgradeStrategy = object({
  minimumHealthCapacity: defaulting(real(0, 1), 1),
  maximumOverCapacity: defaulting(real(0, 1), 1),
  deadlineSeconds: optional(whole(1)),
});

export const linuxInfo = object({
  seccomp: optional(object({ profileName: optional(text()), unconfined: defaulting(bool, false) })),
  ipcInfo: optional(object({ mode: required(choice("PRIVATE", "SHARE_PARENT")), shmSize: optional(whole(0)) })),
});

export const pullConfig = object({ secret: required(text()) });

export const persistent = object({
  type: defaulting(choice("root", "path", "mount"), "root"),
  size: required(long(0)),
  maxSize: optional(long(0)),
  profileName: optional(text()),
  constraints: defaulting(list(texts), []),
});

const command = object({ shell: optional(word), argv: optional(list(text(), 1)) });

export const execCheck = object({ command: required(command) });
export const exec = object({ command: required(command), overrideEntrypoint: optional(bool) });

/** The times that every check has, in seconds. */
export const checkTimes: Fields = {
  intervalSeconds: defaulting(whole(0), 60),
  timeoutSeconds: defaulting(whole(0), 20),
  delaySeconds: defaulting(whole(0), 15),
};

export const httpScheme = defaulting(choice("HTTP", "HTTPS"), "HTTP");
