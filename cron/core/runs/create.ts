import { formatTimestamp } from "@meseta/lib/core/timestamp.ts";
import { saveProgress } from "../jobs/progress.ts";
import type { CronOut } from "../out.ts";
import type { Cause, JobRun } from "../run.ts";
import type { CronState, Entry } from "../state.ts";
import { taskIdOf } from "../task/id.ts";
import { isWaiting, watchRun } from "./change.ts";

export interface Wanted {
  readonly cause: Cause;
  /** The instant for which it is. */
  readonly dueMs: number;
  /** Behind the command; empty for none. */
  readonly arguments: string;
}

/** A run of the job, stored, that waits for an offer. Undefined: it has as many as it may, and the firing is dropped. What counts for the next round begins anew. */
export function createRun(
  state: CronState,
  entry: Entry,
  { cause, dueMs, arguments: given }: Wanted,
  nowMs: number,
  out: CronOut,
): JobRun | undefined {
  const { job } = entry;
  if ((entry.runs?.size ?? 0) >= state.config.mostRuns) return drop(state, entry, nowMs, out);
  const run = withOwnInstant(state, entry, {
    id: newId(state, entry, nowMs),
    job: job.id,
    cause,
    dueMs,
    createdMs: nowMs,
    arguments: given,
    phase: "waiting",
    failures: 0,
    launches: 0,
    tasks: [],
    ...(isToWait(entry, cause) && { isHeld: true }),
  });
  (entry.runs ??= new Map()).set(run.id, run);
  out.save(`run/${job.id}/${run.id}`, run);
  if (isWaiting(run)) state.waiting.add(run, job.isHighPriority);
  watchRun(state, entry, run, nowMs, out);
  startRound(entry, out);
  return run;
}

// Schedules and parents have rules of their own for what happens while a run is under way.
function isToWait({ job, runs }: Entry, { type }: Cause): boolean {
  return type === "hand" && !job.isConcurrent && runs !== undefined;
}

// Said once a minute for all jobs: a log that is flooded says nothing.
function drop({ config, dropped }: CronState, { job }: Entry, nowMs: number, out: CronOut): undefined {
  dropped.count++;
  if (nowMs >= dropped.toldMs && nowMs < dropped.toldMs + TOLD_EVERY_MS) return;
  const fields = { job: job.id, runs: config.mostRuns, dropped: dropped.count };
  out.log("warn", "A job has as many runs as it may have; another one was not begun", fields);
  dropped.count = 0;
  dropped.toldMs = nowMs;
}

const TOLD_EVERY_MS = 60_000;

function startRound(entry: Entry, out: CronOut): void {
  if (Object.keys(entry.round).length === 0) return;
  entry.round = {};
  saveProgress(entry, out);
}

/** `20260105100000aB3dE`. Source: Metronome. */
function newId({ random }: CronState, { runs }: Entry, nowMs: number): string {
  const stamp = formatTimestamp(nowMs).replaceAll(/\D/g, "").slice(0, 14);
  for (;;) {
    let id = stamp;
    for (let i = 0; i < 5; i++) id += LETTERS[random.below(LETTERS.length)];
    if (!runs?.has(id)) return id;
  }
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Its tasks are named after its instant, and no name is used twice: not by those either that a job of the same name has left behind. */
function withOwnInstant({ tasks, kills }: CronState, { runs, past }: Entry, wanted: JobRun): JobRun {
  let run = wanted;
  const isTaken = (other: { readonly dueMs: number }) => other.dueMs === run.dueMs;
  const isNameTaken = (id: string) => tasks.has(id) || kills.has(id);
  while (runs?.values().some(isTaken) || past?.some(isTaken) || isNameTaken(taskIdOf(run)))
    run = { ...run, dueMs: run.dueMs + 1 };
  return run;
}
