// I3 and I4 of the tasks of a framework of our own: what it was told of each, against what the task has written down itself. Pure.
import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { UpdateChecker } from "@meseta/sim/checkers/updates.ts";
import type { Entry, TaskLine } from "../history.ts";

export interface TaskFindings {
  readonly problems: string[];
  readonly launched: number;
  readonly updates: number;
  /** How many tasks ended as what. */
  readonly ends: Readonly<Record<string, number>>;
}

/** Exit codes by the name of the task: `t-12-exit-3` ends with 3, if nobody kills it. */
export function checkTasks(history: readonly Entry[], lines: readonly TaskLine[]): TaskFindings {
  const checker = new UpdateChecker(true);
  const problems: string[] = [];
  const last = new Map<string, TaskState>();
  const launched = new Set<string>();
  let updates = 0;
  for (const entry of history) {
    if (entry.type === "launch") launched.add(entry.taskId);
    if (entry.type === "acknowledge") checker.acknowledged(entry.status);
    if (entry.type !== "update") continue;
    updates++;
    try {
      checker.heard(entry.status);
    } catch (violation) {
      problems.push(`${(violation as Error).message}, at ${entry.at}`);
    }
    const before = last.get(entry.status.task_id.value);
    if (before === undefined || !isTerminal(before)) last.set(entry.status.task_id.value, entry.status.state);
  }
  const hasRested = history.some(({ type }) => type === "empty");
  for (const taskId of launched) problems.push(...checkEnd(taskId, last.get(taskId), lines, hasRested));
  const ends = Object.groupBy(launched, (taskId) => last.get(taskId) ?? "never heard of");
  return {
    problems,
    launched: launched.size,
    updates,
    ends: Object.fromEntries(Object.entries(ends).map(([state, some]) => [state, some!.length])),
  };
}

function checkEnd(
  taskId: string,
  state: TaskState | undefined,
  lines: readonly TaskLine[],
  hasRested: boolean,
): string[] {
  const own = lines.filter((line) => line.taskId === taskId);
  const [hasBegun, hasEnded] = [own.some(({ what }) => what === "start"), own.some(({ what }) => what === "end")];
  if (state === "TASK_FINISHED" && !(hasBegun && hasEnded)) return [`truth: ${taskId} is told as finished, and is not`];
  if (state === "TASK_DROPPED" && hasBegun) return [`truth: ${taskId} is told as dropped, and had begun`];
  if (state === "TASK_FAILED" && hasEnded && !taskId.includes("-exit-"))
    return [`truth: ${taskId} is told as failed, and had finished`];
  if (hasRested && hasBegun && (state === undefined || !isTerminal(state)))
    return [`rest: ${taskId} had begun, and the last that was heard of it is ${state}`];
  return [];
}
