import { type ChronosOnly, type Job, PLAIN_CHRONOS, type Run } from "../job.ts";

/** The same job, in which whatever is empty or as it is for most is one object for all jobs: a hundred thousand of them are held. */
export function lean(job: Job): Job {
  return {
    ...job,
    labels: leanMap(job.labels),
    run: leanRun(job.run),
    chronos: isPlain(job.chronos) ? PLAIN_CHRONOS : job.chronos,
  };
}

function leanRun(run: Run): Run {
  return {
    ...run,
    args: leanList(run.args),
    env: leanMap(run.env),
    secrets: leanMap(run.secrets),
    fetch: leanList(run.fetch),
    volumes: leanList(run.volumes),
    networks: leanList(run.networks),
    constraints: leanList(run.constraints),
  };
}

export const EMPTY_MAP: Readonly<Record<string, never>> = {};
export const EMPTY_LIST: readonly never[] = [];

function leanMap<Value>(map: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  for (const _ in map) return map;
  return EMPTY_MAP;
}

function leanList<Item>(list: readonly Item[]): readonly Item[] {
  return list.length === 0 ? EMPTY_LIST : list;
}

function isPlain(chronos: ChronosOnly): boolean {
  for (const key in PLAIN_CHRONOS) {
    const [value, plain] = [chronos[key as keyof ChronosOnly], PLAIN_CHRONOS[key as keyof ChronosOnly]];
    if (Array.isArray(value) ? value.length > 0 : value !== plain) return false;
  }
  return true;
}
