import type { ExecutorInfo, Resource, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { because, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { contains, isEmpty, sum } from "@meseta/api/mesos/resources/bag.ts";
import { printResources } from "@meseta/api/mesos/resources/print.ts";
import { sharedOnce } from "@meseta/api/mesos/resources/select.ts";
import { validateCheck, validateHealthCheck } from "../../validate/checks.ts";
import { validateContainer } from "../../validate/container.ts";
import { isNonNegative } from "../../validate/duration.ts";
import { validateCommand } from "../../validate/environment.ts";
import { validateId } from "../../validate/ids.ts";
import { validateProbes } from "../../validate/probes.ts";
import { printAvailable } from "./available.ts";
import { validateExecutor } from "./executor.ts";
import { validateHeld } from "./holding.ts";
import { validateLimits } from "./limits.ts";

/** What the master knows when a framework launches, as plain look-ups. Resources here and in tasks are in the post-refinement format and allocated. */
export interface LaunchContext {
  readonly frameworkId: string;
  /** The agent of the offers. */
  readonly agentId: string;
  /** Whether the agent has the capability TASK_RESOURCE_LIMITS. */
  readonly agentTakesLimits: boolean;
  /** Whether a task of the framework that is active or unreachable has the id. */
  readonly isTaskKnown: (taskId: string) => boolean;
  /** The framework's executor of the id on the agent. */
  readonly runningExecutor: (executorId: string) => ExecutorInfo | undefined;
  /** What `share_cgroups` is for the tasks that run in that executor; undefined when there are none. */
  readonly sharesCgroups: (executorId: string) => boolean | undefined;
  /** What is left of the offers. A shared resource stays in it however often it was used. */
  readonly available: readonly Resource[];
}

/** What is wrong with a task of a LAUNCH, as the message of its TASK_ERROR; the checks come in Mesos' order. Source: kernel reference section e and recorded answers. */
export function validateTask(task: TaskInfo, context: LaunchContext): Refusal | undefined {
  return (
    validateTaskAlone(task, context) ??
    (task.container?.linux_info?.share_cgroups === false
      ? refuse("'share_cgroups' can only be false for tasks of a task group")
      : undefined) ??
    validateRunner(task, context) ??
    validateTotal(task, context)
  );
}

/** The checks that tasks of a LAUNCH and tasks of a group share. */
export function validateTaskAlone(task: TaskInfo, context: LaunchContext): Refusal | undefined {
  return (
    validateId(task.task_id) ??
    validateUnique(task, context) ??
    validateAgent(task, context) ??
    validateTimes(task) ??
    because("Task uses invalid check: ", task.check && validateCheck(task.check)) ??
    because("Task uses invalid health check: ", task.health_check && validateHealthCheck(task.health_check)) ??
    because("Task uses invalid probe: ", validateProbes(task.probes)) ??
    validateResourcesOf(task) ??
    because("Task's `CommandInfo` is invalid: ", task.command && validateCommand(task.command)) ??
    because("Task's `ContainerInfo` is invalid: ", task.container && validateContainer(task.container)) ??
    validateLimits(task, context.agentTakesLimits)
  );
}

/** A copy of `needed` is in `available`; a shared resource may be used by several of them. */
export function isWithin(available: readonly Resource[], needed: readonly Resource[]): boolean {
  return contains(available, sharedOnce(needed));
}

function validateUnique({ task_id }: TaskInfo, { isTaskKnown }: LaunchContext): Refusal | undefined {
  return isTaskKnown(task_id.value) ? refuse(`Task has duplicate ID: ${task_id.value}`) : undefined;
}

function validateAgent({ agent_id }: TaskInfo, { agentId }: LaunchContext): Refusal | undefined {
  return agent_id.value === agentId
    ? undefined
    : refuse(`Task uses invalid agent ${agent_id.value} while agent ${agentId} is expected`);
}

function validateTimes({ kill_policy, max_completion_time }: TaskInfo): Refusal | undefined {
  if (!isNonNegative(kill_policy?.grace_period))
    return refuse("Task's 'kill_policy.grace_period' must be non-negative");
  return isNonNegative(max_completion_time) ? undefined : refuse("Task's `max_completion_time` must be non-negative");
}

function validateResourcesOf({ resources = [] }: TaskInfo): Refusal | undefined {
  return isEmpty(resources)
    ? (validateHeld("Task", resources) ?? refuse("Task uses no resources"))
    : validateHeld("Task", resources);
}

function validateRunner({ command, executor }: TaskInfo, context: LaunchContext): Refusal | undefined {
  if ((command === undefined) === (executor === undefined))
    return refuse("Task should have at least one (but not both) of CommandInfo or ExecutorInfo present");
  if (executor === undefined) return undefined;
  if (executor.type === "DEFAULT") return refuse("'DEFAULT' executor can only be used by LAUNCH_GROUP");
  return validateExecutor({ ...executor, type: executor.type ?? "CUSTOM" }, context);
}

function validateTotal({ resources = [], executor }: TaskInfo, context: LaunchContext): Refusal | undefined {
  const isNew = executor !== undefined && context.runningExecutor(executor.executor_id.value) === undefined;
  const total = sum([resources, isNew ? (executor.resources ?? []) : []]);
  if (isWithin(context.available, total)) return undefined;
  return refuse(
    `Total resources ${printResources(total)} required by task and its executor is more than available ${printAvailable(context.available)}`,
  );
}
