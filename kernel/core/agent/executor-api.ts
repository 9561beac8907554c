import type { Call, CallUpdate } from "@meseta/api/mesos/generated/executor.ts";
import type { TaskState, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { containerStatus } from "./container-status.ts";
import { count } from "./counters.ts";
import { deliver, EXECUTOR_HEARTBEAT_MS, sendUnheardKills, shutdownCustom } from "./custom.ts";
import type { RequestId, StreamId } from "./event.ts";
import { limitExecutor } from "./executors.ts";
import type { Answer } from "./out.ts";
import type { AgentTask, Executor, Turn, UpdateStream } from "./state.ts";
import { stateFor, statusOf } from "./status.ts";
import { update, updateUnknown } from "./updates.ts";
import { missingSubscribe } from "./validate/executor-call.ts";
import { agentInfo } from "./views/agent-info.ts";

/**
 * SUBSCRIBE of a custom executor: a newer stream takes the place of an older one; its unacknowledged updates are taken,
 * tasks that were on their way and never arrived are dropped, and all that waits is delivered.
 */
export function subscribeExecutor(turn: Turn, stream: StreamId, call: Call): void {
  const found = find(turn, call);
  if ("status" in found) return turn.out.push({ type: "refuse-stream", stream, answer: refusalOf(call, found) });
  const executor = found;
  turn.out.push({ type: "open", stream });
  if (executor.state === "terminating" || executor.state === "terminated") return sendAway(turn, stream);
  takeStream(turn, executor, stream);
  const recovered = executor.recovered;
  executor.state = "running";
  executor.recovered = false;
  for (const unacknowledged of call.subscribe?.unacknowledged_updates ?? []) takeUpdate(turn, executor, unacknowledged);
  dropUndelivered(turn, executor, call);
  if (isUnused(executor, recovered)) return shutdownCustom(turn, executor);
  turn.out.sendExecutor(stream, {
    type: "SUBSCRIBED",
    subscribed: {
      executor_info: executor.info,
      framework_info: executor.framework.info,
      agent_info: agentInfo(turn.state),
      container_id: { value: executor.containerId },
    },
  });
  limitExecutor(turn, executor);
  deliver(turn, executor);
  sendUnheardKills(turn, executor);
  turn.out.wake(turn.nowMs + EXECUTOR_HEARTBEAT_MS, { for: "executor-heartbeat", stream });
}

function refusalOf(call: Call, found: Answer): Answer {
  const missing = missingSubscribe(call);
  return missing === undefined ? found : { status: 400, text: missing.message };
}

/** UPDATE, MESSAGE and HEARTBEAT, valid as they are. 202 means taken, and for an update: stored. */
export function executorCall(turn: Turn, request: RequestId, call: Call): void {
  if (call.type === "HEARTBEAT") return turn.out.answer(request, { status: 202 });
  const found = find(turn, call);
  if ("status" in found) return turn.out.answer(request, found);
  if (found.stream === undefined) return turn.out.answer(request, { status: 403, text: "Executor is not subscribed" });
  if (call.type !== "UPDATE") sendMessage(turn, found, call.message!.data);
  else if (!takeUpdate(turn, found, call.update!)) return turn.out.answer(request, TOO_MANY_UPDATES);
  turn.out.answer(request, { status: 202 });
}

const TOO_MANY_UPDATES: Answer = { status: 429, text: "Too many updates wait for the scheduler to acknowledge them" };

/** FRAMEWORK_MESSAGE from the scheduler; nobody is told when it cannot be delivered. */
export function messageToExecutor(turn: Turn, frameworkId: string, executorId: string, data: string): void {
  const executor = turn.state.frameworks.get(frameworkId)?.executors.get(executorId);
  const sent = executor?.stream !== undefined && executor.state === "running";
  if (sent) turn.out.sendExecutor(executor.stream!, { type: "MESSAGE", message: { data } });
  count(turn.state, sent ? "slave/valid_framework_messages" : "slave/invalid_framework_messages");
}

export function heartbeatExecutor(turn: Turn, stream: StreamId): void {
  if (!turn.state.streams.has(stream)) return;
  turn.out.sendExecutor(stream, { type: "HEARTBEAT" });
  turn.out.wake(turn.nowMs + EXECUTOR_HEARTBEAT_MS, { for: "executor-heartbeat", stream });
}

/** The stream is gone; the process may come back with a new one. */
export function executorStreamClosed(turn: Turn, stream: StreamId): void {
  const executor = turn.state.streams.get(stream);
  turn.state.streams.delete(stream);
  if (executor?.stream === stream) executor.stream = undefined;
}

function find(turn: Turn, call: Call): Executor | (Answer & { status: number }) {
  const framework = turn.state.frameworks.get(call.framework_id.value);
  if (framework === undefined) return { status: 400, text: "Framework cannot be found" };
  const executor = framework.executors.get(call.executor_id.value);
  if (executor === undefined || executor.kind !== "custom") return { status: 400, text: "Executor cannot be found" };
  return executor;
}

function sendAway(turn: Turn, stream: StreamId): void {
  turn.out.sendExecutor(stream, { type: "SHUTDOWN" });
  turn.out.push({ type: "close", stream });
}

// Nothing that it was started for has reached it, or ever will. Of one that was recovered nobody knows what it did before, unless it is only here for
// tasks that were dropped: then nobody else would end it.
function isUnused({ tasks, queue, completedTasks }: Executor, recovered: boolean): boolean {
  if (queue.length > 0 || completedTasks.length > 0) return false;
  return recovered ? tasks.size > 0 && [...tasks.values()].every(({ state }) => DROPPED.has(state)) : tasks.size === 0;
}

/** As it is told to frameworks that know of partitions, and to others. */
const DROPPED: ReadonlySet<TaskState> = new Set<TaskState>(["TASK_DROPPED", "TASK_LOST"]);

function takeStream(turn: Turn, executor: Executor, stream: StreamId): void {
  if (executor.stream !== undefined) {
    turn.state.streams.delete(executor.stream);
    turn.out.push({ type: "close", stream: executor.stream });
  }
  executor.stream = stream;
  turn.state.streams.set(stream, executor);
}

// What the agent gave it before the agent died, and the executor does not know: it was lost on the way and is not sent again.
function dropUndelivered(turn: Turn, executor: Executor, call: Call): void {
  const known = new Set((call.subscribe?.unacknowledged_tasks ?? []).map((task) => task.task_id.value));
  for (const [id, task] of executor.tasks) {
    if (!task.delivered || task.state !== "TASK_STAGING" || known.has(id)) continue;
    update(
      turn,
      task,
      statusOf(turn, task, {
        state: "TASK_DROPPED",
        message: "Task launched during agent restart",
        reason: "REASON_AGENT_RESTARTED",
        source: "SOURCE_AGENT",
      }),
    );
  }
}

/** False: too many wait already, and the executor must tell it again. */
function takeUpdate(turn: Turn, executor: Executor, call: CallUpdate): boolean {
  const { task_id, uuid } = call.status;
  count(turn.state, "slave/valid_status_updates");
  const task = executor.tasks.get(task_id.value);
  const held = turn.state.updates.get(`${executor.framework.id}/${task_id.value}`);
  const known =
    held?.pending.some((status) => status.uuid === uuid) || task?.statuses.some((status) => status.uuid === uuid);
  if (!known && isFull(turn, task, held, call.status)) {
    count(turn.state, "meseta/updates_refused");
    return false;
  }
  if (!known) applyUpdate(turn, executor, completeStatus(turn, executor, call.status));
  if (executor.stream !== undefined)
    turn.out.sendExecutor(executor.stream, { type: "ACKNOWLEDGED", acknowledged: { task_id, uuid: uuid! } });
  return true;
}

// The end of a task that was launched here is always taken: nothing follows it.
function isFull(
  { state }: Turn,
  task: AgentTask | undefined,
  held: UpdateStream | undefined,
  status: TaskStatus,
): boolean {
  if (task !== undefined && isTerminal(status.state)) return false;
  if (held !== undefined) return held.pending.length >= state.config.limits.pendingUpdates;
  return task === undefined && state.updates.size >= state.config.limits.updatedTasks;
}

function applyUpdate(turn: Turn, executor: Executor, status: TaskStatus): void {
  const task = executor.tasks.get(status.task_id.value);
  if (task === undefined) return updateUnknown(turn, executor.framework, status);
  status.executor_id = { value: executor.id };
  status.container_status = { ...containerStatus(turn.state.config, task, status.state), ...status.container_status };
  update(turn, task, status);
  if (isTerminal(status.state)) limitExecutor(turn, executor);
}

function completeStatus(turn: Turn, executor: Executor, status: TaskStatus): TaskStatus {
  return {
    ...status,
    state: stateFor(executor.framework.info, status.state),
    agent_id: { value: turn.state.agentId! },
    timestamp: status.timestamp ?? turn.nowMs / 1000,
  };
}

function sendMessage(turn: Turn, executor: Executor, data: string): void {
  const { link } = turn.state;
  if (link.status !== "subscribed") return;
  turn.out.tell(link.id, {
    type: "FRAMEWORK_MESSAGE",
    framework_message: {
      framework_id: { value: executor.framework.id },
      executor_id: { value: executor.id },
      data,
    },
  });
}
