import type { ExecutorInfo, FrameworkInfo, TaskInfo, TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { commandExecutorName } from "../executor/command.ts";
import { discard } from "./gc.ts";
import { executorResources, limitsOf } from "./limits.ts";
import { followTask } from "./probing.ts";
import { keys, type SavedCompletedExecutor } from "./saved.ts";
import type { AgentTask, CompletedExecutor, Executor, Framework, Turn } from "./state.ts";
import { statusOf } from "./status.ts";
import { touch, update } from "./updates.ts";
import { toTask } from "./views/task.ts";

/** The framework, known from now on with this info; one that had left takes its history back. */
export function frameworkOf(turn: Turn, info: FrameworkInfo): Framework {
  const id = info.id!.value;
  const known = turn.state.frameworks.get(id);
  if (known !== undefined) {
    updateFramework(turn, info);
    return known;
  }
  const completed = turn.state.completedFrameworks.get(id)?.executors ?? [];
  turn.state.completedFrameworks.delete(id);
  const framework: Framework = { id, info, removed: false, executors: new Map(), tasks: new Map(), completed };
  turn.state.frameworks.set(id, framework);
  turn.out.save(keys.framework(id), { info });
  return framework;
}

/** UPDATE_FRAMEWORK, or a launch that brings a newer info. */
export function updateFramework(turn: Turn, info: FrameworkInfo): void {
  const framework = turn.state.frameworks.get(info.id!.value);
  if (framework === undefined || JSON.stringify(framework.info) === JSON.stringify(info)) return;
  framework.info = info;
  turn.out.save(keys.framework(framework.id), { info });
  for (const task of framework.tasks.values()) followTask(turn, task);
}

export function addExecutor(
  turn: Turn,
  parts: Pick<Executor, "id" | "framework" | "kind" | "info" | "containerId" | "directory" | "user">,
): Executor {
  const executor: Executor = {
    ...parts,
    state: parts.kind === "custom" ? "registering" : "running",
    pid: undefined,
    addresses: undefined,
    stream: undefined,
    tasks: new Map(),
    completedTasks: [],
    queue: [],
    fetching: false,
    recovered: false,
    termination: undefined,
    groups: 0,
  };
  parts.framework.executors.set(executor.id, executor);
  turn.state.executors.set(executor.containerId, executor);
  return executor;
}

export function addTask(executor: Executor, info: TaskInfo): AgentTask {
  const task: AgentTask = {
    info,
    executor,
    state: "TASK_STAGING",
    statuses: [],
    forwarded: undefined,
    delivered: false,
    run: undefined,
    unheardKill: undefined,
  };
  executor.tasks.set(info.task_id.value, task);
  executor.framework.tasks.set(info.task_id.value, task);
  return task;
}

/** A command executor has no info of its own: Mesos shows this one. Its overhead is shown and never charged. */
export function commandExecutorInfo(task: TaskInfo, frameworkId: string): ExecutorInfo {
  const role = task.resources?.[0]?.allocation_info;
  const scalar = (name: string, value: number) => ({
    name,
    type: "SCALAR" as const,
    scalar: { value },
    ...(role === undefined ? {} : { allocation_info: role }),
  });
  const info: ExecutorInfo = {
    executor_id: { value: task.task_id.value },
    framework_id: { value: frameworkId },
    command: { shell: false, value: "mesos-executor", arguments: ["mesos-executor"] },
    resources: [scalar("cpus", 0.1), scalar("mem", 32)],
    name: commandExecutorName(task),
    source: task.task_id.value,
  };
  if (task.labels !== undefined) info.labels = task.labels;
  if (task.discovery !== undefined) info.discovery = task.discovery;
  return info;
}

/**
 * The executor is over: tasks of it that have not ended end now, for the reason that the agent had to end it or else because
 * it terminated. `waitStatus` goes to the framework, but not for command executors, which nobody asked for.
 */
export function executorTerminated(turn: Turn, executor: Executor, waitStatus: number): void {
  if (executor.state === "terminated") return;
  executor.state = "terminated";
  const { framework } = executor;
  for (const task of executor.tasks.values()) if (!isTerminal(task.state)) endTask(turn, task);
  if (executor.kind !== "command" && !framework.removed) tellExit(turn, executor, waitStatus);
  if (executor.stream !== undefined) turn.out.push({ type: "close", stream: executor.stream });
  completeWhenIdle(turn, executor);
}

// A master that is being introduced to this executor right now hears of its end as soon as it has accepted the agent.
function tellExit({ state, out }: Turn, { framework, id }: Executor, status: number): void {
  const executor_exited = { framework_id: { value: framework.id }, executor_id: { value: id }, status };
  const { link } = state;
  if (link.status === "subscribed") out.tell(link.id, { type: "EXECUTOR_EXITED", executor_exited });
  else if (link.status === "connecting") link.exits.push(executor_exited);
}

/** The task's terminal status is acknowledged (or needs none): only history remains of it. */
export function taskForgotten(turn: Turn, task: AgentTask): void {
  const { executor } = task;
  const id = task.info.task_id.value;
  if (!executor.tasks.delete(id)) return;
  executor.framework.tasks.delete(id);
  touch(turn, task);
  executor.completedTasks.push(task);
  if (executor.completedTasks.length > turn.state.config.limits.completedTasks) executor.completedTasks.shift();
  completeWhenIdle(turn, executor);
}

/** Limits follow the tasks that are left. */
export function limitExecutor(turn: Turn, executor: Executor): void {
  if (executor.kind === "command" || executor.state === "terminated") return;
  turn.out.push({
    type: "limit",
    id: executor.containerId,
    limits: limitsOf(executorResources(executor), undefined, turn.state.config),
  });
}

/** A framework without executors is history. */
export function completeFramework(turn: Turn, framework: Framework): void {
  const { state, out } = turn;
  if (framework.executors.size > 0 || !state.frameworks.delete(framework.id)) return;
  if (framework.completed.length === 0) return out.erase(keys.framework(framework.id));
  state.completedFrameworks.set(framework.id, { info: framework.info, executors: framework.completed });
  if (state.completedFrameworks.size <= state.config.limits.completedFrameworks) return;
  const [oldestId, oldest] = state.completedFrameworks.entries().next().value!;
  state.completedFrameworks.delete(oldestId);
  out.erase(keys.framework(oldestId));
  for (const executor of oldest.executors) out.erase(executor.key);
}

function endTask(turn: Turn, task: AgentTask): void {
  const { termination } = task.executor;
  const state: TaskState = termination?.state ?? "TASK_FAILED";
  const draft = {
    state,
    message: termination?.message ?? "Executor terminated",
    reason: termination?.reason ?? ("REASON_EXECUTOR_TERMINATED" as const),
    source: "SOURCE_AGENT" as const,
  };
  update(
    turn,
    task,
    statusOf(
      turn,
      task,
      termination?.limitation === undefined ? draft : { ...draft, limitation: termination.limitation },
    ),
  );
}

function completeWhenIdle(turn: Turn, executor: Executor): void {
  if (executor.state !== "terminated" || executor.tasks.size > 0) return;
  const { state, out } = turn;
  const { framework } = executor;
  if (!state.executors.delete(executor.containerId)) return;
  framework.executors.delete(executor.id);
  if (executor.kind !== "command") out.erase(keys.executor(framework.id, executor.id));
  discard(turn, executor.containerId, executor.directory);
  const completed = completedOf(turn, executor);
  framework.completed.push(completed);
  const { key: _, ...saved } = completed;
  out.save(completed.key, saved);
  if (framework.completed.length > state.config.maxCompletedExecutors) out.erase(framework.completed.shift()!.key);
  completeFramework(turn, framework);
}

function completedOf(turn: Turn, executor: Executor): CompletedExecutor {
  const { info, kind, containerId, directory, framework, completedTasks } = executor;
  const tasks = completedTasks.map((task) => toTask(turn.state, task));
  const saved: SavedCompletedExecutor = { info, kind, containerId, directory, tasks };
  return { key: keys.completed(framework.id, turn.state.completedSequence++), ...saved };
}
