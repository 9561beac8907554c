import { schedule } from "../firing/schedule.ts";
import type { Round } from "../follow.ts";
import { type Job, type JobStats, NO_STATS, parentsOf } from "../job.ts";
import { fillAnew } from "../offers/fill.ts";
import type { CronOut } from "../out.ts";
import { isWaiting, releaseHeld } from "../runs/change.ts";
import type { CronState, Entry } from "../state.ts";
import { lean } from "./lean.ts";
import { positionsFor } from "./position.ts";
import { saveProgress } from "./progress.ts";
import { storedJob } from "./stored.ts";

/**
 * Makes the job, or gives the one of its id this definition: its runs, its history and, as far as its schedules and parents are the same, its progress stay.
 * `stats`: how it is to have fared; undefined for how it has. Whether it may have its parents is to be asked of the graph before. `positions`: where its
 * schedules stand (ms), if not where they would by themselves.
 */
export function putJob(
  state: CronState,
  given: Job,
  stats: JobStats | undefined,
  nowMs: number,
  out: CronOut,
  positions: ReadonlyMap<string, number> = positionsFor(given, state.entries.get(given.id), nowMs),
): Entry {
  const job = lean(given);
  const entry = state.entries.get(job.id) ?? newEntry(job);
  const { isHighPriority, run } = entry.job;
  entry.job = job;
  entry.stats = stats ?? entry.stats;
  entry.round = roundOf(job, entry.round);
  entry.untilMs.clear();
  for (const [id, untilMs] of positions) entry.untilMs.set(id, untilMs);
  state.entries.set(job.id, entry);
  state.graph.set(job.id, parentsOf(job));
  out.save(`job/${job.id}`, storedJob(job));
  saveProgress(entry, out);
  schedule(state, entry, nowMs, out);
  releaseHeld(state, entry, out);
  if (isHighPriority !== job.isHighPriority) queueAgain(state, entry);
  else if (run !== job.run) fillAnew(state, entry);
  return entry;
}

/** A job that has not run. */
export function newEntry(job: Job): Entry {
  return {
    job,
    stats: NO_STATS,
    round: NO_ROUND,
    untilMs: new Map(),
    firings: new Map(),
    held: undefined,
    runs: undefined,
    past: undefined,
    durations: undefined,
  };
}

const NO_ROUND: Round = {};

/** What counts of a round when the parents are these. */
function roundOf(job: Job, round: Round): Round {
  const parents = new Set(parentsOf(job));
  const known = Object.entries(round).filter(([parent]) => parents.has(parent));
  return known.length === 0 ? NO_ROUND : Object.fromEntries(known);
}

/** Its waiting runs go from the one queue to the other. */
function queueAgain({ waiting }: CronState, { job, runs }: Entry): void {
  for (const run of runs?.values() ?? []) {
    if (!isWaiting(run)) continue;
    waiting.remove({ job: job.id, run: run.id });
    waiting.add(run, job.isHighPriority);
  }
}
