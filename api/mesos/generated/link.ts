// Written by tools/generate.ts from api/mesos/wire.tsv. Change the table, then run `npm run generate`.
// Package meseta.link.
import type * as mesos from "./mesos.ts";
import type * as probe from "./probe.ts";

export interface Call {
  link_version: number;
  boot_id: string;
  epoch?: number | undefined;
  agent_id?: mesos.AgentID | undefined;
  type?: CallType | undefined;
  subscribe?: CallSubscribe | undefined;
  messages?: Message[] | undefined;
  subscription?: number | undefined;
  oldest_link_version?: number | undefined;
}

export type CallType =
  | "UNKNOWN"
  | "SUBSCRIBE"
  | "MESSAGES"
  | "UNSUBSCRIBE";

export interface CallSubscribe {
  agent_info: mesos.AgentInfo;
  version: string;
  capabilities?: mesos.AgentInfoCapability[] | undefined;
  total_resources?: mesos.Resource[] | undefined;
  oversubscribed_resources?: mesos.Resource[] | undefined;
  resource_version: string;
  frameworks?: mesos.FrameworkInfo[] | undefined;
  executors?: Executor[] | undefined;
  tasks?: mesos.Task[] | undefined;
  operations?: mesos.Operation[] | undefined;
  drain_config?: mesos.DrainConfig | undefined;
  ip?: string | undefined;
}

export interface Executor {
  framework_id: mesos.FrameworkID;
  executor_info: mesos.ExecutorInfo;
}

export interface Message {
  type?: MessageType | undefined;
  update?: MessageUpdate | undefined;
  update_operation?: MessageUpdateOperation | undefined;
  executor_exited?: MessageExecutorExited | undefined;
  framework_message?: FrameworkMessage | undefined;
  update_agent?: MessageUpdateAgent | undefined;
  probed?: MessageProbed | undefined;
}

export type MessageType =
  | "UNKNOWN"
  | "PONG"
  | "UPDATE"
  | "UPDATE_OPERATION"
  | "EXECUTOR_EXITED"
  | "FRAMEWORK_MESSAGE"
  | "UPDATE_AGENT"
  | "PROBED";

export interface MessageUpdate {
  framework_id: mesos.FrameworkID;
  status: mesos.TaskStatus;
  latest_state?: mesos.TaskState | undefined;
}

export interface MessageUpdateOperation {
  framework_id?: mesos.FrameworkID | undefined;
  /** Base64. */
  operation_uuid: string;
  status: mesos.OperationStatus;
  latest_status?: mesos.OperationStatus | undefined;
}

export interface MessageExecutorExited {
  framework_id: mesos.FrameworkID;
  executor_id: mesos.ExecutorID;
  status: number;
}

export interface MessageUpdateAgent {
  agent_info: mesos.AgentInfo;
  total_resources?: mesos.Resource[] | undefined;
  oversubscribed_resources?: mesos.Resource[] | undefined;
  resource_version: string;
}

export interface MessageProbed {
  framework_id: mesos.FrameworkID;
  results?: probe.Result[] | undefined;
}

export interface FrameworkMessage {
  framework_id: mesos.FrameworkID;
  executor_id: mesos.ExecutorID;
  /** Base64. */
  data: string;
}

export interface Event {
  type?: EventType | undefined;
  subscribed?: EventSubscribed | undefined;
  run?: EventRun | undefined;
  kill?: EventKill | undefined;
  shutdown_executor?: EventShutdownExecutor | undefined;
  shutdown_framework?: EventShutdownFramework | undefined;
  update_framework?: EventUpdateFramework | undefined;
  acknowledge?: EventAcknowledge | undefined;
  acknowledge_operation?: EventAcknowledgeOperation | undefined;
  apply_operation?: EventApplyOperation | undefined;
  drain?: EventDrain | undefined;
  framework_message?: FrameworkMessage | undefined;
  shutdown?: EventShutdown | undefined;
  error?: EventError | undefined;
}

export type EventType =
  | "UNKNOWN"
  | "SUBSCRIBED"
  | "PING"
  | "RUN"
  | "KILL"
  | "SHUTDOWN_EXECUTOR"
  | "SHUTDOWN_FRAMEWORK"
  | "UPDATE_FRAMEWORK"
  | "ACKNOWLEDGE"
  | "ACKNOWLEDGE_OPERATION"
  | "APPLY_OPERATION"
  | "DRAIN"
  | "REACTIVATE"
  | "FRAMEWORK_MESSAGE"
  | "SHUTDOWN"
  | "ERROR";

export interface EventSubscribed {
  agent_id: mesos.AgentID;
  epoch: number;
  master_info: mesos.MasterInfo;
  ping_interval_seconds: number;
  ping_timeout_seconds: number;
  missing_tasks?: EventMissing[] | undefined;
  /** Base64. */
  missing_operations?: string[] | undefined;
  drain_config?: mesos.DrainConfig | undefined;
  link_version?: number | undefined;
}

export interface EventMissing {
  framework_id: mesos.FrameworkID;
  task_id: mesos.TaskID;
  executor_id?: mesos.ExecutorID | undefined;
}

export interface EventRun {
  framework_info: mesos.FrameworkInfo;
  task?: mesos.TaskInfo | undefined;
  executor?: mesos.ExecutorInfo | undefined;
  task_group?: mesos.TaskGroupInfo | undefined;
  launch_executor: boolean;
  resource_version: string;
}

export interface EventKill {
  framework_id: mesos.FrameworkID;
  task_id: mesos.TaskID;
  kill_policy?: mesos.KillPolicy | undefined;
}

export interface EventShutdownExecutor {
  framework_id: mesos.FrameworkID;
  executor_id: mesos.ExecutorID;
}

export interface EventShutdownFramework {
  framework_id: mesos.FrameworkID;
}

export interface EventUpdateFramework {
  framework_info: mesos.FrameworkInfo;
}

export interface EventAcknowledge {
  framework_id: mesos.FrameworkID;
  task_id: mesos.TaskID;
  /** Base64. */
  uuid: string;
}

export interface EventAcknowledgeOperation {
  /** Base64. */
  operation_uuid: string;
  /** Base64. */
  uuid: string;
}

export interface EventApplyOperation {
  framework_info?: mesos.FrameworkInfo | undefined;
  operation: mesos.OfferOperation;
  /** Base64. */
  operation_uuid: string;
  resource_version: string;
}

export interface EventDrain {
  config: mesos.DrainConfig;
}

export interface EventShutdown {
  message: string;
}

export interface EventError {
  message: string;
}
