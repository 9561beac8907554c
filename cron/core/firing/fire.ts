import { type Job, type JobSchedule, schedulesOf } from "../job.ts";
import { disableJob } from "../jobs/disable.ts";
import { saveProgress } from "../jobs/progress.ts";
import type { CronOut } from "../out.ts";
import { createRun } from "../runs/create.ts";
import type { CronState, Entry, Firing } from "../state.ts";
import { askClock } from "../wakes.ts";
import { due } from "./due.ts";
import { scheduleNext } from "./schedule.ts";

/** Everything that is due fires, in the order of its time: as much as one event may store, the rest at once after it. */
export function fireDue(state: CronState, nowMs: number, out: CronOut): void {
  while (!state.isResting && out.puts.size + out.deletes.size < MOST_RECORDS) {
    const firing = state.firings.takeDue(nowMs);
    if (firing === undefined) return;
    const entry = state.entries.get(firing.job);
    if (entry?.firings.get(firing.schedule) === firing.atMs) fire(state, entry, firing.schedule, nowMs, out);
  }
}

const MOST_RECORDS = 100;

/** A run of the job has ended: what was due and waited for that fires. */
export function fireHeld(state: CronState, entry: Entry, nowMs: number, out: CronOut): void {
  if (state.isResting) return;
  waitAgain(state, entry, nowMs, out);
  const held = [...entry.firings].filter(([, atMs]) => atMs <= nowMs).sort(([, one], [, other]) => one - other);
  for (const [id, atMs] of held) {
    if (out.puts.size + out.deletes.size >= MOST_RECORDS)
      fireNext(state, { job: entry.job.id, schedule: id, atMs }, nowMs, out);
    else if (entry.firings.has(id)) fire(state, entry, id, nowMs, out);
  }
}

/** This event has stored enough. */
function fireNext(state: CronState, firing: Firing, nowMs: number, out: CronOut): void {
  state.firings.add(firing.atMs, firing);
  askClock(state, nowMs, out);
}

/** By a clock that was set back, what was due and waited is not due any more. */
function waitAgain(state: CronState, entry: Entry, nowMs: number, out: CronOut): void {
  for (const schedule of entry.held ?? []) {
    const atMs = entry.firings.get(schedule);
    if (atMs === undefined || atMs <= nowMs) continue;
    state.firings.add(atMs, { job: entry.job.id, schedule, atMs });
    askClock(state, atMs, out);
  }
  entry.held = undefined;
}

/** Whether its schedules have given all that they had: nothing but a hand starts it any more. */
function isExhausted(job: Job): boolean {
  const schedules = schedulesOf(job);
  return schedules.length > 0 && schedules.every(({ when }) => when.type === "interval" && when.times === 0);
}

/** Disables a job whose schedules have nothing left, once nothing of it is under way. Source: Chronos. */
export function endExhausted(state: CronState, entry: Entry, nowMs: number, out: CronOut): void {
  if (entry.runs !== undefined || !isExhausted(entry.job)) return;
  const why = `The job ${entry.job.id} has run as often as its schedule says, and is disabled now.`;
  disableJob(state, entry, why, nowMs, out);
}

/** The runs that the schedule wants now, and its new position: in one commit. */
function fire(state: CronState, entry: Entry, id: string, nowMs: number, out: CronOut): void {
  const one = schedulesOf(entry.job).find((schedule) => schedule.id === id)!;
  const untilMs = entry.untilMs.get(id)!;
  const next = due(one, standingOf(state, entry, id, nowMs));
  if (next.untilMs === untilMs) return void (entry.held ??= new Set()).add(id);
  entry.untilMs.set(id, next.untilMs);
  if (next.schedule !== one) entry.job = replaced(entry.job, next.schedule);
  for (const dueMs of next.fires)
    createRun(state, entry, { cause: { type: "schedule", schedule: id }, dueMs, arguments: "" }, nowMs, out);
  saveProgress(entry, out);
  scheduleNext(state, entry, next.schedule, entry.firings.get(id), nowMs, out);
  endExhausted(state, entry, nowMs, out);
}

function standingOf(state: CronState, entry: Entry, id: string, nowMs: number) {
  return {
    untilMs: entry.untilMs.get(id)!,
    nowMs,
    // What is older than this life was dropped with its loading.
    freshMs: entry.untilMs.get(id)!,
    isBusy: entry.runs !== undefined,
    isQueued: isQueued(entry, id),
    mostCaughtUp: state.config.mostCaughtUp,
  };
}

function isQueued({ runs }: Entry, schedule: string): boolean {
  for (const { cause, launches } of runs?.values() ?? [])
    if (launches === 0 && cause.type === "schedule" && cause.schedule === schedule) return true;
  return false;
}

function replaced(job: Job, next: JobSchedule): Job {
  const schedules = schedulesOf(job).map((old) => (old.id === next.id ? next : old));
  return { ...job, trigger: { type: "schedules", schedules } };
}
