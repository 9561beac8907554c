import type { ContainerInfo, ExecutorInfo, TaskGroupInfo, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { sum } from "@meseta/api/mesos/resources/bag.ts";
import { printResources } from "@meseta/api/mesos/resources/print.ts";
import { printAvailable } from "./available.ts";
import { sameExecutor, validateExecutor, validateExecutorSize } from "./executor.ts";
import { isWithin, type LaunchContext, validateTaskAlone } from "./task.ts";

/** What is wrong with a LAUNCH_GROUP, as the message of the TASK_ERROR of every task in it. Source: kernel reference section e and recorded answers. */
export function validateTaskGroup(
  executor: ExecutorInfo,
  group: TaskGroupInfo,
  context: LaunchContext,
): Refusal | undefined {
  const tasks = group.tasks ?? [];
  return (
    (tasks.length === 0 ? refuse("Task group cannot be empty") : undefined) ??
    firstRefusal(tasks, (task, i) => validateMember(task, tasks.slice(0, i), executor, context)) ??
    validateCgroups(executor, tasks, context) ??
    validateGroupExecutor(executor, context) ??
    validateTotal(executor, tasks, context)
  );
}

function validateMember(
  task: TaskInfo,
  before: readonly TaskInfo[],
  executor: ExecutorInfo,
  context: LaunchContext,
): Refusal | undefined {
  if (before.some(({ task_id }) => task_id.value === task.task_id.value))
    return refuse(`Task has duplicate ID: ${task.task_id.value}`);
  return validateTaskAlone(task, context) ?? validateMembership(task, executor);
}

function validateMembership(task: TaskInfo, executor: ExecutorInfo): Refusal | undefined {
  const who = `Task '${task.task_id.value}'`;
  if (task.executor !== undefined && !sameExecutor(task.executor, executor))
    return refuse(
      `The 'ExecutorInfo' of ${who} is different from executor '${executor.executor_id.value}' of the task group`,
    );
  if (task.command === undefined) return refuse(`${who} of a task group must have a CommandInfo`);
  if (task.container?.type === "DOCKER") return refuse("Docker ContainerInfo is not supported on the task");
  return validateNetwork(who, task) ?? validateGroupLimits(who, task);
}

// The executor's probes come from its own network, where a task with another one does not listen.
function validateNetwork(who: string, { container, health_check }: TaskInfo): Refusal | undefined {
  if ((container?.network_infos?.length ?? 0) === 0) return undefined;
  const type = health_check?.type;
  return type === "HTTP" || type === "TCP"
    ? refuse(`${who}: ${type} health checks are not supported for a task of a group with a network of its own`)
    : undefined;
}

function validateGroupLimits(who: string, { limits, container }: TaskInfo): Refusal | undefined {
  if (Object.keys(limits ?? {}).length === 0 || !sharesCgroups(container)) return undefined;
  return refuse(`${who}: resource limits can only be set for a task of a group whose 'share_cgroups' is false`);
}

function validateCgroups(
  { executor_id }: ExecutorInfo,
  tasks: readonly TaskInfo[],
  context: LaunchContext,
): Refusal | undefined {
  const values = new Set(tasks.map(({ container }) => sharesCgroups(container)));
  const running = context.sharesCgroups(executor_id.value);
  if (running !== undefined) values.add(running);
  return values.size > 1
    ? refuse(`All tasks under executor '${executor_id.value}' must have the same value of 'share_cgroups'`)
    : undefined;
}

function sharesCgroups(container: ContainerInfo | undefined): boolean {
  return container?.linux_info?.share_cgroups ?? true;
}

function validateGroupExecutor(executor: ExecutorInfo, context: LaunchContext): Refusal | undefined {
  if (executor.container?.type === "DOCKER") return refuse("Docker ContainerInfo is not supported on the executor");
  return validateExecutor(executor, context) ?? validateExecutorSize(executor);
}

function validateTotal(
  executor: ExecutorInfo,
  tasks: readonly TaskInfo[],
  context: LaunchContext,
): Refusal | undefined {
  const isNew = context.runningExecutor(executor.executor_id.value) === undefined;
  const total = sum([...tasks.map(({ resources }) => resources ?? []), isNew ? (executor.resources ?? []) : []]);
  if (isWithin(context.available, total)) return undefined;
  return refuse(
    `Total resources ${printResources(total)} required by task group and its executor are more than available ${printAvailable(context.available)}`,
  );
}
