import { type Job, schedulesOf } from "../job.ts";
import type { JobRun, RunTask } from "../run.ts";
import type { Surroundings } from "./life.ts";

/** When the run is to be looked at next (ms since 1970); undefined when it waits for no time. */
export function deadlineOf(run: JobRun, around: Surroundings): number | undefined {
  const task = run.phase === "waiting" ? undefined : run.tasks.at(-1);
  const times = [
    run.phase === "stopping" ? NEVER : startBeforeMs(run, around.job),
    run.notBeforeMs ?? NEVER,
    task === undefined ? NEVER : lostAtMs(task, around.config),
    nextQuestionMs(run, around),
  ];
  const soonest = Math.min(...times);
  return soonest === NEVER ? undefined : soonest;
}

/** By when an attempt must run for the first time. */
export function startBeforeMs({ cause, createdMs, phase, tasks }: JobRun, job: Job): number {
  if (cause.type !== "schedule" || phase === "active") return NEVER;
  const seconds = schedulesOf(job).find(({ id }) => id === cause.schedule)?.startingDeadlineSeconds;
  if (seconds === undefined || tasks.some(({ startedMs }) => startedMs !== undefined)) return NEVER;
  return createdMs + seconds * 1000;
}

/** When an attempt that cannot be reached counts as lost. */
export function lostAtMs({ unreachableSinceMs }: RunTask, { unreachableMs }: Surroundings["config"]): number {
  return unreachableSinceMs === undefined ? NEVER : unreachableSinceMs + unreachableMs;
}

/** From when on the master is asked what became of a launch. */
export function unconfirmedAtMs({ phase, tasks }: JobRun, { confirmMs }: Surroundings["config"]): number {
  return phase === "launched" ? tasks.at(-1)!.launchedMs + confirmMs : NEVER;
}

// It may be staging for long: it is asked for as often as an answer may be lost.
function nextQuestionMs(run: JobRun, { config, nowMs }: Surroundings): number {
  const firstMs = unconfirmedAtMs(run, config);
  if (firstMs === NEVER || nowMs < firstMs) return firstMs;
  return firstMs + config.confirmMs * (Math.floor((nowMs - firstMs) / config.confirmMs) + 1);
}

const NEVER = Number.POSITIVE_INFINITY;
