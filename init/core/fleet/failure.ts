import type { TaskFailure } from "@meseta/api/marathon/task.ts";
import type { TaskState, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { formatTimestamp } from "../definition/version.ts";
import type { Instance } from "../instance/instance.ts";
import type { InitOut } from "../out.ts";
import type { Service } from "../state.ts";

/** Keeps how a task ended, when it ended otherwise than by itself or as asked. Source: Marathon's lastTaskFailure. */
export function noteFailure(
  service: Service,
  instance: Instance,
  status: TaskStatus,
  nowMs: number,
  out: InitOut,
): void {
  if (!FAILURES.has(status.state) || instance.tasks[status.task_id.value]?.status?.state === status.state) return;
  service.lastFailure = failureOf(instance, status, nowMs);
  out.save(failureKey(service.id), service.lastFailure);
}

/** The record's key in the store. */
export function failureKey(specId: string): string {
  return `failure/${specId}`;
}

/** The failure that a status tells of. */
export function failureOf(instance: Instance, status: TaskStatus, nowMs: number): TaskFailure {
  const slaveId = status.agent_id?.value ?? instance.host?.agent_id.value;
  return {
    appId: instance.spec,
    host: instance.host?.hostname ?? "",
    message: status.message ?? "",
    state: status.state,
    taskId: status.task_id.value,
    timestamp: formatTimestamp(status.timestamp === undefined ? nowMs : status.timestamp * 1000),
    version: instance.version,
    ...(slaveId !== undefined && { slaveId }),
  };
}

const FAILURES: ReadonlySet<TaskState> = new Set<TaskState>([
  "TASK_ERROR",
  "TASK_FAILED",
  "TASK_LOST",
  "TASK_DROPPED",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
  "TASK_UNKNOWN",
  "TASK_UNREACHABLE",
]);
