import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { Framework, MasterState } from "./state.ts";

/** Raises a metric that only rises; it comes to be at its first raise. `name` as Mesos has it, below `master/`. */
export function count(state: MasterState, name: string, by = 1): void {
  raise(state.counters, `master/${name}`, by);
}

/** The same of what Mesos has no name for, below `meseta/`. */
export function countOwn(state: MasterState, name: string, by = 1): void {
  raise(state.counters, `meseta/${name}`, by);
}

/** The same below `master/frameworks/<name>/<id>/`. */
export function countOf(framework: Framework, name: string, by = 1): void {
  raise(framework.counters, name, by);
}

/** A task came to the state of this status, which is final: `tasks_failed` and `task_failed/source_…/reason_…`. */
export function countTaskEnd(state: MasterState, framework: Framework | undefined, status: TaskStatus): void {
  const name = lower(status.state, "TASK_");
  count(state, `tasks_${name}`);
  const source = lower(status.source ?? "SOURCE_MASTER", "SOURCE_");
  if (status.reason !== undefined)
    count(state, `task_${name}/source_${inner(source)}/reason_${inner(lower(status.reason, "REASON_"))}`);
  if (framework !== undefined) countOf(framework, `tasks/terminal/${status.state.toLowerCase()}`);
}

/** `OPERATION_FINISHED` of a `RESERVE`: `operations/finished`, `operations/reserve/finished`. */
export function countOperation(state: MasterState, type: string, operationState: string): void {
  const name = lower(operationState, "OPERATION_");
  count(state, `operations/${name}`);
  count(state, `operations/${type.toLowerCase()}/${name}`);
}

function raise(counters: Map<string, number>, name: string, by: number): void {
  counters.set(name, (counters.get(name) ?? 0) + by);
}

function lower(text: string, prefix: string): string {
  return (text.startsWith(prefix) ? text.slice(prefix.length) : text).toLowerCase();
}

// Metrics keep the word that the v1 API no longer uses.
function inner(text: string): string {
  return text.replace("agent", "slave");
}
