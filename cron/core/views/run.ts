import type { MetronomeFinishedRun, MetronomeRun, MetronomeTask } from "@meseta/api/metronome/run.ts";
import { metronomeTime } from "../definition/schedule.ts";
import type { JobRun, PastRun, RunTask } from "../run.ts";

/** A run that has not ended, as Metronome shows it. It is STARTING until a task of it runs. */
export function runShown(run: JobRun): MetronomeRun {
  return {
    id: run.id,
    jobId: run.job,
    status: statusOf(run),
    createdAt: metronomeTime(run.createdMs),
    completedAt: null,
    tasks: run.tasks.map((task) => taskShown(task, run.phase === "stopping")),
  };
}

/** A run that has ended, in the same shape: the answer to who ended it. */
export function pastShown(run: PastRun): MetronomeRun {
  return {
    id: run.id,
    jobId: run.job,
    status: run.isSuccess ? "SUCCESS" : "FAILED",
    createdAt: metronomeTime(run.createdMs),
    completedAt: metronomeTime(run.endedMs),
    tasks: run.tasks.map((task) => taskShown(task, false)),
  };
}

/** A run as the history has it. */
export function finishedShown(run: PastRun): MetronomeFinishedRun {
  return {
    id: run.id,
    createdAt: metronomeTime(run.createdMs),
    finishedAt: metronomeTime(run.endedMs),
    tasks: run.tasks.map(({ id }) => id),
  };
}

/** Whether it runs. A run that is being stopped counts as what it was. */
export function statusOf({ phase, tasks }: JobRun): "STARTING" | "ACTIVE" {
  if (phase === "waiting" || phase === "launched") return "STARTING";
  return phase === "active" || tasks.at(-1)?.startedMs !== undefined ? "ACTIVE" : "STARTING";
}

function taskShown(task: RunTask, isStopping: boolean): MetronomeTask {
  const { id, startedMs, launchedMs, endedMs, state } = task;
  return {
    id,
    startedAt: metronomeTime(startedMs ?? launchedMs),
    ...(endedMs !== undefined && { completedAt: metronomeTime(endedMs) }),
    status: isStopping && endedMs === undefined ? "TASK_KILLING" : state,
  };
}
