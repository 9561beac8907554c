import type {
  FrameworkInfo,
  FrameworkInfoCapabilityType,
  TaskState,
  TaskStatus,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { StatusDraft } from "../executor/host.ts";
import { containerStatus } from "./container-status.ts";
import type { AgentTask, Framework, Turn } from "./state.ts";

export function hasCapability(info: FrameworkInfo, type: FrameworkInfoCapabilityType): boolean {
  return (info.capabilities ?? []).some((capability) => capability.type === type);
}

/** The state, or TASK_LOST for a framework that does not know the finer ones. */
export function stateFor(info: FrameworkInfo, state: TaskState): TaskState {
  const finer = state === "TASK_DROPPED" || state === "TASK_GONE" || state === "TASK_GONE_BY_OPERATOR";
  return finer && !hasCapability(info, "PARTITION_AWARE") ? "TASK_LOST" : state;
}

/** A whole status of a task: the draft with ids, time, a new uuid, and its container when its executor speaks. */
export function statusOf(turn: Turn, task: AgentTask, draft: StatusDraft): TaskStatus {
  const status = bareStatus(turn, task.executor.framework, task.info.task_id.value, draft);
  status.executor_id = { value: task.executor.id };
  if (status.source === "SOURCE_EXECUTOR")
    status.container_status = containerStatus(turn.state.config, task, draft.state);
  return status;
}

/** The same of a task that never got an executor here. */
export function bareStatus(turn: Turn, framework: Framework, taskId: string, draft: StatusDraft): TaskStatus {
  const status: TaskStatus = {
    task_id: { value: taskId },
    state: stateFor(framework.info, draft.state),
    source: draft.source ?? "SOURCE_EXECUTOR",
    agent_id: { value: turn.state.agentId! },
    timestamp: turn.nowMs / 1000,
    uuid: turn.state.random.uuidBytes(),
  };
  if (draft.message !== undefined) status.message = draft.message;
  if (draft.reason !== undefined) status.reason = draft.reason;
  if (draft.healthy !== undefined) status.healthy = draft.healthy;
  if (draft.check_status !== undefined) status.check_status = draft.check_status;
  if (draft.limitation !== undefined) status.limitation = draft.limitation;
  return status;
}
