// Written by tools/generate.ts from api/mesos/wire.tsv. Change the table, then run `npm run generate`.
// Package mesos.v1.agent.
import type * as mesos from "./mesos.ts";

export interface Call {
  type?: CallType | undefined;
  get_metrics?: CallGetMetrics | undefined;
  set_logging_level?: CallSetLoggingLevel | undefined;
  list_files?: CallListFiles | undefined;
  read_file?: CallReadFile | undefined;
  get_containers?: CallGetContainers | undefined;
  /** @deprecated */
  launch_nested_container?: CallLaunchNestedContainer | undefined;
  /** @deprecated */
  wait_nested_container?: CallWaitNestedContainer | undefined;
  /** @deprecated */
  kill_nested_container?: CallKillNestedContainer | undefined;
  /** @deprecated */
  remove_nested_container?: CallRemoveNestedContainer | undefined;
  launch_nested_container_session?: CallLaunchNestedContainerSession | undefined;
  attach_container_input?: CallAttachContainerInput | undefined;
  attach_container_output?: CallAttachContainerOutput | undefined;
  launch_container?: CallLaunchContainer | undefined;
  wait_container?: CallWaitContainer | undefined;
  kill_container?: CallKillContainer | undefined;
  remove_container?: CallRemoveContainer | undefined;
  add_resource_provider_config?: CallAddResourceProviderConfig | undefined;
  update_resource_provider_config?: CallUpdateResourceProviderConfig | undefined;
  remove_resource_provider_config?: CallRemoveResourceProviderConfig | undefined;
  mark_resource_provider_gone?: CallMarkResourceProviderGone | undefined;
  prune_images?: CallPruneImages | undefined;
}

export interface CallGetMetrics {
  timeout?: mesos.DurationInfo | undefined;
}

export interface CallSetLoggingLevel {
  level: number;
  duration: mesos.DurationInfo;
}

export interface CallListFiles {
  path: string;
}

export interface CallReadFile {
  path: string;
  offset: number;
  length?: number | undefined;
}

export interface CallGetContainers {
  show_nested?: boolean | undefined;
  show_standalone?: boolean | undefined;
}

export interface CallLaunchNestedContainer {
  container_id: mesos.ContainerID;
  command?: mesos.CommandInfo | undefined;
  container?: mesos.ContainerInfo | undefined;
}

export interface CallWaitNestedContainer {
  container_id: mesos.ContainerID;
}

export interface CallKillNestedContainer {
  container_id: mesos.ContainerID;
  signal?: number | undefined;
}

export interface CallRemoveNestedContainer {
  container_id: mesos.ContainerID;
}

export interface CallLaunchNestedContainerSession {
  container_id: mesos.ContainerID;
  command?: mesos.CommandInfo | undefined;
  container?: mesos.ContainerInfo | undefined;
}

export interface CallAttachContainerInput {
  type?: CallAttachContainerInputType | undefined;
  container_id?: mesos.ContainerID | undefined;
  process_io?: ProcessIO | undefined;
}

export type CallAttachContainerInputType =
  | "UNKNOWN"
  | "CONTAINER_ID"
  | "PROCESS_IO";

export interface CallAttachContainerOutput {
  container_id: mesos.ContainerID;
}

export interface CallLaunchContainer {
  container_id: mesos.ContainerID;
  command?: mesos.CommandInfo | undefined;
  resources?: mesos.Resource[] | undefined;
  container?: mesos.ContainerInfo | undefined;
  limits?: Record<string, mesos.ValueScalar> | undefined;
}

export interface CallWaitContainer {
  container_id: mesos.ContainerID;
}

export interface CallKillContainer {
  container_id: mesos.ContainerID;
  signal?: number | undefined;
}

export interface CallRemoveContainer {
  container_id: mesos.ContainerID;
}

export interface CallAddResourceProviderConfig {
  info: mesos.ResourceProviderInfo;
}

export interface CallUpdateResourceProviderConfig {
  info: mesos.ResourceProviderInfo;
}

export interface CallRemoveResourceProviderConfig {
  type: string;
  name: string;
}

export interface CallMarkResourceProviderGone {
  resource_provider_id: mesos.ResourceProviderID;
}

export interface CallPruneImages {
  excluded_images?: mesos.Image[] | undefined;
}

export type CallType =
  | "UNKNOWN"
  | "GET_HEALTH"
  | "GET_FLAGS"
  | "GET_VERSION"
  | "GET_METRICS"
  | "GET_LOGGING_LEVEL"
  | "SET_LOGGING_LEVEL"
  | "LIST_FILES"
  | "READ_FILE"
  | "GET_STATE"
  | "GET_CONTAINERS"
  | "GET_FRAMEWORKS"
  | "GET_EXECUTORS"
  | "GET_OPERATIONS"
  | "GET_TASKS"
  | "GET_AGENT"
  | "GET_RESOURCE_PROVIDERS"
  | "LAUNCH_NESTED_CONTAINER"
  | "WAIT_NESTED_CONTAINER"
  | "KILL_NESTED_CONTAINER"
  | "REMOVE_NESTED_CONTAINER"
  | "LAUNCH_NESTED_CONTAINER_SESSION"
  | "ATTACH_CONTAINER_INPUT"
  | "ATTACH_CONTAINER_OUTPUT"
  | "LAUNCH_CONTAINER"
  | "WAIT_CONTAINER"
  | "KILL_CONTAINER"
  | "REMOVE_CONTAINER"
  | "ADD_RESOURCE_PROVIDER_CONFIG"
  | "UPDATE_RESOURCE_PROVIDER_CONFIG"
  | "REMOVE_RESOURCE_PROVIDER_CONFIG"
  | "MARK_RESOURCE_PROVIDER_GONE"
  | "PRUNE_IMAGES";

export interface Response {
  type?: ResponseType | undefined;
  get_health?: ResponseGetHealth | undefined;
  get_flags?: ResponseGetFlags | undefined;
  get_version?: ResponseGetVersion | undefined;
  get_metrics?: ResponseGetMetrics | undefined;
  get_logging_level?: ResponseGetLoggingLevel | undefined;
  list_files?: ResponseListFiles | undefined;
  read_file?: ResponseReadFile | undefined;
  get_state?: ResponseGetState | undefined;
  get_containers?: ResponseGetContainers | undefined;
  get_frameworks?: ResponseGetFrameworks | undefined;
  get_executors?: ResponseGetExecutors | undefined;
  get_operations?: ResponseGetOperations | undefined;
  get_tasks?: ResponseGetTasks | undefined;
  get_agent?: ResponseGetAgent | undefined;
  get_resource_providers?: ResponseGetResourceProviders | undefined;
  wait_nested_container?: ResponseWaitNestedContainer | undefined;
  wait_container?: ResponseWaitContainer | undefined;
}

export interface ResponseGetHealth {
  healthy: boolean;
}

export interface ResponseGetFlags {
  flags?: mesos.Flag[] | undefined;
}

export interface ResponseGetVersion {
  version_info: mesos.VersionInfo;
}

export interface ResponseGetMetrics {
  metrics?: mesos.Metric[] | undefined;
}

export interface ResponseGetLoggingLevel {
  level: number;
}

export interface ResponseListFiles {
  file_infos?: mesos.FileInfo[] | undefined;
}

export interface ResponseReadFile {
  size: number;
  /** Base64. */
  data: string;
}

export interface ResponseGetState {
  get_tasks?: ResponseGetTasks | undefined;
  get_executors?: ResponseGetExecutors | undefined;
  get_frameworks?: ResponseGetFrameworks | undefined;
}

export interface ResponseGetContainers {
  containers?: ResponseGetContainersContainer[] | undefined;
}

export interface ResponseGetContainersContainer {
  framework_id?: mesos.FrameworkID | undefined;
  executor_id?: mesos.ExecutorID | undefined;
  executor_name?: string | undefined;
  container_id: mesos.ContainerID;
  container_status?: mesos.ContainerStatus | undefined;
  resource_statistics?: mesos.ResourceStatistics | undefined;
}

export interface ResponseGetFrameworks {
  frameworks?: ResponseGetFrameworksFramework[] | undefined;
  completed_frameworks?: ResponseGetFrameworksFramework[] | undefined;
}

export interface ResponseGetFrameworksFramework {
  framework_info: mesos.FrameworkInfo;
}

export interface ResponseGetExecutors {
  executors?: ResponseGetExecutorsExecutor[] | undefined;
  completed_executors?: ResponseGetExecutorsExecutor[] | undefined;
}

export interface ResponseGetExecutorsExecutor {
  executor_info: mesos.ExecutorInfo;
}

export interface ResponseGetOperations {
  operations?: mesos.Operation[] | undefined;
}

export interface ResponseGetTasks {
  pending_tasks?: mesos.Task[] | undefined;
  queued_tasks?: mesos.Task[] | undefined;
  launched_tasks?: mesos.Task[] | undefined;
  terminated_tasks?: mesos.Task[] | undefined;
  completed_tasks?: mesos.Task[] | undefined;
}

export interface ResponseGetAgent {
  agent_info?: mesos.AgentInfo | undefined;
  drain_config?: mesos.DrainConfig | undefined;
  estimated_drain_start_time?: mesos.TimeInfo | undefined;
}

export interface ResponseGetResourceProviders {
  resource_providers?: ResponseGetResourceProvidersResourceProvider[] | undefined;
}

export interface ResponseGetResourceProvidersResourceProvider {
  resource_provider_info: mesos.ResourceProviderInfo;
  total_resources?: mesos.Resource[] | undefined;
}

export interface ResponseWaitNestedContainer {
  exit_status?: number | undefined;
  state?: mesos.TaskState | undefined;
  reason?: mesos.TaskStatusReason | undefined;
  limitation?: mesos.TaskResourceLimitation | undefined;
  message?: string | undefined;
}

export interface ResponseWaitContainer {
  exit_status?: number | undefined;
  state?: mesos.TaskState | undefined;
  reason?: mesos.TaskStatusReason | undefined;
  limitation?: mesos.TaskResourceLimitation | undefined;
  message?: string | undefined;
}

export type ResponseType =
  | "UNKNOWN"
  | "GET_HEALTH"
  | "GET_FLAGS"
  | "GET_VERSION"
  | "GET_METRICS"
  | "GET_LOGGING_LEVEL"
  | "LIST_FILES"
  | "READ_FILE"
  | "GET_STATE"
  | "GET_CONTAINERS"
  | "GET_FRAMEWORKS"
  | "GET_EXECUTORS"
  | "GET_OPERATIONS"
  | "GET_TASKS"
  | "GET_AGENT"
  | "GET_RESOURCE_PROVIDERS"
  | "WAIT_NESTED_CONTAINER"
  | "WAIT_CONTAINER";

export interface ProcessIO {
  type?: ProcessIOType | undefined;
  data?: ProcessIOData | undefined;
  control?: ProcessIOControl | undefined;
}

export interface ProcessIOData {
  type?: ProcessIODataType | undefined;
  /** Base64. */
  data?: string | undefined;
}

export type ProcessIODataType =
  | "UNKNOWN"
  | "STDIN"
  | "STDOUT"
  | "STDERR";

export interface ProcessIOControl {
  type?: ProcessIOControlType | undefined;
  tty_info?: mesos.TTYInfo | undefined;
  heartbeat?: ProcessIOControlHeartbeat | undefined;
}

export interface ProcessIOControlHeartbeat {
  interval?: mesos.DurationInfo | undefined;
}

export type ProcessIOControlType =
  | "UNKNOWN"
  | "TTY_INFO"
  | "HEARTBEAT";

export type ProcessIOType =
  | "UNKNOWN"
  | "DATA"
  | "CONTROL";
