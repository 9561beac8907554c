import type {
  ExecutorInfo,
  OfferOperation,
  TaskInfo,
  TaskState,
  TaskStatusReason,
} from "@meseta/api/mesos/generated/mesos.ts";
import { type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { add } from "@meseta/api/mesos/resources/bag.ts";
import { type Acceptance, use } from "./accept.ts";
import { capabilitiesOf } from "./capabilities.ts";
import { countOwn, countTaskEnd } from "./counters.ts";
import { addExecutor, executorOn } from "./executors.ts";
import type { MasterOut } from "./out.ts";
import type { Agent, Framework, MasterState } from "./state.ts";
import { masterStatus, stateFor } from "./statuses.ts";
import { addTask, newTask } from "./tasks.ts";
import { tellAgent } from "./tell.ts";
import { forward } from "./updates.ts";
import { validateTaskGroup } from "./validate/group.ts";
import { validateOperationId } from "./validate/operation.ts";
import { type LaunchContext, validateTask } from "./validate/task.ts";

/** LAUNCH: each task for itself. A task that is not valid is answered TASK_ERROR. */
export function launchTasks(acceptance: Acceptance, operation: OfferOperation): void {
  const { state, framework, agent, nowMs, out } = acceptance;
  const problem = idProblem(agent, operation);
  const context = contextOf(acceptance);
  for (const task of operation.launch?.task_infos ?? []) {
    const refusal = problem ?? roomProblem(state, framework, 1) ?? validateTask(task, context);
    if (refusal === undefined) launchTask(acceptance, task);
    else failTask(state, framework, task, "REASON_TASK_INVALID", refusal.message, nowMs, out);
  }
}

/** LAUNCH_GROUP: all tasks in one executor, or none, each answered TASK_ERROR then. */
export function launchGroup(acceptance: Acceptance, operation: OfferOperation): void {
  const { state, framework, agent, nowMs, out } = acceptance;
  const group = operation.launch_group;
  if (group === undefined) return out.log("info", "A LAUNCH_GROUP without 'launch_group' was dropped");
  const problem = idProblem(agent, operation);
  const tasks = group.task_group.tasks ?? [];
  const refusal =
    problem ??
    roomProblem(state, framework, tasks.length) ??
    validateTaskGroup(group.executor, group.task_group, contextOf(acceptance));
  if (refusal !== undefined) {
    for (const task of tasks)
      failTask(state, framework, task, "REASON_TASK_GROUP_INVALID", refusal.message, nowMs, out);
    return;
  }
  const executor = ownedBy(framework, group.executor);
  const isNew = startExecutor(acceptance, executor);
  for (const task of tasks) holdTask(acceptance, task, executor.executor_id.value);
  tellAgent(
    agent,
    {
      type: "RUN",
      run: {
        framework_info: framework.info,
        executor,
        task_group: { tasks: tasks.map((task) => ({ ...task, executor })) },
        launch_executor: isNew,
        resource_version: agent.resourceVersion,
      },
    },
    out,
  );
}

// Whoever acknowledges nothing would fill the memory with tasks that are over.
function roomProblem(state: MasterState, { tasks }: Framework, more: number): Refusal | undefined {
  const { maxTasksPerFramework } = state.config;
  if (tasks.size + more <= maxTasksPerFramework) return undefined;
  countOwn(state, "tasks_refused", more);
  return refuse(
    `The framework has ${tasks.size} tasks, those included whose end it has not acknowledged, and may have ${maxTasksPerFramework} (--max-tasks-per-framework)`,
  );
}

function idProblem(agent: Agent, operation: OfferOperation): Refusal | undefined {
  return operation.id && validateOperationId(operation, { agentCapabilities: capabilitiesOf(agent) });
}

/** Answers every task of a LAUNCH or LAUNCH_GROUP whose offers were bad. */
export function refuseLaunch(
  framework: Framework,
  { launch, launch_group }: OfferOperation,
  message: string,
  nowMs: number,
  out: MasterOut,
): void {
  for (const task of launch?.task_infos ?? launch_group?.task_group.tasks ?? [])
    answer(framework, task, "TASK_DROPPED", "REASON_INVALID_OFFERS", message, nowMs, out);
}

function launchTask(acceptance: Acceptance, info: TaskInfo): void {
  const { framework, agent, out } = acceptance;
  const executor = info.executor && ownedBy(framework, info.executor);
  const isNew = executor === undefined || startExecutor(acceptance, executor);
  holdTask(acceptance, info, executor?.executor_id.value);
  tellAgent(
    agent,
    {
      type: "RUN",
      run: {
        framework_info: framework.info,
        task: executor === undefined ? info : { ...info, executor },
        launch_executor: isNew,
        resource_version: agent.resourceVersion,
      },
    },
    out,
  );
}

function holdTask(acceptance: Acceptance, info: TaskInfo, executorId: string | undefined): void {
  const { state, framework, agent, out } = acceptance;
  const resources = info.resources ?? [];
  use(acceptance, resources);
  addTask(state, framework, agent, newTask(framework, info, resources, executorId), out);
}

// The first task in an executor brings it along; later ones find it there.
function startExecutor(acceptance: Acceptance, executor: ExecutorInfo): boolean {
  const { state, framework, agent } = acceptance;
  if (executorOn(agent, framework.id, executor.executor_id.value) !== undefined) return false;
  use(acceptance, executor.resources ?? []);
  addExecutor(state, agent, framework.id, executor);
  return true;
}

function ownedBy(framework: Framework, executor: ExecutorInfo): ExecutorInfo {
  return { ...executor, framework_id: { value: framework.id } };
}

function failTask(
  state: MasterState,
  framework: Framework,
  task: TaskInfo,
  reason: TaskStatusReason,
  message: string,
  nowMs: number,
  out: MasterOut,
): void {
  countTaskEnd(state, framework, answer(framework, task, "TASK_ERROR", reason, message, nowMs, out));
}

function answer(
  framework: Framework,
  { task_id, agent_id }: TaskInfo,
  taskState: TaskState,
  reason: TaskStatusReason,
  message: string,
  nowMs: number,
  out: MasterOut,
) {
  const parts = {
    taskId: task_id.value,
    agentId: agent_id.value,
    state: stateFor(framework, taskState),
    reason,
    message,
  };
  const status = masterStatus(parts, nowMs);
  forward(framework, status, out);
  return status;
}

function contextOf(acceptance: Acceptance): LaunchContext {
  const { framework, agent } = acceptance;
  return {
    frameworkId: framework.id,
    agentId: agent.id,
    agentTakesLimits: agent.capabilities.some(({ type }) => type === "TASK_RESOURCE_LIMITS"),
    isTaskKnown: (taskId) => framework.tasks.has(taskId) || framework.unreachableTasks.has(taskId),
    runningExecutor: (executorId) => executorOn(agent, framework.id, executorId),
    sharesCgroups: (executorId) => sharesCgroups(agent, framework.id, executorId),
    get available() {
      return acceptance.sharedLeft.length === 0 ? acceptance.left : add(acceptance.left, acceptance.sharedLeft);
    },
  };
}

function sharesCgroups(agent: Agent, frameworkId: string, executorId: string): boolean | undefined {
  for (const { task } of agent.tasks)
    if (task.framework_id.value === frameworkId && task.executor_id?.value === executorId)
      return task.container?.linux_info?.share_cgroups ?? true;
  return undefined;
}
