import { isReady, succeeded } from "../follow.ts";
import { type JobStats, parentsOf } from "../job.ts";
import { saveProgress } from "../jobs/progress.ts";
import type { CronOut } from "../out.ts";
import type { CronState, Entry } from "../state.ts";
import { createRun } from "./create.ts";

/** The job has succeeded, or has failed softly: those that follow it run, if it is their turn now. */
export function tellFollowers(state: CronState, { job }: Entry, nowMs: number, out: CronOut): void {
  for (const id of state.graph.children(job.id)) {
    const child = state.entries.get(id);
    if (child?.job.trigger.type !== "parents") continue;
    const isTurn = child.job.trigger.rule === "round" ? countIn(child, job.id, out) : isReadyNow(state, child);
    if (isTurn && !isHeld(child)) begin(state, child, nowMs, out);
  }
}

/** A run of the job has ended: the round that was filled meanwhile has its turn. */
export function beginHeldRound(state: CronState, entry: Entry, nowMs: number, out: CronOut): void {
  const { job, round } = entry;
  if (job.trigger.type !== "parents" || job.trigger.rule !== "round" || isHeld(entry)) return;
  if (job.trigger.parents.every((parent) => Object.hasOwn(round, parent))) begin(state, entry, nowMs, out);
}

function begin(state: CronState, child: Entry, nowMs: number, out: CronOut): void {
  createRun(state, child, { cause: { type: "parents" }, dueMs: nowMs, arguments: "" }, nowMs, out);
}

// What is held is not lost: its round stays as full as it is.
function isHeld({ job, runs }: Entry): boolean {
  return job.isDisabled || (!job.isConcurrent && runs !== undefined);
}

function countIn(child: Entry, parent: string, out: CronOut): boolean {
  const { round, isDue } = succeeded(child.round, parentsOf(child.job), parent);
  child.round = round;
  saveProgress(child, out);
  return isDue;
}

function isReadyNow(state: CronState, child: Entry): boolean {
  const parents = parentsOf(child.job).map((id) => seenBy(state.entries.get(id)!));
  return isReady(child.stats, parents);
}

/** A soft error is as good as a success. */
function seenBy({ job, stats }: Entry): JobStats {
  const { lastErrorMs, ...others } = stats;
  if (!job.isSoftError || lastErrorMs === undefined) return stats;
  return { ...others, lastSuccessMs: Math.max(others.lastSuccessMs ?? 0, lastErrorMs) };
}
