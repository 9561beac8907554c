import { endExhausted, fireHeld } from "../firing/fire.ts";
import type { CronOut } from "../out.ts";
import type { JobRun, RunEvent } from "../run.ts";
import type { CronState, Entry, RunRef } from "../state.ts";
import { askClock } from "../wakes.ts";
import { deadlineOf } from "./deadline.ts";
import { beginHeldRound } from "./followers.ts";
import { killEnded, killTask } from "./kill.ts";
import { applyToRun, type End, presentTask, type RunEffect, type Surroundings } from "./life.ts";
import { fail, succeed } from "./outcome.ts";
import { remember } from "./past.ts";
import { isOver } from "./status.ts";

/**
 * Something happens to a run: its record, the queue for offers, the kills and the deadlines follow; and when it has ended, all that waited for that. Nothing
 * for a run that is not known, or for what it does not care for.
 */
export function changeRun(state: CronState, ref: RunRef, event: RunEvent, nowMs: number, out: CronOut): void {
  const entry = state.entries.get(ref.job);
  const before = entry?.runs?.get(ref.run);
  if (entry === undefined || before === undefined) return;
  const { run: after, end, effects = [] } = applyToRun(before, event, around(state, entry, nowMs));
  if (after !== before) put(state, entry, before, after, out);
  for (const effect of effects) follow(state, entry, effect, nowMs, out);
  if (end !== undefined) return endRun(state, entry, after, end, nowMs, out);
  if (event.type === "clock" || isMoved(state, entry, before, after, nowMs)) watchRun(state, entry, after, nowMs, out);
}

/** Somebody wants its end, and says why in a sentence. It fails; `isCounted`: it is an error of its job. To ask again is to kill its task again. */
export function stopRun(
  state: CronState,
  ref: RunRef,
  why: string,
  nowMs: number,
  out: CronOut,
  isCounted = true,
): void {
  changeRun(state, ref, { type: "stop", why, isCounted }, nowMs, out);
}

/** The run, while it has not ended. */
export function runOf(state: CronState, { job, run }: RunRef): JobRun | undefined {
  return state.entries.get(job)?.runs?.get(run);
}

/** The run is looked at again when something of it is due. */
export function watchRun(state: CronState, entry: Entry, run: JobRun, nowMs: number, out: CronOut): void {
  const dueMs = deadlineOf(run, around(state, entry, nowMs));
  if (dueMs === undefined) return;
  const atMs = run.phase === "waiting" ? Math.min(dueMs, nowMs + MOST_AHEAD_MS) : dueMs;
  state.deadlines.add(atMs, { job: run.job, run: run.id });
  askClock(state, Math.max(atMs, nowMs), out);
}

/** Most runs begin long before they have to, and what is added is never taken out: a deadline that is far away is added when it is nearer. */
const MOST_AHEAD_MS = 60_000;

/** Whether it wants an offer now. */
export function isWaiting({ phase, notBeforeMs, isHeld }: JobRun): boolean {
  return phase === "waiting" && notBeforeMs === undefined && !isHeld;
}

/**
 * The first of those that were held has its turn, when none is under way; all of them, when the job may run more than once at a time, of whom those that are too
 * many for one event have theirs with the end of the next.
 */
export function releaseHeld(state: CronState, entry: Entry, out: CronOut): void {
  let released = 0;
  for (const run of [...(entry.runs?.values() ?? [])].filter(({ isHeld }) => isHeld)) {
    if (!entry.job.isConcurrent && entry.runs!.values().some(({ isHeld }) => !isHeld)) return;
    // One always goes: its end is when the others are looked at again.
    if (released++ > 0 && out.puts.size >= MOST_RELEASED) return;
    const { isHeld: _, ...free } = run;
    put(state, entry, run, free, out);
  }
}

const MOST_RELEASED = 200;

function around({ config }: CronState, { job }: Entry, nowMs: number): Surroundings {
  return { job, config, nowMs };
}

function isMoved(state: CronState, entry: Entry, before: JobRun, after: JobRun, nowMs: number): boolean {
  const surroundings = around(state, entry, nowMs);
  return after !== before && deadlineOf(before, surroundings) !== deadlineOf(after, surroundings);
}

function put(state: CronState, entry: Entry, before: JobRun, after: JobRun, out: CronOut): void {
  const { job, id } = after;
  entry.runs!.set(id, after);
  out.save(`run/${job}/${id}`, after);
  const ref = { job, run: id };
  if (isWaiting(after) && !isWaiting(before)) state.waiting.add(after, entry.job.isHighPriority);
  if (isWaiting(before) && !isWaiting(after)) state.waiting.remove(ref);
  const [old, now] = [presentTask(before), presentTask(after)];
  if (old?.id === now?.id) return;
  if (old !== undefined) forgetTask(state, old.id);
  if (now !== undefined) state.tasks.set(now.id, ref);
}

function forgetTask(state: CronState, taskId: string): void {
  state.tasks.delete(taskId);
  killEnded(state, taskId);
}

function follow(state: CronState, { job }: Entry, effect: RunEffect, nowMs: number, out: CronOut): void {
  const { id, agentId } = effect.task;
  const graceSeconds = job.run.taskKillGracePeriodSeconds;
  const graceMs = graceSeconds === undefined ? undefined : graceSeconds * 1000;
  if (effect.type === "kill") return killTask(state, id, { agentId, graceMs }, nowMs, out);
  const task = { task_id: { value: id }, agent_id: { value: agentId } };
  out.send({ type: "RECONCILE", reconcile: { tasks: [task] } });
}

function endRun(state: CronState, entry: Entry, run: JobRun, end: End, nowMs: number, out: CronOut): void {
  leave(state, entry, run, out);
  remember(state, entry, run, end, nowMs, out);
  if (end.isCounted && end.isSuccess) succeed(state, entry, nowMs, out);
  if (end.isCounted && !end.isSuccess) fail(state, entry, run, end.why ?? "", nowMs, out);
  if (run.cause.type === "schedule") endExhausted(state, entry, nowMs, out);
  releaseHeld(state, entry, out);
  beginHeldRound(state, entry, nowMs, out);
  fireHeld(state, entry, nowMs, out);
}

function leave(state: CronState, entry: Entry, run: JobRun, out: CronOut): void {
  const { job, id } = run;
  entry.runs!.delete(id);
  if (entry.runs!.size === 0) entry.runs = undefined;
  state.waiting.remove({ job, run: id });
  out.erase(`run/${job}/${id}`);
  const task = presentTask(run);
  if (task === undefined) return;
  state.tasks.delete(task.id);
  // One that has told its end itself may still live.
  if (isOver(task.state)) killEnded(state, task.id);
}
