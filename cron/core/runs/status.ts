import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import type { JobRun, RunEvent, RunTask } from "../run.ts";
import { failed, launchedAnew } from "./failure.ts";
import { type Outcome, presentTask, type Surroundings, withTask } from "./life.ts";

type Status = Extract<RunEvent, { type: "status" }>;

/** What a task's status makes of its run. */
export function receiveStatus(run: JobRun, status: Status, around: Surroundings): Outcome {
  const task = presentTask(run);
  if (task?.id !== status.taskId) return { run };
  switch (status.state) {
    case "TASK_STAGING":
    case "TASK_STARTING":
    case "TASK_RUNNING":
    case "TASK_KILLING":
      return live(run, task, status, around.nowMs);
    case "TASK_UNREACHABLE":
      return loseSight(run, task, status, around.nowMs);
    case "TASK_FINISHED":
      return { run: withTask(run, ended(task, status, around.nowMs)), end: { isSuccess: true, isCounted: true } };
    case "TASK_DROPPED":
      return launchedAnew(withTask(run, ended(task, status, around.nowMs)), around);
    case "TASK_KILLED":
    case "TASK_FAILED":
    case "TASK_ERROR":
    case "TASK_LOST":
    case "TASK_GONE":
    case "TASK_GONE_BY_OPERATOR":
    case "TASK_UNKNOWN":
      return endInFailure(withTask(run, ended(task, status, around.nowMs)), status, around);
  }
}

/** Whether a task in this state has ended, as far as its run goes. */
export function isOver(state: Status["state"]): boolean {
  return isTerminal(state) || state === "TASK_UNKNOWN";
}

function live(run: JobRun, task: RunTask, status: Status, nowMs: number): Outcome {
  const { unreachableSinceMs: _, ...reachable } = task;
  const started = status.state === "TASK_RUNNING" && task.startedMs === undefined;
  const next = {
    ...reachable,
    state: status.state,
    ...told(status),
    ...(started && { startedMs: whenOf(status, nowMs) }),
  };
  if (isSame(task, next)) return { run };
  const phase = run.phase === "launched" && status.state === "TASK_RUNNING" ? "active" : run.phase;
  return { run: { ...withTask(run, next), phase } };
}

function loseSight(run: JobRun, task: RunTask, status: Status, nowMs: number): Outcome {
  if (task.unreachableSinceMs !== undefined) return { run };
  return { run: withTask(run, { ...task, state: status.state, ...told(status), unreachableSinceMs: nowMs }) };
}

/** What a master that knows all agents has never heard of was not launched; what has run and is not known any more is lost. */
function endInFailure(run: JobRun, status: Status, around: Surroundings): Outcome {
  const isUnknown = UNKNOWN.has(status.state) && status.reason === "REASON_RECONCILIATION";
  const task = run.tasks.at(-1)!;
  if (isUnknown && task.startedMs === undefined) return launchedAnew(run, around);
  return failed(run, sentenceOf(status), around);
}

const UNKNOWN: ReadonlySet<Status["state"]> = new Set<Status["state"]>(["TASK_LOST", "TASK_GONE", "TASK_UNKNOWN"]);

function sentenceOf({ state, reason, message }: Status): string {
  // What the agent says beside it is how the task was ended.
  if (reason === "REASON_MAX_COMPLETION_TIME_REACHED") return "It took longer than its maxCompletionTime allows.";
  if (message) return message;
  return reason === undefined ? `Its task came to ${state}.` : `Its task came to ${state}, ${reason}.`;
}

function ended(task: RunTask, status: Status, nowMs: number): RunTask {
  const { unreachableSinceMs: _, ...rest } = task;
  return { ...rest, state: status.state, ...told(status), endedMs: whenOf(status, nowMs) };
}

// What a master adds when it is asked is of the question, not of the task.
function told({ reason, message, agentId, containerId }: Status): Partial<RunTask> {
  const isAnswer = reason === "REASON_RECONCILIATION";
  return {
    ...(reason !== undefined && !isAnswer && { reason }),
    ...(message !== undefined && !isAnswer && { message }),
    ...(agentId !== undefined && { agentId }),
    ...(containerId !== undefined && { containerId }),
  };
}

// Clocks differ: nothing happens in the future.
function whenOf({ atMs }: Status, nowMs: number): number {
  return atMs === undefined ? nowMs : Math.min(atMs, nowMs);
}

function isSame(one: RunTask, other: RunTask): boolean {
  const keys = Object.keys(other) as (keyof RunTask)[];
  return keys.length === Object.keys(one).length && keys.every((key) => one[key] === other[key]);
}
