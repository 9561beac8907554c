import type { JobStats } from "../job.ts";
import { disableJob } from "../jobs/disable.ts";
import { saveProgress } from "../jobs/progress.ts";
import type { CronOut } from "../out.ts";
import type { JobRun } from "../run.ts";
import type { CronState, Entry } from "../state.ts";
import { tellFollowers } from "./followers.ts";

/** The job has succeeded: by a run, or because somebody says so. It counts, and the jobs that follow it are told. */
export function succeed(state: CronState, entry: Entry, nowMs: number, out: CronOut): void {
  const { stats } = entry;
  const lastSuccessMs = nextMs(stats, nowMs);
  entry.stats = { ...stats, successCount: stats.successCount + 1, errorsSinceLastSuccess: 0, lastSuccessMs };
  saveProgress(entry, out);
  tellFollowers(state, entry, nowMs, out);
}

/** A run of the job has failed for good. It counts, the owner is told, and after too many of them the job is disabled. */
export function fail(state: CronState, entry: Entry, run: JobRun, why: string, nowMs: number, out: CronOut): void {
  const { stats, job } = entry;
  const errorsSinceLastSuccess = stats.errorsSinceLastSuccess + 1;
  const lastErrorMs = nextMs(stats, nowMs);
  entry.stats = { ...stats, errorCount: stats.errorCount + 1, errorsSinceLastSuccess, lastErrorMs };
  saveProgress(entry, out);
  const attempts = run.launches === 1 ? "one attempt" : `${run.launches} attempts`;
  const text = `Run ${run.id} of the job ${job.id} has failed after ${attempts}: ${why}`;
  out.notify({ job: job.id, owner: job.owner, subject: `Job ${job.id} has failed`, text });
  if (job.isSoftError) tellFollowers(state, entry, nowMs, out);
  const { disableAfterFailures } = state.config;
  if (disableAfterFailures === 0 || errorsSinceLastSuccess < disableAfterFailures) return;
  disableJob(state, entry, `It has failed ${errorsSinceLastSuccess} times in a row: ${why}`, nowMs, out);
}

// Which of two ends came later is what counts, also when clocks are set back or both come at once.
function nextMs({ lastSuccessMs = 0, lastErrorMs = 0 }: JobStats, nowMs: number): number {
  return Math.max(nowMs, lastSuccessMs + 1, lastErrorMs + 1);
}
