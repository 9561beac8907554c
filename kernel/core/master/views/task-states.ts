import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import type { Framework } from "../state.ts";
import { Remembered } from "./remembered.ts";

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

const counts = new Remembered<ReadonlyMap<TaskState, number>>();

/** How many of the framework's tasks are in which state, those that are over and acknowledged left out. */
export function statesOf(framework: Framework): Map<TaskState, number> {
  const active = counts.of(framework, framework.version, () => {
    const states = new Map<TaskState, number>();
    for (const { task } of framework.tasks.values()) states.set(task.state, (states.get(task.state) ?? 0) + 1);
    return states;
  });
  const { size } = framework.unreachableTasks;
  return new Map(size === 0 ? active : [...active, ["TASK_UNREACHABLE", size]]);
}
