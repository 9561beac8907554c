import type { EventRun } from "@meseta/api/mesos/generated/link.ts";
import type {
  CommandInfo,
  ExecutorInfo,
  TaskInfo,
  TaskState,
  TaskStatusReason,
} from "@meseta/api/mesos/generated/mesos.ts";
import { unallocate } from "@meseta/api/mesos/resources/allocation.ts";
import { contains } from "@meseta/api/mesos/resources/bag.ts";
import { idProblem } from "@meseta/api/mesos/resources/ids.ts";
import { isDynamicallyReserved, isPersistentVolume } from "@meseta/api/mesos/resources/select.ts";
import { newRun } from "../executor/run.ts";
import { count } from "./counters.ts";
import { deliver, launchExecutor } from "./custom.ts";
import { addExecutor, addTask, commandExecutorInfo, completeFramework, frameworkOf } from "./executors.ts";
import { hasImage } from "./image.ts";
import { launchRuns } from "./inside.ts";
import { executorFolder, runFolder } from "./paths.ts";
import { isRoot } from "./sandbox.ts";
import { keys } from "./saved.ts";
import type { AgentTask, Executor, Framework, Turn } from "./state.ts";
import { bareStatus } from "./status.ts";
import { logTask, touch, updateUnknown } from "./updates.ts";

/** RUN: one task or one group. What cannot be started is answered with a status for each task; nothing is started twice. */
export function run(turn: Turn, event: EventRun): void {
  const framework = frameworkOf(turn, event.framework_info);
  const tasks = event.task_group?.tasks ?? (event.task === undefined ? [] : [event.task]);
  if (framework.removed || turn.state.phase === "leaving") return;
  if (
    tasks.some(
      (task) =>
        framework.tasks.has(task.task_id.value) || turn.state.updates.has(`${framework.id}/${task.task_id.value}`),
    )
  )
    return;
  const refusal = refusalOf(turn, framework, event, tasks);
  if (refusal !== undefined) {
    tellNeverStarted(turn, framework, event);
    return refuse(turn, framework, tasks, refusal);
  }
  for (const task of tasks) logTask(turn, "info", "a task is launched", framework.id, task.task_id.value);
  if (event.executor === undefined && tasks.length === 1 && tasks[0]!.executor === undefined)
    return launchCommand(turn, framework, tasks[0]!);
  const info = withFramework(event.executor ?? tasks[0]!.executor!, framework.id);
  const known = framework.executors.get(info.executor_id.value);
  const executor = known ?? makeExecutor(turn, framework, info);
  if (executor.kind === "default") return launchGroup(turn, executor, tasks);
  enqueue(turn, executor, tasks, event.task_group !== undefined);
  if (known === undefined) launchExecutor(turn, executor);
  else if (executor.state === "running") deliver(turn, executor);
}

// The master has reckoned with the executor since it sent the launch; it holds resources there until it hears that there is none.
function tellNeverStarted(turn: Turn, framework: Framework, event: EventRun): void {
  const executor = event.executor ?? event.task?.executor;
  if (executor === undefined || !event.launch_executor) return;
  // A former one of that id may still wait for acknowledgements; its end was told.
  const held = framework.executors.get(executor.executor_id.value);
  if (held !== undefined && held.state !== "terminated") return;
  const ids = { framework_id: { value: framework.id }, executor_id: executor.executor_id };
  turn.out.tell(turn.state.link.id, { type: "EXECUTOR_EXITED", executor_exited: { ...ids, status: NEVER_STARTED } });
}

/** In place of a wait status, as in Mesos. */
const NEVER_STARTED = -1;

interface Refusal {
  readonly state: TaskState;
  readonly reason: TaskStatusReason;
  readonly message: string;
}

/** Tells each task why it will not run; a framework that is known for nothing else is forgotten with the last acknowledgement. */
function refuse(turn: Turn, framework: Framework, tasks: readonly TaskInfo[], refusal: Refusal): void {
  for (const task of tasks) {
    logTask(turn, "warn", "a task is refused", framework.id, task.task_id.value, { why: refusal.message });
    updateUnknown(turn, framework, {
      ...bareStatus(turn, framework, task.task_id.value, { ...refusal, source: "SOURCE_AGENT" }),
      ...(task.executor === undefined ? {} : { executor_id: task.executor.executor_id }),
    });
  }
  completeFramework(turn, framework);
}

function refusalOf(turn: Turn, framework: Framework, event: EventRun, tasks: readonly TaskInfo[]): Refusal | undefined {
  const { state } = turn;
  const problem = problemOfIds(framework, event, tasks);
  if (problem !== undefined) return { state: "TASK_ERROR", reason: "REASON_TASK_INVALID", message: problem };
  if (state.phase !== "running")
    return { state: "TASK_DROPPED", reason: "REASON_AGENT_DRAINING", message: "The agent is ending its tasks" };
  if (state.drain !== undefined)
    return { state: "TASK_DROPPED", reason: "REASON_AGENT_DRAINING", message: "The agent is draining" };
  if (event.resource_version !== state.resourceVersion)
    return {
      state: "TASK_DROPPED",
      reason: "REASON_INVALID_OFFERS",
      message: "The agent's resources have changed since the offer was made",
    };
  const taken = tasksHeld(state);
  if (taken + tasks.length > state.config.maxTasks) {
    for (const _ of tasks) count(state, "meseta/tasks_refused");
    const message = `The agent has ${taken} tasks, those included whose end is not acknowledged, and may have ${state.config.maxTasks} (--max-tasks)`;
    return { state: "TASK_DROPPED", reason: "REASON_INVALID_OFFERS", message };
  }
  const executor = event.executor ?? event.task?.executor;
  if (executor !== undefined) {
    const held = framework.executors.get(executor.executor_id.value);
    const usable = held !== undefined && (held.state === "running" || held.state === "registering");
    if (event.launch_executor ? held !== undefined && !usable : !usable)
      return {
        state: "TASK_DROPPED",
        reason: "REASON_EXECUTOR_TERMINATED",
        message: `Executor '${executor.executor_id.value}' is not running any more`,
      };
  }
  // A command task's executor has the task's id, which may be in use by an executor of another kind.
  if (executor === undefined && tasks.some((task) => framework.executors.has(task.task_id.value)))
    return {
      state: "TASK_DROPPED",
      reason: "REASON_EXECUTOR_TERMINATED",
      message: "The task has the id of an executor that is still here",
    };
  if (!hasSpecial(turn, tasks, executor))
    return {
      state: "TASK_DROPPED",
      reason: "REASON_RESOURCES_UNKNOWN",
      message: "A reservation or volume of the task is unknown to the agent",
    };
  return rootRefusal(turn, framework, tasks, executor);
}

// The master has looked at them; but they become folders here, where a wrong one would lead out of the agent's own.
function problemOfIds(framework: Framework, event: EventRun, tasks: readonly TaskInfo[]): string | undefined {
  const executors = [event.executor, ...tasks.map(({ executor }) => executor)].flatMap((one) => one ?? []);
  const ids = [
    framework.id,
    ...executors.map((one) => one.executor_id.value),
    ...tasks.map((one) => one.task_id.value),
  ];
  return ids.map(idProblem).find((problem) => problem !== undefined);
}

/** Those included whose end is not acknowledged. */
export function tasksHeld({ frameworks }: Turn["state"]): number {
  let held = 0;
  for (const { tasks } of frameworks.values()) held += tasks.size;
  return held;
}

// Reservations and volumes exist only where the agent made them: a launch that overtook or outlived its operation is not to run.
function hasSpecial(turn: Turn, tasks: readonly TaskInfo[], executor: ExecutorInfo | undefined): boolean {
  const wanted = [...tasks.flatMap((task) => task.resources ?? []), ...(executor?.resources ?? [])];
  const special = wanted.filter((resource) => isDynamicallyReserved(resource) || isPersistentVolume(resource));
  return special.length === 0 || contains(turn.state.total, unallocate(special));
}

function rootRefusal(
  turn: Turn,
  framework: Framework,
  tasks: readonly TaskInfo[],
  executor: ExecutorInfo | undefined,
): Refusal | undefined {
  const { config } = turn.state;
  if (config.rootTasks) return undefined;
  // What has an image is looked at by its driver: only the image may know the user, and root inside need not be root outside.
  const plain = whatRuns(tasks, executor).filter(({ container }) => !hasImage(container));
  const users = plain.map(({ command }) => (config.switchUser ? (command?.user ?? framework.info.user) : config.user));
  if (!users.some(isRoot)) return undefined;
  const message =
    "This agent runs no tasks as root: start it with --root-tasks, or let the task or its framework name another user";
  return { state: "TASK_ERROR", reason: "REASON_TASK_UNAUTHORIZED", message };
}

// A custom executor runs its tasks itself; a default executor is no process.
function whatRuns(
  tasks: readonly TaskInfo[],
  executor: ExecutorInfo | undefined,
): readonly Pick<TaskInfo, "command" | "container">[] {
  return executor === undefined || executor.type === "DEFAULT" ? tasks : [executor];
}

function launchCommand(turn: Turn, framework: Framework, info: TaskInfo): void {
  const id = info.task_id.value;
  const containerId = turn.state.random.uuid();
  const executor = addExecutor(turn, {
    id,
    framework,
    kind: "command",
    info: commandExecutorInfo(info, framework.id),
    containerId,
    directory: folderOf(turn, framework, id, containerId),
    user: userOf(turn, framework, info.command),
  });
  const task = addTask(executor, info);
  const { directory, user } = executor;
  turn.out.save(keys.task(framework.id, id), { info, executorId: id, containerId, directory, user });
  launchRuns(turn, executor, [makeRun(turn, task, containerId, 0)]);
}

function launchGroup(turn: Turn, executor: Executor, infos: readonly TaskInfo[]): void {
  const { framework } = executor;
  const group = ++executor.groups;
  saveExecutor(turn, executor);
  const runs = infos.map((info) => {
    turn.out.save(keys.task(framework.id, info.task_id.value), { info, executorId: executor.id });
    const task = addTask(executor, info);
    // The container's id must be known after a restart: the intent is not whole without it.
    touch(turn, task);
    return makeRun(turn, task, turn.state.random.uuid(), group);
  });
  launchRuns(turn, executor, runs);
}

function enqueue(turn: Turn, executor: Executor, infos: readonly TaskInfo[], group: boolean): void {
  const batch = group ? turn.state.random.uuid() : undefined;
  for (const info of infos) {
    turn.out.save(keys.task(executor.framework.id, info.task_id.value), { info, executorId: executor.id, batch });
    touch(turn, addTask(executor, info));
  }
  executor.queue.push({ taskIds: infos.map((info) => info.task_id.value), group, name: batch });
}

function makeRun(turn: Turn, task: AgentTask, containerId: string, group: number) {
  const run = newRun(task.info, containerId, group);
  task.run = run;
  task.delivered = true;
  turn.state.runs.set(containerId, { executor: task.executor, task, run });
  return run;
}

function makeExecutor(turn: Turn, framework: Framework, info: ExecutorInfo): Executor {
  const containerId = turn.state.random.uuid();
  const executor = addExecutor(turn, {
    id: info.executor_id.value,
    framework,
    kind: info.type === "DEFAULT" ? "default" : "custom",
    info,
    containerId,
    directory: folderOf(turn, framework, info.executor_id.value, containerId),
    user: userOf(turn, framework, info.command),
  });
  saveExecutor(turn, executor);
  return executor;
}

function saveExecutor(turn: Turn, executor: Executor): void {
  const { framework, id, info, containerId, directory, user, groups } = executor;
  turn.out.save(keys.executor(framework.id, id), { info, containerId, directory, user, groups });
}

function folderOf(turn: Turn, framework: Framework, executorId: string, containerId: string): string {
  const { config, agentId } = turn.state;
  return runFolder(executorFolder(config.workDir, agentId!, framework.id, executorId), containerId);
}

function userOf(turn: Turn, framework: Framework, command: CommandInfo | undefined): string | undefined {
  return turn.state.config.switchUser ? (command?.user ?? framework.info.user) : undefined;
}

function withFramework(info: ExecutorInfo, frameworkId: string): ExecutorInfo {
  return info.framework_id === undefined ? { ...info, framework_id: { value: frameworkId } } : info;
}
