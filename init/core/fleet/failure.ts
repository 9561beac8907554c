import type { TaskFailure } from "@meseta/api/marathon/task.ts";
import type { TaskState, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { formatTimestamp } from "../definition/version.ts";
import type { Instance } from "../instance/instance.ts";
import type { InitOut } from "../out.ts";
import type { Service } from "../state.ts";

/** Keeps how a task ended, when it ended otherwise than by itself or as asked, or because its checks failed. Source: Marathon's lastTaskFailure. */
export function noteFailure(
  service: Service,
  instance: Instance,
  status: TaskStatus,
  nowMs: number,
  out: InitOut,
): void {
  const known = instance.tasks[status.task_id.value]?.status;
  if (known?.state === status.state) return;
  // Its executor ended it because its own check failed too often.
  if (status.state === "TASK_KILLED" && status.healthy === false) {
    const reason = known?.healthy === false ? known.message : undefined;
    return keep(service, { ...failureOf(instance, status, nowMs), message: unhealthyText(reason) }, out);
  }
  if (FAILURES.has(status.state)) keep(service, failureOf(instance, status, nowMs), out);
}

/** Keeps that a task is to end because its checks failed too often. `reason`: what the last one saw. Source: Marathon, which calls it killed from then on. */
export function noteUnhealthy(
  service: Service,
  instance: Instance,
  taskId: string,
  reason: string | undefined,
  nowMs: number,
  out: InitOut,
): void {
  const status = { task_id: { value: taskId }, state: "TASK_KILLED", message: unhealthyText(reason) } as const;
  keep(service, failureOf(instance, status, nowMs), out);
}

function unhealthyText(reason: string | undefined): string {
  return `Task was killed since health check failed.${reason === undefined ? "" : ` Reason: ${reason}`}`;
}

function keep(service: Service, failure: TaskFailure, out: InitOut): void {
  service.lastFailure = failure;
  out.save(failureKey(service.id), failure);
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
