import type { JobRun, RunTask } from "../run.ts";
import { longestRestMs } from "./failure.ts";
import type { Surroundings } from "./life.ts";

/** The run with nothing of it after `nowMs`: the clock was set back since it was stored, and what began in the future would be waited for too long. */
export function runUntil(run: JobRun, { nowMs, ...around }: Surroundings): JobRun {
  const { createdMs, notBeforeMs, tasks } = run;
  const latestMs = nowMs + longestRestMs(run, around);
  const isPast = createdMs <= nowMs && tasks.every((task) => taskUntil(task, nowMs) === task);
  if (isPast && (notBeforeMs ?? 0) <= latestMs) return run;
  return {
    ...run,
    createdMs: Math.min(createdMs, nowMs),
    ...(notBeforeMs !== undefined && { notBeforeMs: Math.min(notBeforeMs, latestMs) }),
    tasks: tasks.map((task) => taskUntil(task, nowMs)),
  };
}

function taskUntil(task: RunTask, nowMs: number): RunTask {
  const { launchedMs, startedMs, endedMs, unreachableSinceMs } = task;
  if ([launchedMs, startedMs, endedMs, unreachableSinceMs].every((atMs) => atMs === undefined || atMs <= nowMs))
    return task;
  return {
    ...task,
    launchedMs: Math.min(launchedMs, nowMs),
    ...(startedMs !== undefined && { startedMs: Math.min(startedMs, nowMs) }),
    ...(endedMs !== undefined && { endedMs: Math.min(endedMs, nowMs) }),
    ...(unreachableSinceMs !== undefined && { unreachableSinceMs: Math.min(unreachableSinceMs, nowMs) }),
  };
}
