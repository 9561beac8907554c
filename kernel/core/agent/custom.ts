import type { KillPolicy } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal } from "@meseta/api/mesos/refusal.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { formatDurationMs } from "@meseta/lib/core/duration.ts";
import { executorEnvironment, shutdownGraceMs } from "./environment.ts";
import { executorTerminated, limitExecutor } from "./executors.ts";
import type { Outfit } from "./isolate.ts";
import { limitationOf } from "./limitation.ts";
import { executorResources, limitsOf } from "./limits.ts";
import { executorOutfit, givenHere, grantedTo } from "./outfits.ts";
import type { ContainerEvent, ContainerExit, ContainerSpec } from "./ports.ts";
import { executorSandbox } from "./sandbox.ts";
import type { AgentTask, Executor, Turn } from "./state.ts";
import { statusOf } from "./status.ts";
import { touch, update } from "./updates.ts";

// Executors that someone else wrote: processes of their own, which subscribe to the Executor API.

/** How often a custom executor hears a HEARTBEAT. */
export const EXECUTOR_HEARTBEAT_MS = 30 * 60_000;

/** Starts the executor's process, with its first tasks in its queue. */
export function launchExecutor(turn: Turn, executor: Executor): void {
  const { out, state } = turn;
  const uris = executor.info.command?.uris ?? [];
  const outfit = givenHere(state.config, executorOutfit(state, executor), grantedTo(executor));
  if (isRefusal(outfit)) return executorNotLaunched(turn, executor, outfit.message);
  const sandbox = executorSandbox(state, executor, outfit);
  // An image may take its time: the executor's begins when it runs.
  if (outfit.isolation === undefined) awaitRegistration(turn, executor);
  if (uris.length === 0) return out.push({ type: "launch", sandbox, container: executorSpec(turn, executor, outfit) });
  executor.fetching = true;
  out.push({ type: "fetch", id: executor.containerId, sandbox, uris });
}

/** The agent's core was built anew while the executor is being started: it runs, or has failed, in a moment. */
export function executorAwaited(turn: Turn, executor: Executor): void {
  const outfit = executorOutfit(turn.state, executor);
  if (isRefusal(outfit) || outfit.isolation === undefined) awaitRegistration(turn, executor);
}

export function executorStarted(turn: Turn, executor: Executor, event: ContainerEvent & { type: "started" }): void {
  executor.pid = event.pid;
  executor.addresses = event.addresses;
  const outfit = executorOutfit(turn.state, executor);
  if (executor.state === "registering" && !isRefusal(outfit) && outfit.isolation !== undefined)
    awaitRegistration(turn, executor);
}

export function executorFetched(turn: Turn, executor: Executor, error: string | undefined): void {
  if (!executor.fetching) return;
  executor.fetching = false;
  if (executor.state === "terminating") return executorTerminated(turn, executor, 0);
  if (error !== undefined) return executorNotLaunched(turn, executor, error);
  const outfit = executorOutfit(turn.state, executor);
  if (isRefusal(outfit)) return executorNotLaunched(turn, executor, outfit.message);
  turn.out.push({ type: "launch", sandbox: undefined, container: executorSpec(turn, executor, outfit) });
}

export function executorNotLaunched(turn: Turn, executor: Executor, message: string): void {
  executor.termination ??= {
    state: "TASK_FAILED",
    reason: "REASON_CONTAINER_LAUNCH_FAILED",
    message: `Failed to launch container: ${message}`,
  };
  turn.out.push({ type: "forget", id: executor.containerId });
  executorTerminated(turn, executor, 0);
}

export function executorExited(turn: Turn, executor: Executor, exit: ContainerExit): void {
  const { limitation, lostBecause, waitStatus } = exit;
  if (limitation !== undefined)
    executor.termination ??= {
      state: "TASK_FAILED",
      reason: limitation.reason,
      message: limitation.message,
      limitation: limitationOf(limitation),
    };
  if (lostBecause === "machine restarted")
    executor.termination = {
      state: "TASK_GONE",
      reason: "REASON_EXECUTOR_TERMINATED",
      message: "exit status lost: machine restarted",
    };
  turn.out.push({ type: "forget", id: executor.containerId });
  executorTerminated(turn, executor, waitStatus === "lost" ? 9 : waitStatus);
}

/** Gives the executor all that waits for it, in order; each task or group once, also when the agent dies in between. */
export function deliver(turn: Turn, executor: Executor): void {
  if (executor.stream === undefined) return;
  for (const { taskIds, group } of executor.queue) {
    const tasks = taskIds
      .map((id) => executor.tasks.get(id))
      .filter((task) => task !== undefined && !isTerminal(task.state)) as AgentTask[];
    for (const task of tasks) {
      task.delivered = true;
      touch(turn, task);
    }
    const infos = tasks.map((task) => task.info);
    if (group && infos.length > 0)
      turn.out.sendExecutor(executor.stream, { type: "LAUNCH_GROUP", launch_group: { task_group: { tasks: infos } } });
    else for (const task of infos) turn.out.sendExecutor(executor.stream, { type: "LAUNCH", launch: { task } });
  }
  executor.queue = [];
  limitExecutor(turn, executor);
}

/** KILL of a custom executor's task: taken out of the queue, or handed to the executor. */
export function killCustom(turn: Turn, task: AgentTask, policy: KillPolicy | undefined): void {
  const { executor } = task;
  const id = task.info.task_id.value;
  if (task.delivered) return sendKill(turn, task, policy);
  const batch = executor.queue.find(({ taskIds }) => taskIds.includes(id));
  executor.queue = executor.queue.filter((other) => other !== batch);
  for (const other of batch?.taskIds ?? [id]) killQueued(turn, executor.tasks.get(other));
  if (!hasLiveTasks(executor)) shutdownCustom(turn, executor);
}

/** The executor has a stream again: it hears of the kills that it missed. */
export function sendUnheardKills(turn: Turn, executor: Executor): void {
  for (const task of executor.tasks.values())
    if (task.unheardKill !== undefined && !isTerminal(task.state)) sendKill(turn, task, task.unheardKill.policy);
}

function sendKill(turn: Turn, task: AgentTask, policy: KillPolicy | undefined): void {
  const { stream } = task.executor;
  task.unheardKill = stream === undefined ? { policy } : undefined;
  if (stream === undefined) return;
  const { task_id } = task.info;
  turn.out.sendExecutor(stream, {
    type: "KILL",
    kill: policy === undefined ? { task_id } : { task_id, kill_policy: policy },
  });
}

/** SHUTDOWN, then, after the grace, the end of its container. */
export function shutdownCustom(turn: Turn, executor: Executor): void {
  const { state, nowMs, out } = turn;
  if (executor.state === "terminating" || executor.state === "terminated") return;
  executor.state = "terminating";
  executor.queue = [];
  if (executor.fetching) return out.push({ type: "stop-fetch", id: executor.containerId });
  if (executor.stream === undefined) return out.push({ type: "destroy", id: executor.containerId });
  out.sendExecutor(executor.stream, { type: "SHUTDOWN" });
  out.wake(nowMs + shutdownGraceMs(state.config, executor), {
    for: "executor-shutdown",
    containerId: executor.containerId,
  });
}

/** The executor did not subscribe in time: it is ended, and its tasks say so. */
export function registrationTimedOut(turn: Turn, executor: Executor): void {
  if (executor.state !== "registering" || executor.recovered) return;
  const after = formatDurationMs(turn.state.config.executorRegistrationTimeoutMs);
  executor.termination ??= {
    state: "TASK_FAILED",
    reason: "REASON_EXECUTOR_REGISTRATION_TIMEOUT",
    message: `Executor did not register within ${after}`,
  };
  endExecutor(turn, executor);
}

export function reregistrationTimedOut(turn: Turn, executor: Executor): void {
  if (executor.state !== "registering" || !executor.recovered) return;
  const after = formatDurationMs(turn.state.config.executorReregistrationTimeoutMs);
  executor.termination ??= {
    state: "TASK_GONE",
    reason: "REASON_EXECUTOR_REREGISTRATION_TIMEOUT",
    message: `Executor did not re-register within ${after}`,
  };
  endExecutor(turn, executor);
}

function hasLiveTasks(executor: Executor): boolean {
  return [...executor.tasks.values()].some((task) => !isTerminal(task.state));
}

function endExecutor(turn: Turn, executor: Executor): void {
  executor.state = "terminating";
  turn.out.push({ type: executor.fetching ? "stop-fetch" : "destroy", id: executor.containerId });
}

function killQueued(turn: Turn, task: AgentTask | undefined): void {
  if (task === undefined) return;
  update(
    turn,
    task,
    statusOf(turn, task, {
      state: "TASK_KILLED",
      message: "Killed before delivery to the executor",
      reason: "REASON_TASK_KILLED_DURING_LAUNCH",
      source: "SOURCE_AGENT",
    }),
  );
}

function awaitRegistration({ state, out, nowMs }: Turn, { containerId }: Executor): void {
  out.wake(nowMs + state.config.executorRegistrationTimeoutMs, { for: "executor-registration", containerId });
}

function executorSpec({ state }: Turn, executor: Executor, outfit: Outfit): ContainerSpec {
  const { config } = state;
  return {
    ...outfit.spec,
    id: executor.containerId,
    owner: executor.framework.id,
    environment: executorEnvironment(state, executor, outfit, executor.info.command),
    stdout: `${executor.directory}/stdout`,
    stderr: `${executor.directory}/stderr`,
    limits: limitsOf(executorResources(executor), undefined, config),
    ...(config.rotation === undefined ? {} : { rotation: config.rotation }),
  };
}
