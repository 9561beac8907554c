import type {
  ContainerStatus,
  Label,
  Labels,
  NetworkInfo,
  Task,
  TaskStatus,
  ValueScalar,
} from "@meseta/api/mesos/generated/mesos.ts";
import { Heap } from "@meseta/lib/core/heap.ts";
import { MASTER_BOUNDS } from "../bounds.ts";
import type { MasterState, MasterTask } from "../state.ts";
import { flat } from "./flat.ts";
import { type List, list, lists, type Part, type Shape } from "./shape.ts";

/** A task as the v1 API shows it: the wire's own message. */
const v1Task: Shape<Task> = {
  name: "task",
  type: "mesos.v1.Task",
  version: "frozen",
  view: (task) => task,
};

/** A task as /state, /frameworks and /tasks show it. */
export const oldTask: Shape<Task> = {
  name: "old task",
  version: "frozen",
  view: viewOldTask,
};

/** GET_TASKS. */
export function tasksParts(state: MasterState): Part[] {
  return [
    { name: "tasks", lists: lists(() => active(state)), shape: v1Task },
    { name: "unreachable_tasks", lists: lists(() => unreachable(state)), shape: v1Task },
    { name: "completed_tasks", lists: lists(() => completed(state)), shape: v1Task },
  ];
}

/** The tasks of one list of a framework, which stays the same object while the framework lives. */
export function taskList(tasks: ReadonlyMap<string, MasterTask> | readonly MasterTask[]): List {
  return { key: tasks, objects: () => wireTasks(tasks) };
}

// A plain loop: a generator would take longer than all else that a reading does while nothing changes.
function wireTasks(tasks: ReadonlyMap<string, MasterTask> | readonly MasterTask[]): Task[] {
  const out: Task[] = [];
  for (const entry of tasks.values()) out.push(entry.task);
  return out;
}

/** What /tasks is asked for. Numbers that are none are as if not given. */
export interface TaskQuery {
  readonly limit?: string | undefined;
  readonly offset?: string | undefined;
  readonly order?: string | undefined;
  readonly framework_id?: string | undefined;
  readonly task_id?: string | undefined;
}

/** /tasks: all tasks, the newest first (by their first status) unless `order` is "asc"; 100 of them from `offset` on unless `limit` says otherwise. */
export function queriedTasksParts(state: MasterState, query: TaskQuery): Part[] {
  return [{ name: "tasks", lists: list({}, () => queriedTasks(state, query)), shape: foundTask }];
}

// Few are found, and others each time.
const foundTask: Shape<Task> = { ...oldTask, name: "found task", version: "once" };

function queriedTasks(state: MasterState, query: TaskQuery): Task[] {
  const offset = integer(query.offset, 0);
  const end = offset + integer(query.limit, DEFAULT_LIMIT);
  return firstOf(selectTasks(state, query), end, query.order === "asc" ? 1 : -1).slice(offset);
}

interface Ranked {
  readonly task: Task;
  readonly rank: number;
  readonly order: number;
}

/** The first `end` tasks in order of time (of which 1 counts up and -1 down); not by sorting all of them, of which few are wanted. */
function firstOf(tasks: readonly Task[], end: number, sign: number): Task[] {
  const isAfter = (a: Ranked, b: Ranked) => a.rank > b.rank || (a.rank === b.rank && a.order > b.order);
  const kept = new Heap<Ranked>(isAfter);
  let order = 0;
  for (const task of tasks) {
    const ranked = { task, rank: sign * firstTimestamp(task), order: order++ };
    if (kept.size < end) kept.push(ranked);
    else if (end > 0 && isAfter(kept.peek()!, ranked)) {
      kept.pop();
      kept.push(ranked);
    }
  }
  const out: Task[] = [];
  while (kept.size > 0) out.push(kept.pop()!.task);
  return out.reverse();
}

const DEFAULT_LIMIT = MASTER_BOUNDS.shownTasks.most;

function* active(state: MasterState): Generator<List> {
  for (const { tasks } of state.frameworks.values()) yield taskList(tasks);
}

function* unreachable(state: MasterState): Generator<List> {
  for (const { unreachableTasks } of state.frameworks.values()) yield taskList(unreachableTasks);
}

function* completed(state: MasterState): Generator<List> {
  for (const { completedTasks } of state.frameworks.values()) yield taskList(completedTasks);
  for (const { completedTasks } of state.completedFrameworks.values()) yield taskList(completedTasks);
}

function selectTasks(state: MasterState, { framework_id, task_id }: TaskQuery): Task[] {
  const lists: (ReadonlyMap<string, MasterTask> | readonly MasterTask[])[] = [];
  for (const { id, tasks, unreachableTasks, completedTasks } of state.frameworks.values())
    if (framework_id === undefined || id === framework_id) lists.push(tasks, unreachableTasks, completedTasks);
  for (const { id, completedTasks } of state.completedFrameworks.values())
    if (framework_id === undefined || id === framework_id) lists.push(completedTasks);
  const all = lists.flatMap(wireTasks);
  return task_id === undefined ? all : all.filter((task) => task.task_id.value === task_id);
}

/** Tasks without a status are older than all others when counting up, as Mesos sorts them. */
function firstTimestamp(task: Task): number {
  return task.statuses?.[0]?.timestamp ?? 0;
}

function integer(text: string | undefined, otherwise: number): number {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : otherwise;
}

export function viewOldTask(task: Task): object {
  const { labels, discovery, container, health_check, user, limits } = task;
  return {
    id: task.task_id.value,
    name: task.name,
    framework_id: task.framework_id.value,
    executor_id: task.executor_id?.value ?? "",
    slave_id: task.agent_id.value,
    state: task.state,
    resources: flat(task.resources),
    limits: limits === undefined ? undefined : viewLimits(limits),
    role: task.resources?.[0]?.allocation_info?.role ?? "",
    statuses: (task.statuses ?? []).map(viewStatus),
    user,
    labels: viewLabels(labels),
    discovery,
    container,
    health_check,
  };
}

function viewStatus(status: TaskStatus): object {
  return {
    state: status.state,
    timestamp: status.timestamp ?? 0,
    labels: viewLabels(status.labels),
    container_status: status.container_status === undefined ? undefined : viewContainer(status.container_status),
    healthy: status.healthy,
  };
}

function viewContainer({ container_id, network_infos, cgroup_info }: ContainerStatus): object {
  return { container_id, network_infos: network_infos?.map(viewNetwork), cgroup_info };
}

function viewNetwork({ groups, labels, ip_addresses, name, port_mappings }: NetworkInfo): object {
  return { groups, labels: viewLabels(labels), ip_addresses, name, port_mappings };
}

/** Labels without the object around them. */
export function viewLabels(labels: Labels | undefined): Label[] | undefined {
  return labels === undefined ? undefined : (labels.labels ?? []);
}

// JSON has no infinity, which a limit may be; the text stands for it as everywhere in these APIs.
function viewLimits(limits: Readonly<Record<string, ValueScalar>>): object {
  const entries = Object.entries(limits).map(([name, { value }]) => [
    name,
    Number.isFinite(value) ? value : String(value),
  ]);
  return Object.fromEntries(entries);
}
