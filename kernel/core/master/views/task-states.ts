import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";

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
