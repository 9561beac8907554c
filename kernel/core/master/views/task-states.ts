import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";

/** States in which a task holds the resources of its agent: all that are neither final nor unreachable. */
export function holdsResources(state: TaskState): boolean {
  return HOLDING.has(state);
}

const HOLDING: ReadonlySet<TaskState> = new Set([
  "TASK_STAGING",
  "TASK_STARTING",
  "TASK_RUNNING",
  "TASK_KILLING",
  "TASK_UNKNOWN",
]);

/** The states that /state-summary counts, in its order. */
export const SUMMARISED = [
  "TASK_STAGING",
  "TASK_STARTING",
  "TASK_RUNNING",
  "TASK_KILLING",
  "TASK_FINISHED",
  "TASK_KILLED",
  "TASK_FAILED",
  "TASK_LOST",
  "TASK_ERROR",
  "TASK_UNREACHABLE",
] as const satisfies readonly TaskState[];
