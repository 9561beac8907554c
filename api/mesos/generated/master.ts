// Written by tools/generate.ts from api/mesos/wire.tsv. Change the table, then run `npm run generate`.
// Package mesos.v1.master.
import type * as maintenance from "./maintenance.ts";
import type * as mesos from "./mesos.ts";
import type * as quota from "./quota.ts";
import type * as scheduler from "./scheduler.ts";

export interface Call {
  type?: CallType | undefined;
  get_metrics?: CallGetMetrics | undefined;
  set_logging_level?: CallSetLoggingLevel | undefined;
  list_files?: CallListFiles | undefined;
  read_file?: CallReadFile | undefined;
  update_weights?: CallUpdateWeights | undefined;
  reserve_resources?: CallReserveResources | undefined;
  unreserve_resources?: CallUnreserveResources | undefined;
  create_volumes?: CallCreateVolumes | undefined;
  destroy_volumes?: CallDestroyVolumes | undefined;
  grow_volume?: CallGrowVolume | undefined;
  shrink_volume?: CallShrinkVolume | undefined;
  update_maintenance_schedule?: CallUpdateMaintenanceSchedule | undefined;
  start_maintenance?: CallStartMaintenance | undefined;
  stop_maintenance?: CallStopMaintenance | undefined;
  drain_agent?: CallDrainAgent | undefined;
  deactivate_agent?: CallDeactivateAgent | undefined;
  reactivate_agent?: CallReactivateAgent | undefined;
  update_quota?: CallUpdateQuota | undefined;
  teardown?: CallTeardown | undefined;
  mark_agent_gone?: CallMarkAgentGone | undefined;
  /** @deprecated */
  set_quota?: CallSetQuota | undefined;
  /** @deprecated */
  remove_quota?: CallRemoveQuota | undefined;
  preview_offers?: CallPreviewOffers | undefined;
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

export interface CallUpdateWeights {
  weight_infos?: mesos.WeightInfo[] | undefined;
}

export interface CallReserveResources {
  agent_id: mesos.AgentID;
  source?: mesos.Resource[] | undefined;
  resources?: mesos.Resource[] | undefined;
}

export interface CallUnreserveResources {
  agent_id: mesos.AgentID;
  resources?: mesos.Resource[] | undefined;
}

export interface CallCreateVolumes {
  agent_id: mesos.AgentID;
  volumes?: mesos.Resource[] | undefined;
}

export interface CallDestroyVolumes {
  agent_id: mesos.AgentID;
  volumes?: mesos.Resource[] | undefined;
}

export interface CallGrowVolume {
  agent_id?: mesos.AgentID | undefined;
  volume: mesos.Resource;
  addition: mesos.Resource;
}

export interface CallShrinkVolume {
  agent_id?: mesos.AgentID | undefined;
  volume: mesos.Resource;
  subtract: mesos.ValueScalar;
}

export interface CallUpdateMaintenanceSchedule {
  schedule: maintenance.Schedule;
}

export interface CallStartMaintenance {
  machines?: mesos.MachineID[] | undefined;
}

export interface CallStopMaintenance {
  machines?: mesos.MachineID[] | undefined;
}

export interface CallDrainAgent {
  agent_id: mesos.AgentID;
  max_grace_period?: { seconds?: number | undefined; nanos?: number | undefined } | undefined;
  /** Default: false. */
  mark_gone?: boolean | undefined;
}

export interface CallDeactivateAgent {
  agent_id: mesos.AgentID;
}

export interface CallReactivateAgent {
  agent_id: mesos.AgentID;
}

export interface CallUpdateQuota {
  force?: boolean | undefined;
  quota_configs?: quota.QuotaConfig[] | undefined;
}

export interface CallSetQuota {
  quota_request: quota.QuotaRequest;
}

export interface CallRemoveQuota {
  role: string;
}

export interface CallTeardown {
  framework_id: mesos.FrameworkID;
}

export interface CallMarkAgentGone {
  agent_id: mesos.AgentID;
}

export interface CallPreviewOffers {
  framework_id: mesos.FrameworkID;
  roles?: string[] | undefined;
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
  | "GET_AGENTS"
  | "GET_FRAMEWORKS"
  | "GET_EXECUTORS"
  | "GET_OPERATIONS"
  | "GET_TASKS"
  | "GET_ROLES"
  | "GET_WEIGHTS"
  | "UPDATE_WEIGHTS"
  | "GET_MASTER"
  | "SUBSCRIBE"
  | "RESERVE_RESOURCES"
  | "UNRESERVE_RESOURCES"
  | "CREATE_VOLUMES"
  | "DESTROY_VOLUMES"
  | "GROW_VOLUME"
  | "SHRINK_VOLUME"
  | "GET_MAINTENANCE_STATUS"
  | "GET_MAINTENANCE_SCHEDULE"
  | "UPDATE_MAINTENANCE_SCHEDULE"
  | "START_MAINTENANCE"
  | "STOP_MAINTENANCE"
  | "DRAIN_AGENT"
  | "DEACTIVATE_AGENT"
  | "REACTIVATE_AGENT"
  | "GET_QUOTA"
  | "UPDATE_QUOTA"
  | "SET_QUOTA"
  | "REMOVE_QUOTA"
  | "TEARDOWN"
  | "MARK_AGENT_GONE"
  | "PREVIEW_OFFERS";

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
  get_agents?: ResponseGetAgents | undefined;
  get_frameworks?: ResponseGetFrameworks | undefined;
  get_executors?: ResponseGetExecutors | undefined;
  get_operations?: ResponseGetOperations | undefined;
  get_tasks?: ResponseGetTasks | undefined;
  get_roles?: ResponseGetRoles | undefined;
  get_weights?: ResponseGetWeights | undefined;
  get_master?: ResponseGetMaster | undefined;
  get_maintenance_status?: ResponseGetMaintenanceStatus | undefined;
  get_maintenance_schedule?: ResponseGetMaintenanceSchedule | undefined;
  get_quota?: ResponseGetQuota | undefined;
  preview_offers?: ResponsePreviewOffers | undefined;
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
  get_agents?: ResponseGetAgents | undefined;
}

export interface ResponseGetAgents {
  agents?: ResponseGetAgentsAgent[] | undefined;
  recovered_agents?: mesos.AgentInfo[] | undefined;
}

export interface ResponseGetAgentsAgent {
  agent_info: mesos.AgentInfo;
  active: boolean;
  deactivated?: boolean | undefined;
  version: string;
  pid?: string | undefined;
  registered_time?: mesos.TimeInfo | undefined;
  reregistered_time?: mesos.TimeInfo | undefined;
  total_resources?: mesos.Resource[] | undefined;
  allocated_resources?: mesos.Resource[] | undefined;
  offered_resources?: mesos.Resource[] | undefined;
  capabilities?: mesos.AgentInfoCapability[] | undefined;
  resource_providers?: ResponseGetAgentsAgentResourceProvider[] | undefined;
  drain_info?: mesos.DrainInfo | undefined;
  estimated_drain_start_time?: mesos.TimeInfo | undefined;
}

export interface ResponseGetAgentsAgentResourceProvider {
  resource_provider_info: mesos.ResourceProviderInfo;
  total_resources?: mesos.Resource[] | undefined;
}

export interface ResponseGetFrameworks {
  frameworks?: ResponseGetFrameworksFramework[] | undefined;
  completed_frameworks?: ResponseGetFrameworksFramework[] | undefined;
  /** @deprecated */
  recovered_frameworks?: mesos.FrameworkInfo[] | undefined;
}

export interface ResponseGetFrameworksFramework {
  framework_info: mesos.FrameworkInfo;
  active: boolean;
  connected: boolean;
  recovered: boolean;
  registered_time?: mesos.TimeInfo | undefined;
  reregistered_time?: mesos.TimeInfo | undefined;
  unregistered_time?: mesos.TimeInfo | undefined;
  offers?: mesos.Offer[] | undefined;
  inverse_offers?: mesos.InverseOffer[] | undefined;
  allocated_resources?: mesos.Resource[] | undefined;
  offered_resources?: mesos.Resource[] | undefined;
  offer_constraints?: scheduler.OfferConstraints | undefined;
}

export interface ResponseGetExecutors {
  executors?: ResponseGetExecutorsExecutor[] | undefined;
  /** @deprecated */
  orphan_executors?: ResponseGetExecutorsExecutor[] | undefined;
}

export interface ResponseGetExecutorsExecutor {
  executor_info: mesos.ExecutorInfo;
  agent_id: mesos.AgentID;
}

export interface ResponseGetOperations {
  operations?: mesos.Operation[] | undefined;
}

export interface ResponseGetTasks {
  /** @deprecated */
  pending_tasks?: mesos.Task[] | undefined;
  tasks?: mesos.Task[] | undefined;
  unreachable_tasks?: mesos.Task[] | undefined;
  completed_tasks?: mesos.Task[] | undefined;
  /** @deprecated */
  orphan_tasks?: mesos.Task[] | undefined;
}

export interface ResponseGetRoles {
  roles?: mesos.Role[] | undefined;
}

export interface ResponsePreviewOffers {
  offers?: mesos.Offer[] | undefined;
}

export interface ResponseGetWeights {
  weight_infos?: mesos.WeightInfo[] | undefined;
}

export interface ResponseGetMaster {
  master_info?: mesos.MasterInfo | undefined;
  start_time?: number | undefined;
  elected_time?: number | undefined;
}

export interface ResponseGetMaintenanceStatus {
  status: maintenance.ClusterStatus;
}

export interface ResponseGetMaintenanceSchedule {
  schedule: maintenance.Schedule;
}

export interface ResponseGetQuota {
  status: quota.QuotaStatus;
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
  | "GET_AGENTS"
  | "GET_FRAMEWORKS"
  | "GET_EXECUTORS"
  | "GET_OPERATIONS"
  | "GET_TASKS"
  | "GET_ROLES"
  | "GET_WEIGHTS"
  | "GET_MASTER"
  | "GET_MAINTENANCE_STATUS"
  | "GET_MAINTENANCE_SCHEDULE"
  | "GET_QUOTA"
  | "PREVIEW_OFFERS";

export interface Event {
  type?: EventType | undefined;
  subscribed?: EventSubscribed | undefined;
  task_added?: EventTaskAdded | undefined;
  task_updated?: EventTaskUpdated | undefined;
  agent_added?: EventAgentAdded | undefined;
  agent_removed?: EventAgentRemoved | undefined;
  framework_added?: EventFrameworkAdded | undefined;
  framework_updated?: EventFrameworkUpdated | undefined;
  framework_removed?: EventFrameworkRemoved | undefined;
}

export interface EventSubscribed {
  get_state?: ResponseGetState | undefined;
  heartbeat_interval_seconds?: number | undefined;
}

export interface EventTaskAdded {
  task: mesos.Task;
}

export interface EventTaskUpdated {
  framework_id: mesos.FrameworkID;
  status: mesos.TaskStatus;
  state: mesos.TaskState;
}

export interface EventFrameworkAdded {
  framework: ResponseGetFrameworksFramework;
}

export interface EventFrameworkUpdated {
  framework: ResponseGetFrameworksFramework;
}

export interface EventFrameworkRemoved {
  framework_info: mesos.FrameworkInfo;
}

export interface EventAgentAdded {
  agent: ResponseGetAgentsAgent;
}

export interface EventAgentRemoved {
  agent_id: mesos.AgentID;
}

export type EventType =
  | "UNKNOWN"
  | "SUBSCRIBED"
  | "TASK_ADDED"
  | "TASK_UPDATED"
  | "AGENT_ADDED"
  | "AGENT_REMOVED"
  | "FRAMEWORK_ADDED"
  | "FRAMEWORK_UPDATED"
  | "FRAMEWORK_REMOVED"
  | "HEARTBEAT";
