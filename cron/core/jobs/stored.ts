import { type Job, PLAIN_CHRONOS, type Run } from "../job.ts";
import { EMPTY_LIST, EMPTY_MAP } from "./lean.ts";

/** A job in its record: what it says as most jobs do is left out, since a hundred thousand of them are read at each start. */
export interface StoredJob extends Partial<Omit<Job, "run">> {
  readonly run: Partial<Run>;
}

/** The record of a lean job. */
export function storedJob(job: Job): StoredJob {
  return { ...unusual(job, USUAL), run: unusual(job.run, USUAL_RUN) };
}

/** The job of the record. */
export function jobOf(stored: StoredJob): Job {
  return { ...USUAL, ...stored, run: { ...USUAL_RUN, ...stored.run } } as Job;
}

/** Only what every job has: what may be missing would not be missed. */
type Always<Whole> = { [Key in keyof Whole as Whole extends Record<Key, unknown> ? Key : never]: Whole[Key] };

const USUAL: Partial<Always<Job>> = {
  description: "",
  labels: EMPTY_MAP,
  owner: "",
  ownerName: "",
  isDisabled: false,
  isConcurrent: false,
  retries: 2,
  maxCompletionSeconds: 0,
  maxLaunchDelaySeconds: 3600,
  isSoftError: false,
  isHighPriority: false,
  chronos: PLAIN_CHRONOS,
};

const USUAL_RUN: Partial<Always<Run>> = {
  cpus: 0.1,
  mem: 128,
  disk: 256,
  gpus: 0,
  args: EMPTY_LIST,
  isShell: true,
  env: EMPTY_MAP,
  secrets: EMPTY_MAP,
  fetch: EMPTY_LIST,
  volumes: EMPTY_LIST,
  networks: EMPTY_LIST,
  constraints: EMPTY_LIST,
};

function unusual<Whole extends object>(value: Whole, usual: Partial<Whole>): Partial<Whole> {
  const left: Partial<Whole> = {};
  for (const key in value) if (!Object.hasOwn(usual, key) || value[key] !== usual[key]) left[key] = value[key];
  return left;
}
