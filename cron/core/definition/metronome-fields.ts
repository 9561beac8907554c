import {
  bool,
  choice,
  defaulting,
  type Field,
  type Fields,
  list,
  map,
  object,
  optional,
  real,
  required,
  text,
  textOr,
  whole,
} from "@meseta/api/json-body/field.ts";

const word = text({ min: 1 });
const off = defaulting(bool, false);
const JOB_ID = /^([a-z0-9]+(-+[a-z0-9]+)*)([.][a-z0-9]+(-+[a-z0-9]+)*)*$/;
const SCHEDULE_ID = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

const artifact = object({ uri: required(word), extract: defaulting(bool, true), executable: off, cache: off });

const docker = object({
  image: required(word),
  forcePullImage: off,
  privileged: off,
  parameters: defaulting(list(object({ key: required(word), value: required(text()) })), []),
});

const ucr = object({
  image: required(object({ id: required(word), kind: defaulting(choice("docker", "appc"), "docker"), forcePull: off })),
  privileged: off,
});

const volume = object({
  containerPath: required(text({ min: 1, max: 1024 })),
  hostPath: optional(word),
  mode: optional(choice("RO", "RW")),
  secret: optional(word),
});

const network = object({
  mode: required(choice("host", "container", "container/bridge")),
  name: optional(word),
  labels: optional(map(text())),
});

const constraint = object({
  attribute: required(word),
  // EQ is an old word for IS.
  operator: required(choice("IS", "EQ", "LIKE", "UNLIKE")),
  value: optional(text()),
});

const restart = object({
  policy: defaulting(choice("NEVER", "ON_FAILURE"), "NEVER"),
  activeDeadlineSeconds: optional(whole(1)),
});

const run = object({
  cpus: defaulting(real(0.01, 1e6), 1),
  mem: defaulting(real(32, 1e12), 128),
  disk: defaulting(real(0, 1e12), 0),
  gpus: defaulting(whole(0), 0),
  cmd: optional(word),
  args: optional(list(text())),
  user: optional(word),
  env: defaulting(map(textOr(text(), object({ secret: required(word) }))), {}),
  secrets: defaulting(map(object({ source: required(word) })), {}),
  artifacts: defaulting(list(artifact), []),
  docker: optional(docker),
  ucr: optional(ucr),
  volumes: defaulting(list(volume), []),
  networks: defaulting(list(network), []),
  placement: defaulting(object({ constraints: defaulting(list(constraint), []) }), { constraints: [] }),
  maxLaunchDelay: defaulting(whole(1), 3600),
  restart: defaulting(restart, { policy: "NEVER" }),
  taskKillGracePeriodSeconds: optional(whole(0)),
});

/** What a schedule may have. Both spellings of the zone are read: the dcos command line writes `timeZone`. Source: Metronome's API, 0.6. */
export const SCHEDULE_FIELDS: Fields = {
  id: required(text({ min: 1, max: 1000, pattern: SCHEDULE_ID })),
  cron: required(word),
  timezone: optional(word),
  timeZone: optional(word),
  startingDeadlineSeconds: defaulting(whole(60), 900),
  concurrencyPolicy: defaulting(choice("ALLOW", "FORBID"), "ALLOW"),
  enabled: defaulting(bool, true),
  catchUp: optional(choice("EACH", "ONE", "NONE")),
};

/** The id of a job that there is. */
export const KNOWN_ID: Field = required(word);

/** What a job may have. Source: Metronome's API, 0.6. */
export const METRONOME_FIELDS: Fields = {
  id: required(text({ min: 1, max: 1000, pattern: JOB_ID })),
  description: optional(text()),
  labels: defaulting(map(text()), {}),
  dependencies: defaulting(list(object({ id: required(word) })), []),
  run: required(run),
};

/** What POST /v0/scheduled-jobs may have: a job with its schedules. */
export const SCHEDULED_JOB_FIELDS: Fields = {
  ...METRONOME_FIELDS,
  schedules: defaulting(list(object(SCHEDULE_FIELDS)), []),
};
