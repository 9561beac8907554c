import type { Task } from "@meseta/api/mesos/generated/mesos.ts";
import { withoutSecrets } from "@meseta/api/mesos/secrets.ts";
import { MASTER_BOUNDS } from "./bounds.ts";
import type { MasterOut } from "./out.ts";
import { eraseLater } from "./records.ts";
import { keys, type SavedTasks } from "./saved.ts";
import type { CompletedFramework, Framework, History, MasterState, MasterTask } from "./state.ts";

export function newHistory(): History {
  return { records: [], saved: 0, next: 0, counts: new Map() };
}

/** Moves tasks that are over, and are in no other list any more, to the framework's history, in one durable record. */
export function complete(
  state: MasterState,
  framework: Framework | CompletedFramework,
  ended: readonly MasterTask[],
  nowMs: number,
  out: MasterOut,
): void {
  const most = state.config.maxCompletedTasksPerFramework;
  if (most === 0 || ended.length === 0) return;
  const kept = newestWithin(ended.length > most ? ended.slice(ended.length - most) : ended);
  const key = keys.completedTask(framework.id, framework.history.next++);
  out.save(key, { tasks: kept.map(({ task }) => writable(task)) } satisfies SavedTasks);
  framework.history.records.push({ key, count: kept.length });
  framework.history.saved += kept.length;
  remember(framework, kept);
  trim(state, framework, nowMs, out);
}

// One record takes what ends together, and a record has a bound; one task alone is within it.
function newestWithin(ended: readonly MasterTask[]): readonly MasterTask[] {
  if (ended.length === 1) return ended;
  let [first, length] = [ended.length, 0];
  while (first > 0 && length <= MASTER_BOUNDS.historyBytes.most)
    length += JSON.stringify(writable(ended[--first]!.task)).length;
  return length <= MASTER_BOUNDS.historyBytes.most ? ended : ended.slice(Math.min(first + 1, ended.length - 1));
}

// Only what is in a container can name secrets.
function writable(task: Task): Task {
  return task.container === undefined ? task : withoutSecrets(task).message;
}

/** Whether this task of that agent is in the framework's history. */
export function isOver({ history }: Framework, taskId: string, agentId: string): boolean {
  return history.counts.has(`${agentId}/${taskId}`);
}

/** Adds tasks to a history, of which a record tells already. */
export function remember(
  { completedTasks, history }: Framework | CompletedFramework,
  tasks: readonly MasterTask[],
): void {
  for (const entry of tasks) {
    completedTasks.push(entry);
    history.counts.set(nameOf(entry), (history.counts.get(nameOf(entry)) ?? 0) + 1);
  }
}

function forget({ counts }: History, entry: MasterTask): void {
  const left = counts.get(nameOf(entry))! - 1;
  if (left === 0) counts.delete(nameOf(entry));
  else counts.set(nameOf(entry), left);
}

const nameOf = ({ task }: MasterTask): string => `${task.agent_id.value}/${task.task_id.value}`;

/** Forgets the oldest tasks beyond the bound, and the records that hold none but those. */
export function trim(
  state: MasterState,
  { completedTasks, history }: Framework | CompletedFramework,
  nowMs: number,
  out: MasterOut,
): void {
  const most = state.config.maxCompletedTasksPerFramework;
  if (completedTasks.length > most)
    for (const entry of completedTasks.splice(0, completedTasks.length - most)) forget(history, entry);
  const old: string[] = [];
  while (history.records.length > 0 && history.saved - history.records[0]!.count >= most) {
    const { key, count } = history.records.shift()!;
    history.saved -= count;
    old.push(key);
  }
  if (old.length === 1) out.erase(old[0]!);
  else eraseLater(state, old, nowMs, out);
}

/** Moves what is left of a removed framework to the completed ones; the oldest of those is forgotten, but its id stays taken. */
export function completeFramework(state: MasterState, framework: Framework, nowMs: number, out: MasterOut): void {
  const { id, info, registeredMs, reregisteredMs, completedTasks, history } = framework;
  const times = { registeredMs, reregisteredMs, unregisteredMs: nowMs };
  rememberRemoved(state, id, nowMs, out);
  out.erase(keys.framework(id));
  out.save(keys.completedFramework(id), { info, ...times });
  state.completedFrameworks.set(id, { id, info, ...times, completedTasks, history });
  if (state.completedFrameworks.size <= state.config.maxCompletedFrameworks) return;
  const oldest = state.completedFrameworks.values().next().value!;
  state.completedFrameworks.delete(oldest.id);
  out.erase(keys.completedFramework(oldest.id));
  eraseLater(
    state,
    oldest.history.records.map(({ key }) => key),
    nowMs,
    out,
  );
}

function rememberRemoved(state: MasterState, id: string, nowMs: number, out: MasterOut): void {
  state.removedFrameworks.add(id);
  out.save(keys.removedFramework(id), { removedMs: nowMs });
  if (state.removedFrameworks.size <= state.config.limits.removedFrameworks) return;
  const oldest = state.removedFrameworks.values().next().value!;
  state.removedFrameworks.delete(oldest);
  out.erase(keys.removedFramework(oldest));
}
