import type { TaskState, TaskStatus, TaskStatusReason } from "@meseta/api/mesos/generated/mesos.ts";

/** What an instance does now. The words are those of Marathon's instance_changed_event. */
export type Condition =
  | "Scheduled"
  | "Provisioned"
  | "Staging"
  | "Starting"
  | "Running"
  | "Killing"
  | "Finished"
  | "Failed"
  | "Killed"
  | "Error"
  | "Unreachable"
  | "UnreachableInactive"
  | "Gone"
  | "Dropped"
  | "Unknown";

/** The condition that a task's status tells of. TASK_LOST is what masters say to frameworks that know no partitions: its reason tells which loss it was. */
export function conditionOf(status: Pick<TaskStatus, "state" | "reason">): Condition {
  return status.state === "TASK_LOST" ? conditionOfLost(status.reason) : CONDITION_OF[status.state];
}

/** The condition of a pod: that of its containers which stands first in the order of gravity. Without containers it is Scheduled. */
export function conditionOfPod(containers: readonly Condition[]): Condition {
  return GRAVITY.find((condition) => containers.includes(condition)) ?? "Scheduled";
}

/** Whether the task is over for good. */
export function isTerminal(condition: Condition): boolean {
  return TERMINAL.has(condition);
}

/** Whether it holds resources somewhere, as far as anybody knows. */
export function isActive(condition: Condition): boolean {
  return ACTIVE.has(condition);
}

/** Whether its launch still stands in the queue, or was sent and nothing heard of it. */
export function isQueued(condition: Condition): boolean {
  return condition === "Scheduled" || condition === "Provisioned";
}

/** Whether a change to this condition makes the next launch wait longer. Never Killed: somebody asked for that. */
export function isFailure(condition: Condition): boolean {
  return FAILURES.has(condition);
}

/** Whether nobody can reach it. */
export function isUnreachable(condition: Condition): boolean {
  return condition === "Unreachable" || condition === "UnreachableInactive";
}

function conditionOfLost(reason: TaskStatusReason | undefined): Condition {
  if (reason === "REASON_TASK_UNKNOWN") return "Unknown";
  return reason !== undefined && MAY_RETURN.has(reason) ? "Unreachable" : "Gone";
}

const CONDITION_OF: Readonly<Record<Exclude<TaskState, "TASK_LOST">, Condition>> = {
  TASK_STAGING: "Staging",
  TASK_STARTING: "Starting",
  TASK_RUNNING: "Running",
  TASK_KILLING: "Killing",
  TASK_FINISHED: "Finished",
  TASK_FAILED: "Failed",
  TASK_KILLED: "Killed",
  TASK_ERROR: "Error",
  TASK_DROPPED: "Dropped",
  TASK_UNREACHABLE: "Unreachable",
  TASK_GONE: "Gone",
  TASK_GONE_BY_OPERATOR: "Gone",
  TASK_UNKNOWN: "Unknown",
};

const MAY_RETURN: ReadonlySet<TaskStatusReason> = new Set<TaskStatusReason>([
  "REASON_RECONCILIATION",
  "REASON_AGENT_DISCONNECTED",
  "REASON_AGENT_REMOVED",
]);

const GRAVITY: readonly Condition[] = [
  "Error",
  "Failed",
  "Gone",
  "Dropped",
  "Unreachable",
  "Killing",
  "Starting",
  "Staging",
  "Unknown",
  "Provisioned",
  "Running",
  "Finished",
  "Killed",
];

// Unknown is terminal: the master has been asked, and knows nothing of it.
const TERMINAL: ReadonlySet<Condition> = new Set<Condition>([
  "Finished",
  "Failed",
  "Killed",
  "Error",
  "Gone",
  "Dropped",
  "Unknown",
]);

const ACTIVE: ReadonlySet<Condition> = new Set<Condition>([
  "Provisioned",
  "Staging",
  "Starting",
  "Running",
  "Killing",
  "Unreachable",
]);

const FAILURES: ReadonlySet<Condition> = new Set<Condition>(["Dropped", "Error", "Failed", "Gone", "Finished"]);
