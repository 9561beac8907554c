import type { CronOut } from "../out.ts";
import type { JobRun, PastRun } from "../run.ts";
import type { CronState, Entry } from "../state.ts";
import { Durations } from "../stats.ts";
import type { End } from "./life.ts";

/** The past runs of all jobs, the oldest first. */
export class PastRuns {
  readonly #runs = new Set<PastRun>();
  /** Goes on where it stopped: a walk from the beginning would pass all that have left. */
  #walk: Iterator<PastRun> | undefined;

  get size(): number {
    return this.#runs.size;
  }

  add(run: PastRun): void {
    this.#runs.add(run);
  }

  delete(run: PastRun): void {
    this.#runs.delete(run);
  }

  has(run: PastRun): boolean {
    return this.#runs.has(run);
  }

  takeOldest(): PastRun | undefined {
    while (this.#runs.size > 0) {
      this.#walk ??= this.#runs.values();
      const { value, done } = this.#walk.next();
      if (done) this.#walk = undefined;
      else if (this.#runs.delete(value)) return value;
    }
    return undefined;
  }

  [Symbol.iterator](): Iterator<PastRun> {
    return this.#runs.values();
  }
}

/** A run has ended: it is stored among the past ones, and the oldest of them go. */
export function remember(state: CronState, entry: Entry, run: JobRun, end: End, nowMs: number, out: CronOut): void {
  const past = pastOf(run, end, nowMs);
  out.save(keyOf(past), past);
  keep(state, entry, past);
  const { mostPast, mostPastInAll } = state.config;
  const alike =
    entry.past!.length <= mostPast ? [] : entry.past!.filter(({ isSuccess }) => isSuccess === end.isSuccess);
  const tooMany = Math.min(alike.length - mostPast, MOST_FORGOTTEN);
  for (const old of alike.slice(0, Math.max(0, tooMany))) forget(state, old, out);
  for (let i = 0; i < MOST_FORGOTTEN && state.past.size > mostPastInAll; i++)
    forget(state, state.past.takeOldest()!, out);
}

/** Of an older life that was allowed more, each end takes so many with it: one event stores only so much. */
const MOST_FORGOTTEN = 10;

/** A past run as it was stored; they are to come in their order. */
export function keep(state: CronState, entry: Entry, past: PastRun): void {
  (entry.past ??= []).push(past);
  state.past.add(past);
  if (past.isSuccess) (entry.durations ??= new Durations()).add(secondsOf(past));
}

function pastOf({ id, job, cause, dueMs, createdMs, tasks }: JobRun, end: End, nowMs: number): PastRun {
  const { isSuccess, why } = end;
  return { id, job, cause, dueMs, createdMs, endedMs: nowMs, isSuccess, ...(why !== undefined && { why }), tasks };
}

function forget(state: CronState, old: PastRun, out: CronOut): void {
  state.past.delete(old);
  const past = state.entries.get(old.job)?.past;
  if (past !== undefined) past.splice(past.indexOf(old), 1);
  out.erase(keyOf(old));
}

function keyOf({ job, id }: PastRun): string {
  return `past/${job}/${id}`;
}

/** How long its last attempt took. */
function secondsOf({ tasks, createdMs, endedMs }: PastRun): number {
  const task = tasks.at(-1);
  const startedMs = task?.startedMs ?? task?.launchedMs ?? createdMs;
  return Math.max(0, (task?.endedMs ?? endedMs) - startedMs) / 1000;
}
