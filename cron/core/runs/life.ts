import type { CronConfig } from "../config.ts";
import type { Job } from "../job.ts";
import { type JobRun, MOST_TASKS, type RunEvent, type RunTask } from "../run.ts";
import { lostAtMs, startBeforeMs, unconfirmedAtMs } from "./deadline.ts";
import { failed } from "./failure.ts";
import { receiveStatus } from "./status.ts";

/** What a run's life depends on beside itself. */
export interface Surroundings {
  readonly job: Job;
  readonly config: Pick<CronConfig, "retryMs" | "unreachableMs" | "confirmMs">;
  readonly nowMs: number;
}

/** How a run has ended. */
export interface End {
  readonly isSuccess: boolean;
  /** Why it has failed, in a sentence. */
  readonly why?: string;
  /** Whether it counts as a success or an error of its job: what Chronos kills does not. */
  readonly isCounted: boolean;
}

/** What follows for others. */
export type RunEffect =
  /** The task is to end: it is asked until it has. */
  | { readonly type: "kill"; readonly task: RunTask }
  /** Nobody has heard of the task: the master is asked. */
  | { readonly type: "ask"; readonly task: RunTask };

/** The run after an event, the same object when nothing has changed; and its end, when it has come. */
export interface Outcome {
  readonly run: JobRun;
  readonly end?: End;
  readonly effects?: readonly RunEffect[];
}

/** The life of one run: what an event makes of it. What it does not care for changes nothing, so events may come twice. */
export function applyToRun(run: JobRun, event: RunEvent, around: Surroundings): Outcome {
  switch (event.type) {
    case "launched":
      return launch(run, event.task);
    case "status":
      return receiveStatus(run, event, around);
    case "stop":
      return stop(run, event);
    case "completed":
      return complete(run, event.isSuccess, around.nowMs);
    case "clock":
      return checkClock(run, around);
  }
}

/** The attempt that is under way; undefined while the run waits. */
export function presentTask({ phase, tasks }: JobRun): RunTask | undefined {
  return phase === "waiting" ? undefined : tasks.at(-1);
}

/** The run with its last task as it is now. */
export function withTask(run: JobRun, task: RunTask): JobRun {
  return { ...run, tasks: [...run.tasks.slice(0, -1), task] };
}

function launch(run: JobRun, task: RunTask): Outcome {
  const { notBeforeMs: _, ...waiting } = run;
  const tasks = [...run.tasks, task].slice(-MOST_TASKS);
  return { run: { ...waiting, phase: "launched", launches: run.launches + 1, tasks } };
}

/** It fails: at once while nothing of it runs, else when its task has ended. To ask again is to kill again. */
function stop(run: JobRun, { why, isCounted }: Extract<RunEvent, { type: "stop" }>): Outcome {
  const task = presentTask(run);
  if (task === undefined) return { run, end: { isSuccess: false, why, isCounted } };
  const effects = [{ type: "kill", task }] as const;
  if (run.phase === "stopping") return { run, effects };
  return { run: { ...run, phase: "stopping", stop: { why, isCounted } }, effects };
}

// Its word is final: a task that goes on is not needed any more.
function complete(run: JobRun, isSuccess: boolean, nowMs: number): Outcome {
  const task = presentTask(run);
  const why = isSuccess ? {} : { why: "It said itself that it has failed." };
  const end = { isSuccess, ...why, isCounted: true };
  if (task === undefined) return { run, end };
  return { run: withTask(run, { ...task, endedMs: nowMs }), end, effects: [{ type: "kill", task }] };
}

function checkClock(run: JobRun, around: Surroundings): Outcome {
  const { nowMs } = around;
  const task = presentTask(run);
  if (startBeforeMs(run, around.job) <= nowMs && run.phase !== "stopping")
    return stop(run, { type: "stop", why: "It did not begin in time, as its schedule wants it to.", isCounted: true });
  if (task === undefined) return { run: nowMs >= (run.notBeforeMs ?? Number.POSITIVE_INFINITY) ? rested(run) : run };
  if (lostAtMs(task, around.config) <= nowMs) return lose(run, task, around);
  if (unconfirmedAtMs(run, around.config) <= nowMs) return { run, effects: [{ type: "ask", task }] };
  return { run };
}

function rested(run: JobRun): JobRun {
  const { notBeforeMs: _, ...waiting } = run;
  return waiting;
}

function lose(run: JobRun, task: RunTask, around: Surroundings): Outcome {
  const message = "Its agent could not be reached for too long.";
  const ended = withTask(run, { ...task, state: "TASK_LOST", message, endedMs: around.nowMs });
  return failed(ended, message, around);
}
