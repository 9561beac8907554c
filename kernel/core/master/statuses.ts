import type { Task, TaskState, TaskStatus, TaskStatusReason } from "@meseta/api/mesos/generated/mesos.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import type { Framework } from "./state.ts";
import { hasCapability } from "./validate/framework.ts";

/** Neither over nor on an agent that is unreachable. */
export function holdsResources(state: TaskState): boolean {
  return state !== "TASK_UNREACHABLE" && !isTerminal(state);
}

/** The state, or what a framework without PARTITION_AWARE is told instead. */
export function stateFor(framework: Framework, state: TaskState): TaskState {
  return PARTITION_STATES.has(state) && !hasCapability(framework.info, "PARTITION_AWARE") ? "TASK_LOST" : state;
}

const PARTITION_STATES: ReadonlySet<TaskState> = new Set([
  "TASK_DROPPED",
  "TASK_UNREACHABLE",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
  "TASK_UNKNOWN",
]);

export interface StatusParts {
  readonly taskId: string;
  readonly agentId?: string | undefined;
  readonly executorId?: string | undefined;
  readonly state: TaskState;
  readonly message: string;
  readonly reason: TaskStatusReason;
  readonly unreachableMs?: number | undefined;
}

/** A status that the master itself makes: it has no uuid, so it is neither acknowledged nor sent again. */
export function masterStatus(parts: StatusParts, nowMs: number): TaskStatus {
  const status: TaskStatus = {
    task_id: { value: parts.taskId },
    state: parts.state,
    message: parts.message,
    source: "SOURCE_MASTER",
    reason: parts.reason,
    timestamp: nowMs / 1000,
  };
  if (parts.agentId !== undefined) status.agent_id = { value: parts.agentId };
  if (parts.executorId !== undefined) status.executor_id = { value: parts.executorId };
  if (parts.unreachableMs !== undefined) status.unreachable_time = { nanoseconds: parts.unreachableMs * 1e6 };
  return status;
}

/** The same about a task that the master holds; what its container last told (health, check, addresses) comes along. */
export function statusOfTask(
  task: Task,
  parts: Pick<StatusParts, "state" | "message" | "reason" | "unreachableMs">,
  nowMs: number,
): TaskStatus {
  const [taskId, agentId, executorId] = [task.task_id.value, task.agent_id.value, task.executor_id?.value];
  const status = masterStatus({ ...parts, taskId, agentId, executorId }, nowMs);
  const last = task.statuses?.at(-1);
  if (last === undefined || parts.state !== (task.status_update_state ?? task.state)) return status;
  if (last.healthy !== undefined) status.healthy = last.healthy;
  if (last.check_status !== undefined) status.check_status = last.check_status;
  if (last.container_status !== undefined) status.container_status = last.container_status;
  return status;
}
