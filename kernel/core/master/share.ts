import type { ContainerStatus, Labels, Task, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { Agent, Framework } from "./state.ts";

/**
 * Makes what a task says more than once one object: its ids are its framework's, its agent's and its statuses', its resources share their role; labels that
 * are those of the framework's task before are the same. Nothing that can be seen changes; a running task takes a third less memory, and a master holds many.
 */
export function shareParts(task: Task, framework: Framework, agent: Agent): Task {
  const { info } = framework;
  if (info.id?.value === task.framework_id.value) task.framework_id = info.id;
  if (agent.info.id?.value === task.agent_id.value) task.agent_id = agent.info.id;
  if (task.executor_id?.value === task.task_id.value) task.executor_id = task.task_id;
  const before = framework.latestTask;
  shareResources(task, before);
  const { statuses = [] } = task;
  for (let i = 0; i < statuses.length; i++) shareStatus(statuses[i]!, task, statuses[i - 1]);
  shareLabels(task, before?.labels);
  framework.latestTask = task;
  return task;
}

/** Whether both lists hold the very same things. */
export function isSameList<T>(a: readonly T[] = [], b: readonly T[] = []): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function shareResources(task: Task, before: Task | undefined): void {
  if (task.resources === undefined) return;
  if (before?.resources !== undefined && isSameList(before.resources, task.resources))
    return void (task.resources = before.resources);
  const role = task.resources[0]?.allocation_info;
  if (role === undefined) return;
  for (const resource of task.resources)
    if (resource.allocation_info?.role === role.role && !Object.isFrozen(resource)) resource.allocation_info = role;
}

/** The same for a status that is to be its task's next; `before` is the last one. */
export function shareStatus(status: TaskStatus, task: Task, before: TaskStatus | undefined): void {
  if (status.task_id.value === task.task_id.value) status.task_id = task.task_id;
  if (status.agent_id?.value === task.agent_id.value) status.agent_id = task.agent_id;
  if (task.executor_id !== undefined && status.executor_id?.value === task.executor_id.value)
    status.executor_id = task.executor_id;
  const container = before?.container_status;
  if (container !== undefined && isSame(container, status.container_status)) status.container_status = container;
}

// What is frozen is shared with the tasks that come next.
function shareLabels(task: Task, before: Labels | undefined): void {
  if (before === undefined || task.labels === undefined || before === task.labels) return;
  if (!Object.isFrozen(task.labels) && isSameLabels(before, task.labels)) task.labels = before;
}

function isSameLabels(a: Labels, b: Labels): boolean {
  const [ours, theirs] = [a.labels ?? [], b.labels ?? []];
  return (
    ours.length === theirs.length &&
    ours.every(({ key, value }, i) => key === theirs[i]!.key && value === theirs[i]!.value)
  );
}

// Its id first, because that is where two mostly differ.
function isSame(a: ContainerStatus, b: ContainerStatus | undefined): boolean {
  return a.container_id?.value === b?.container_id?.value && JSON.stringify(a) === JSON.stringify(b);
}
