import { UNLIMITED } from "../job.ts";
import type { JobRun } from "../run.ts";
import type { Outcome, Surroundings } from "./life.ts";

/** An attempt has failed, `why` in a sentence: the run waits for the next one, or that was the last. */
export function failed(run: JobRun, why: string, around: Surroundings): Outcome {
  if (run.stop !== undefined) return { run, end: { isSuccess: false, ...run.stop } };
  const failures = run.failures + 1;
  const next = { ...run, failures };
  if (!hasAttempts(next, around)) return { run: next, end: { isSuccess: false, why, isCounted: true } };
  return { run: waiting(next, restMs(failures, around), around.nowMs) };
}

/** A launch came to nothing before anything ran: the next one is not the job's fault, and follows at once; only after several it rests. */
export function launchedAnew(run: JobRun, { nowMs }: Surroundings): Outcome {
  if (run.stop !== undefined) return { run, end: { isSuccess: false, ...run.stop } };
  return { run: waiting(run, vainRestMs(run.launches - run.failures), nowMs) };
}

function vainRestMs(inVain: number): number {
  return Math.min(doubled(inVain - 1), LONGEST_REST_MS);
}

const LONGEST_REST_MS = 60_000;

function hasAttempts({ failures, createdMs }: JobRun, { job, nowMs }: Surroundings): boolean {
  const { retries, activeDeadlineSeconds } = job;
  if (retries !== UNLIMITED && failures > retries) return false;
  return activeDeadlineSeconds === undefined || nowMs < createdMs + activeDeadlineSeconds * 1000;
}

/** Where attempts are counted each rests equally long, as in Chronos; where they are not, longer each time but the first, as in Metronome. */
function restMs(failures: number, { job, config }: Pick<Surroundings, "job" | "config">): number {
  return Math.min(job.maxLaunchDelaySeconds * 1000, job.retries === UNLIMITED ? doubled(failures - 1) : config.retryMs);
}

/** The longest that a waiting run may rest before its next attempt, whatever it rests for. */
export function longestRestMs({ failures, launches }: JobRun, around: Pick<Surroundings, "job" | "config">): number {
  return Math.max(restMs(failures, around), vainRestMs(launches - failures));
}

/** 0 for the first, then a second, two, four. */
function doubled(count: number): number {
  return count <= 0 ? 0 : 1000 * 2 ** Math.min(count - 1, 30);
}

function waiting(run: JobRun, restMs: number, nowMs: number): JobRun {
  return { ...run, phase: "waiting", ...(restMs > 0 && { notBeforeMs: nowMs + restMs }) };
}
