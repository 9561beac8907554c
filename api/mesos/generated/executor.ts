// Written by tools/generate.ts from api/mesos/wire.tsv. Change the table, then run `npm run generate`.
// Package mesos.v1.executor.
import type * as mesos from "./mesos.ts";

export interface Event {
  type?: EventType | undefined;
  subscribed?: EventSubscribed | undefined;
  acknowledged?: EventAcknowledged | undefined;
  launch?: EventLaunch | undefined;
  launch_group?: EventLaunchGroup | undefined;
  kill?: EventKill | undefined;
  message?: EventMessage | undefined;
  error?: EventError | undefined;
}

export interface EventSubscribed {
  executor_info: mesos.ExecutorInfo;
  framework_info: mesos.FrameworkInfo;
  agent_info: mesos.AgentInfo;
  container_id?: mesos.ContainerID | undefined;
}

export interface EventLaunch {
  task: mesos.TaskInfo;
}

export interface EventLaunchGroup {
  task_group: mesos.TaskGroupInfo;
}

export interface EventKill {
  task_id: mesos.TaskID;
  kill_policy?: mesos.KillPolicy | undefined;
}

export interface EventAcknowledged {
  task_id: mesos.TaskID;
  /** Base64. */
  uuid: string;
}

export interface EventMessage {
  /** Base64. */
  data: string;
}

export interface EventError {
  message: string;
}

export type EventType =
  | "UNKNOWN"
  | "SUBSCRIBED"
  | "LAUNCH"
  | "LAUNCH_GROUP"
  | "KILL"
  | "ACKNOWLEDGED"
  | "MESSAGE"
  | "ERROR"
  | "SHUTDOWN"
  | "HEARTBEAT";

export interface Call {
  executor_id: mesos.ExecutorID;
  framework_id: mesos.FrameworkID;
  type?: CallType | undefined;
  subscribe?: CallSubscribe | undefined;
  update?: CallUpdate | undefined;
  message?: CallMessage | undefined;
}

export interface CallSubscribe {
  unacknowledged_tasks?: mesos.TaskInfo[] | undefined;
  unacknowledged_updates?: CallUpdate[] | undefined;
}

export interface CallUpdate {
  status: mesos.TaskStatus;
}

export interface CallMessage {
  /** Base64. */
  data: string;
}

export type CallType =
  | "UNKNOWN"
  | "SUBSCRIBE"
  | "UPDATE"
  | "MESSAGE"
  | "HEARTBEAT";
