import type { TaskState } from "./generated/mesos.ts";

const TERMINAL: ReadonlySet<TaskState> = new Set<TaskState>([
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_ERROR",
  "TASK_LOST",
  "TASK_DROPPED",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
]);

/**
 * Whether a task in this state is over for good and its resources are free. An unreachable task is not: its resources
 * are free as well, but it may come back as running. Source: Mesos' `protobuf::isTerminalState`.
 */
export function isTerminal(state: TaskState): boolean {
  return TERMINAL.has(state);
}
