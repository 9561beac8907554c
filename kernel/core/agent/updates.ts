import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { count } from "./counters.ts";
import { taskForgotten } from "./executors.ts";
import { followTask } from "./probing.ts";
import { keys, type SavedProgress } from "./saved.ts";
import type { AgentState, AgentTask, Framework, Turn, UpdateStream } from "./state.ts";
import { hasCapability } from "./status.ts";

/**
 * A task has a new status: it becomes part of the task, is stored, and goes to the master when those before it are
 * acknowledged. Nothing follows a terminal status. Answers whether the status was taken.
 */
export function update(turn: Turn, task: AgentTask, status: TaskStatus): boolean {
  if (isTerminal(task.state)) return false;
  drainWords(turn.state, task, status);
  endWords(turn.state, status);
  task.state = status.state;
  putStatus(task, status);
  touch(turn, task);
  followTask(turn, task);
  if (isTerminal(status.state)) {
    count(turn.state, `slave/${status.state.toLowerCase().replace("task_", "tasks_")}`);
    const { state, message } = status;
    logTask(turn, "info", "a task has ended", task.executor.framework.id, task.info.task_id.value, { state, message });
  }
  if (task.executor.framework.removed) {
    if (isTerminal(status.state)) taskForgotten(turn, task);
  } else enqueue(turn, task.executor.framework.id, task.info.task_id.value, status);
  return true;
}

/** What happens to a task here, for the person who reads the log at night. */
export function logTask(
  { out }: Turn,
  level: "info" | "warn",
  message: string,
  framework: string,
  task: string,
  fields: Readonly<Record<string, unknown>> = {},
): void {
  out.log(level, message, { task, framework, ...fields });
}

/** A status of a task that the agent does not hold: a refused launch, or what a custom executor says of its own. */
export function updateUnknown(turn: Turn, framework: Framework, status: TaskStatus): void {
  if (framework.removed) return;
  enqueue(turn, framework.id, status.task_id.value, status);
  turn.touched.add(`${framework.id}/${status.task_id.value}`);
}

/** The scheduler has the update: the next one may go. After the terminal one the task is forgotten. */
export function acknowledge(turn: Turn, frameworkId: string, taskId: string, uuid: string): void {
  const key = `${frameworkId}/${taskId}`;
  const stream = turn.state.updates.get(key);
  if (stream === undefined || stream.pending[0]?.uuid !== uuid) return;
  const acknowledged = stream.pending.shift()!;
  turn.touched.add(key);
  if (stream.pending.length === 0) turn.state.updates.delete(key);
  else {
    stream.backoffMs = turn.state.config.limits.updateRetryMs;
    send(turn, stream);
  }
  const task = turn.state.frameworks.get(frameworkId)?.tasks.get(taskId);
  if (task !== undefined && isTerminal(acknowledged.state)) taskForgotten(turn, task);
}

/** A master has just accepted the agent: all that is not acknowledged goes to it at once. */
export function sendAll(turn: Turn): void {
  for (const stream of turn.state.updates.values()) sendAnew(turn, stream);
}

/** The framework may have a new scheduler: what is not acknowledged may have been told to one who is gone. */
export function sendAgain(turn: Turn, frameworkId: string): void {
  for (const stream of turn.state.updates.values()) if (stream.frameworkId === frameworkId) sendAnew(turn, stream);
}

function sendAnew(turn: Turn, stream: UpdateStream): void {
  stream.backoffMs = turn.state.config.limits.updateRetryMs;
  send(turn, stream);
}

/** Sends again what has waited too long, each time after twice the wait. There is one wake at a time: those that an earlier one replaced mean nothing. */
export function retryUpdates(turn: Turn, atMs: number): void {
  const { state, nowMs } = turn;
  if (atMs !== state.updateRetryAtMs) return;
  state.updateRetryAtMs = undefined;
  if (state.link.status !== "subscribed") return;
  // Nothing that is sent below wakes for itself: the earliest of all is known at the end.
  state.updateRetryAtMs = Number.NEGATIVE_INFINITY;
  let nextMs = Number.POSITIVE_INFINITY;
  for (const stream of state.updates.values()) {
    if (stream.dueMs <= nowMs) {
      stream.backoffMs = Math.min(stream.backoffMs * 2, state.config.updateRetryMaxMs);
      send(turn, stream);
    }
    nextMs = Math.min(nextMs, stream.dueMs);
  }
  state.updateRetryAtMs = undefined;
  if (state.updates.size > 0) wakeForRetry(turn, nextMs);
}

/** No update of the framework will be sent any more. */
export function dropUpdates(turn: Turn, framework: Framework): void {
  for (const [key, stream] of turn.state.updates) {
    if (stream.frameworkId !== framework.id) continue;
    turn.state.updates.delete(key);
    turn.touched.add(key);
  }
}

export function touch(turn: Turn, task: AgentTask): void {
  turn.touched.add(`${task.executor.framework.id}/${task.info.task_id.value}`);
}

/** Writes what became of the tasks that this event touched; those that are forgotten leave the store. */
export function saveTouched(turn: Turn): void {
  if (turn.touched.size === 0) return;
  for (const key of turn.touched) saveProgress(turn, key);
  turn.touched.clear();
}

/** Statuses as a Task carries them: one that has the state of the one before takes its place. */
export function putStatus(task: AgentTask, status: TaskStatus): void {
  const { data: _, ...shown } = status;
  if (task.statuses.at(-1)?.state === status.state) task.statuses.pop();
  task.statuses.push(shown);
}

function enqueue(turn: Turn, frameworkId: string, taskId: string, status: TaskStatus): void {
  const { updates, config } = turn.state;
  const key = `${frameworkId}/${taskId}`;
  let stream = updates.get(key);
  if (stream === undefined) {
    stream = { frameworkId, taskId, pending: [], backoffMs: config.limits.updateRetryMs, dueMs: 0 };
    updates.set(key, stream);
  }
  stream.pending.push(status);
  if (stream.pending.length === 1) send(turn, stream);
}

function send(turn: Turn, stream: UpdateStream): void {
  const { state, nowMs } = turn;
  const status = stream.pending[0]!;
  const task = state.frameworks.get(stream.frameworkId)?.tasks.get(stream.taskId);
  if (task !== undefined) task.forwarded = { state: status.state, uuid: status.uuid! };
  if (state.link.status !== "subscribed") return;
  stream.dueMs = nowMs + stream.backoffMs;
  turn.out.tell(state.link.id, {
    type: "UPDATE",
    update: {
      framework_id: { value: stream.frameworkId },
      status,
      latest_state: task?.state ?? stream.pending.at(-1)!.state,
    },
  });
  wakeForRetry(turn, stream.dueMs);
}

function wakeForRetry(turn: Turn, atMs: number): void {
  if (atMs >= (turn.state.updateRetryAtMs ?? Number.POSITIVE_INFINITY)) return;
  turn.state.updateRetryAtMs = atMs;
  turn.out.wake(atMs, { for: "update-retry", atMs });
}

// A drain gives its reason to the kills that it brings, and makes them final when the agent is not to come back.
function drainWords(state: AgentState, task: AgentTask, status: TaskStatus): void {
  if (state.drain === undefined || (status.state !== "TASK_KILLING" && status.state !== "TASK_KILLED")) return;
  status.reason = "REASON_AGENT_DRAINING";
  const final = state.drain.config.mark_gone === true && status.state === "TASK_KILLED";
  if (final && hasCapability(task.executor.framework.info, "PARTITION_AWARE")) status.state = "TASK_GONE_BY_OPERATOR";
}

// Whoever ends the tasks of a whole agent says so in the last word of each.
function endWords(state: AgentState, status: TaskStatus): void {
  if (state.phase !== "ending" || status.state !== "TASK_KILLED") return;
  status.message = status.message ? `${state.leaveReason}: ${status.message}` : state.leaveReason;
}

function saveProgress(turn: Turn, key: string): void {
  const at = key.indexOf("/");
  const [frameworkId, taskId] = [key.slice(0, at), key.slice(at + 1)];
  const task = turn.state.frameworks.get(frameworkId)?.tasks.get(taskId);
  const pending = turn.state.updates.get(key)?.pending ?? [];
  if (task === undefined) turn.out.erase(keys.task(frameworkId, taskId));
  if (task === undefined && pending.length === 0) return turn.out.erase(keys.progress(frameworkId, taskId));
  turn.out.save(keys.progress(frameworkId, taskId), progressOf(task, pending));
}

function progressOf(task: AgentTask | undefined, pending: TaskStatus[]): SavedProgress {
  if (task === undefined) return { state: "TASK_UNKNOWN", statuses: [], pending, delivered: false };
  const { state, statuses, forwarded, delivered, run } = task;
  // What is pending is not written twice.
  const told = statuses.filter(({ uuid }) => !pending.some((status) => status.uuid === uuid));
  const saved: SavedProgress = { state, statuses: told, pending, delivered };
  if (forwarded !== undefined) saved.forwarded = forwarded;
  if (run !== undefined) {
    const { containerId, group, startedMs, pid, kill, exit } = run;
    saved.run = { containerId, group, startedMs, pid, kill, exit };
    if (run.phase === "fetching") saved.run.fetching = true;
  }
  return saved;
}
