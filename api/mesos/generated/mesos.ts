// Written by tools/generate.ts from api/mesos/wire.tsv. Change the table, then run `npm run generate`.
// Package mesos.v1.
import type * as probe from "./probe.ts";

export interface FrameworkID {
  value: string;
}

export interface OfferID {
  value: string;
}

export interface AgentID {
  value: string;
}

export interface TaskID {
  value: string;
}

export interface ExecutorID {
  value: string;
}

export interface ContainerID {
  value: string;
  parent?: ContainerID | undefined;
}

export interface ResourceProviderID {
  value: string;
}

export interface OperationID {
  value: string;
}

export interface TimeInfo {
  nanoseconds: number;
}

export interface DurationInfo {
  nanoseconds: number;
}

export interface Address {
  hostname?: string | undefined;
  ip?: string | undefined;
  port: number;
}

export interface URL {
  scheme: string;
  address: Address;
  path?: string | undefined;
  query?: Parameter[] | undefined;
  fragment?: string | undefined;
}

export interface Unavailability {
  start: TimeInfo;
  duration?: DurationInfo | undefined;
}

export interface MachineID {
  hostname?: string | undefined;
  ip?: string | undefined;
}

export interface MachineInfo {
  id: MachineID;
  mode?: MachineInfoMode | undefined;
  unavailability?: Unavailability | undefined;
}

export type MachineInfoMode =
  | "UP"
  | "DRAINING"
  | "DOWN";

export interface FrameworkInfo {
  user: string;
  name: string;
  id?: FrameworkID | undefined;
  /** Default: 0. */
  failover_timeout?: number | undefined;
  /** Default: false. */
  checkpoint?: boolean | undefined;
  /** Default: *. @deprecated */
  role?: string | undefined;
  roles?: string[] | undefined;
  hostname?: string | undefined;
  principal?: string | undefined;
  webui_url?: string | undefined;
  capabilities?: FrameworkInfoCapability[] | undefined;
  labels?: Labels | undefined;
  offer_filters?: Record<string, OfferFilters> | undefined;
}

export interface FrameworkInfoCapability {
  type?: FrameworkInfoCapabilityType | undefined;
}

export type FrameworkInfoCapabilityType =
  | "UNKNOWN"
  | "REVOCABLE_RESOURCES"
  | "TASK_KILLING_STATE"
  | "GPU_RESOURCES"
  | "SHARED_RESOURCES"
  | "PARTITION_AWARE"
  | "MULTI_ROLE"
  | "RESERVATION_REFINEMENT"
  | "REGION_AWARE"
  | "PROBES";

export interface CheckInfo {
  type?: CheckInfoType | undefined;
  command?: CheckInfoCommand | undefined;
  http?: CheckInfoHttp | undefined;
  tcp?: CheckInfoTcp | undefined;
  /** Default: 15. */
  delay_seconds?: number | undefined;
  /** Default: 10. */
  interval_seconds?: number | undefined;
  /** Default: 20. */
  timeout_seconds?: number | undefined;
}

export interface CheckInfoCommand {
  command: CommandInfo;
}

export interface CheckInfoHttp {
  port: number;
  path?: string | undefined;
}

export interface CheckInfoTcp {
  port: number;
}

export type CheckInfoType =
  | "UNKNOWN"
  | "COMMAND"
  | "HTTP"
  | "TCP";

export interface HealthCheck {
  /** Default: 15. */
  delay_seconds?: number | undefined;
  /** Default: 10. */
  interval_seconds?: number | undefined;
  /** Default: 20. */
  timeout_seconds?: number | undefined;
  /** Default: 3. */
  consecutive_failures?: number | undefined;
  /** Default: 10. */
  grace_period_seconds?: number | undefined;
  type?: HealthCheckType | undefined;
  command?: CommandInfo | undefined;
  http?: HealthCheckHTTPCheckInfo | undefined;
  tcp?: HealthCheckTCPCheckInfo | undefined;
}

export interface HealthCheckHTTPCheckInfo {
  /** Default: IPv4. */
  protocol?: NetworkInfoProtocol | undefined;
  scheme?: string | undefined;
  port: number;
  path?: string | undefined;
  statuses?: number[] | undefined;
}

export interface HealthCheckTCPCheckInfo {
  /** Default: IPv4. */
  protocol?: NetworkInfoProtocol | undefined;
  port: number;
}

export type HealthCheckType =
  | "UNKNOWN"
  | "COMMAND"
  | "HTTP"
  | "TCP";

export interface KillPolicy {
  grace_period?: DurationInfo | undefined;
}

export interface CommandInfo {
  uris?: CommandInfoURI[] | undefined;
  environment?: Environment | undefined;
  /** Default: true. */
  shell?: boolean | undefined;
  value?: string | undefined;
  arguments?: string[] | undefined;
  user?: string | undefined;
}

export interface CommandInfoURI {
  value: string;
  executable?: boolean | undefined;
  /** Default: true. */
  extract?: boolean | undefined;
  cache?: boolean | undefined;
  output_file?: string | undefined;
}

export interface ExecutorInfo {
  type?: ExecutorInfoType | undefined;
  executor_id: ExecutorID;
  framework_id?: FrameworkID | undefined;
  command?: CommandInfo | undefined;
  container?: ContainerInfo | undefined;
  resources?: Resource[] | undefined;
  name?: string | undefined;
  /** @deprecated */
  source?: string | undefined;
  /** Base64. */
  data?: string | undefined;
  discovery?: DiscoveryInfo | undefined;
  shutdown_grace_period?: DurationInfo | undefined;
  labels?: Labels | undefined;
}

export type ExecutorInfoType =
  | "UNKNOWN"
  | "DEFAULT"
  | "CUSTOM";

export interface DomainInfo {
  fault_domain?: DomainInfoFaultDomain | undefined;
}

export interface DomainInfoFaultDomain {
  region: DomainInfoFaultDomainRegionInfo;
  zone: DomainInfoFaultDomainZoneInfo;
}

export interface DomainInfoFaultDomainRegionInfo {
  name: string;
}

export interface DomainInfoFaultDomainZoneInfo {
  name: string;
}

export interface MasterInfo {
  id: string;
  /** @deprecated */
  ip: number;
  /** Default: 5050. @deprecated */
  port: number;
  pid?: string | undefined;
  /** @deprecated */
  hostname?: string | undefined;
  version?: string | undefined;
  address?: Address | undefined;
  domain?: DomainInfo | undefined;
  capabilities?: MasterInfoCapability[] | undefined;
}

export interface MasterInfoCapability {
  type?: MasterInfoCapabilityType | undefined;
}

export type MasterInfoCapabilityType =
  | "UNKNOWN"
  | "AGENT_UPDATE"
  | "AGENT_DRAINING"
  | "QUOTA_V2";

export interface AgentInfo {
  hostname: string;
  /** Default: 5051. */
  port?: number | undefined;
  resources?: Resource[] | undefined;
  attributes?: Attribute[] | undefined;
  id?: AgentID | undefined;
  checkpoint?: boolean | undefined;
  domain?: DomainInfo | undefined;
}

export interface AgentInfoCapability {
  type?: AgentInfoCapabilityType | undefined;
}

export type AgentInfoCapabilityType =
  | "UNKNOWN"
  | "MULTI_ROLE"
  | "HIERARCHICAL_ROLE"
  | "RESERVATION_REFINEMENT"
  | "RESOURCE_PROVIDER"
  | "RESIZE_VOLUME"
  | "AGENT_OPERATION_FEEDBACK"
  | "AGENT_DRAINING"
  | "TASK_RESOURCE_LIMITS";

export interface CSIPluginContainerInfo {
  services?: CSIPluginContainerInfoService[] | undefined;
  command?: CommandInfo | undefined;
  resources?: Resource[] | undefined;
  container?: ContainerInfo | undefined;
}

export type CSIPluginContainerInfoService =
  | "UNKNOWN"
  | "CONTROLLER_SERVICE"
  | "NODE_SERVICE";

export interface CSIPluginEndpoint {
  csi_service: CSIPluginContainerInfoService;
  endpoint: string;
}

export interface CSIPluginInfo {
  type: string;
  /** Default: default. */
  name?: string | undefined;
  containers?: CSIPluginContainerInfo[] | undefined;
  endpoints?: CSIPluginEndpoint[] | undefined;
  target_path_root?: string | undefined;
  target_path_exists?: boolean | undefined;
}

export interface ResourceProviderInfo {
  id?: ResourceProviderID | undefined;
  attributes?: Attribute[] | undefined;
  type: string;
  name: string;
  default_reservations?: ResourceReservationInfo[] | undefined;
  storage?: ResourceProviderInfoStorage | undefined;
}

export interface ResourceProviderInfoStorage {
  plugin: CSIPluginInfo;
  reconciliation_interval_seconds?: number | undefined;
}

export interface Value {
  type: ValueType;
  scalar?: ValueScalar | undefined;
  ranges?: ValueRanges | undefined;
  set?: ValueSet | undefined;
  text?: ValueText | undefined;
}

export interface ValueScalar {
  value: number;
}

export interface ValueRange {
  begin: number;
  end: number;
}

export interface ValueRanges {
  range?: ValueRange[] | undefined;
}

export interface ValueSet {
  item?: string[] | undefined;
}

export interface ValueText {
  value: string;
}

export type ValueType =
  | "SCALAR"
  | "RANGES"
  | "SET"
  | "TEXT";

export interface Attribute {
  name: string;
  type: ValueType;
  scalar?: ValueScalar | undefined;
  ranges?: ValueRanges | undefined;
  set?: ValueSet | undefined;
  text?: ValueText | undefined;
}

export interface Resource {
  provider_id?: ResourceProviderID | undefined;
  name: string;
  type: ValueType;
  scalar?: ValueScalar | undefined;
  ranges?: ValueRanges | undefined;
  set?: ValueSet | undefined;
  /** Default: *. @deprecated */
  role?: string | undefined;
  allocation_info?: ResourceAllocationInfo | undefined;
  reservation?: ResourceReservationInfo | undefined;
  reservations?: ResourceReservationInfo[] | undefined;
  disk?: ResourceDiskInfo | undefined;
  revocable?: ResourceRevocableInfo | undefined;
  shared?: ResourceSharedInfo | undefined;
}

export interface ResourceAllocationInfo {
  role?: string | undefined;
}

export interface ResourceReservationInfo {
  type?: ResourceReservationInfoType | undefined;
  role?: string | undefined;
  principal?: string | undefined;
  labels?: Labels | undefined;
}

export type ResourceReservationInfoType =
  | "UNKNOWN"
  | "STATIC"
  | "DYNAMIC";

export interface ResourceDiskInfo {
  persistence?: ResourceDiskInfoPersistence | undefined;
  volume?: Volume | undefined;
  source?: ResourceDiskInfoSource | undefined;
}

export interface ResourceDiskInfoPersistence {
  id: string;
  principal?: string | undefined;
}

export interface ResourceDiskInfoSource {
  type: ResourceDiskInfoSourceType;
  path?: ResourceDiskInfoSourcePath | undefined;
  mount?: ResourceDiskInfoSourceMount | undefined;
  vendor?: string | undefined;
  id?: string | undefined;
  metadata?: Labels | undefined;
  profile?: string | undefined;
}

export interface ResourceDiskInfoSourcePath {
  root?: string | undefined;
}

export interface ResourceDiskInfoSourceMount {
  root?: string | undefined;
}

export type ResourceDiskInfoSourceType =
  | "UNKNOWN"
  | "PATH"
  | "MOUNT"
  | "BLOCK"
  | "RAW";

export type ResourceRevocableInfo = Record<string, never>;

export type ResourceSharedInfo = Record<string, never>;

export interface TrafficControlStatistics {
  id: string;
  backlog?: number | undefined;
  bytes?: number | undefined;
  drops?: number | undefined;
  overlimits?: number | undefined;
  packets?: number | undefined;
  qlen?: number | undefined;
  ratebps?: number | undefined;
  ratepps?: number | undefined;
  requeues?: number | undefined;
}

export interface IpStatistics {
  Forwarding?: number | undefined;
  DefaultTTL?: number | undefined;
  InReceives?: number | undefined;
  InHdrErrors?: number | undefined;
  InAddrErrors?: number | undefined;
  ForwDatagrams?: number | undefined;
  InUnknownProtos?: number | undefined;
  InDiscards?: number | undefined;
  InDelivers?: number | undefined;
  OutRequests?: number | undefined;
  OutDiscards?: number | undefined;
  OutNoRoutes?: number | undefined;
  ReasmTimeout?: number | undefined;
  ReasmReqds?: number | undefined;
  ReasmOKs?: number | undefined;
  ReasmFails?: number | undefined;
  FragOKs?: number | undefined;
  FragFails?: number | undefined;
  FragCreates?: number | undefined;
}

export interface IcmpStatistics {
  InMsgs?: number | undefined;
  InErrors?: number | undefined;
  InCsumErrors?: number | undefined;
  InDestUnreachs?: number | undefined;
  InTimeExcds?: number | undefined;
  InParmProbs?: number | undefined;
  InSrcQuenchs?: number | undefined;
  InRedirects?: number | undefined;
  InEchos?: number | undefined;
  InEchoReps?: number | undefined;
  InTimestamps?: number | undefined;
  InTimestampReps?: number | undefined;
  InAddrMasks?: number | undefined;
  InAddrMaskReps?: number | undefined;
  OutMsgs?: number | undefined;
  OutErrors?: number | undefined;
  OutDestUnreachs?: number | undefined;
  OutTimeExcds?: number | undefined;
  OutParmProbs?: number | undefined;
  OutSrcQuenchs?: number | undefined;
  OutRedirects?: number | undefined;
  OutEchos?: number | undefined;
  OutEchoReps?: number | undefined;
  OutTimestamps?: number | undefined;
  OutTimestampReps?: number | undefined;
  OutAddrMasks?: number | undefined;
  OutAddrMaskReps?: number | undefined;
}

export interface TcpStatistics {
  RtoAlgorithm?: number | undefined;
  RtoMin?: number | undefined;
  RtoMax?: number | undefined;
  MaxConn?: number | undefined;
  ActiveOpens?: number | undefined;
  PassiveOpens?: number | undefined;
  AttemptFails?: number | undefined;
  EstabResets?: number | undefined;
  CurrEstab?: number | undefined;
  InSegs?: number | undefined;
  OutSegs?: number | undefined;
  RetransSegs?: number | undefined;
  InErrs?: number | undefined;
  OutRsts?: number | undefined;
  InCsumErrors?: number | undefined;
}

export interface UdpStatistics {
  InDatagrams?: number | undefined;
  NoPorts?: number | undefined;
  InErrors?: number | undefined;
  OutDatagrams?: number | undefined;
  RcvbufErrors?: number | undefined;
  SndbufErrors?: number | undefined;
  InCsumErrors?: number | undefined;
  IgnoredMulti?: number | undefined;
}

export interface SNMPStatistics {
  ip_stats?: IpStatistics | undefined;
  icmp_stats?: IcmpStatistics | undefined;
  tcp_stats?: TcpStatistics | undefined;
  udp_stats?: UdpStatistics | undefined;
}

export interface DiskStatistics {
  source?: ResourceDiskInfoSource | undefined;
  persistence?: ResourceDiskInfoPersistence | undefined;
  limit_bytes?: number | undefined;
  used_bytes?: number | undefined;
}

export interface ResourceStatistics {
  timestamp: number;
  processes?: number | undefined;
  threads?: number | undefined;
  cpus_user_time_secs?: number | undefined;
  cpus_system_time_secs?: number | undefined;
  cpus_limit?: number | undefined;
  cpus_soft_limit?: number | undefined;
  cpus_nr_periods?: number | undefined;
  cpus_nr_throttled?: number | undefined;
  cpus_throttled_time_secs?: number | undefined;
  mem_total_bytes?: number | undefined;
  mem_total_memsw_bytes?: number | undefined;
  mem_kmem_usage_bytes?: number | undefined;
  mem_kmem_tcp_usage_bytes?: number | undefined;
  mem_limit_bytes?: number | undefined;
  mem_soft_limit_bytes?: number | undefined;
  /** @deprecated */
  mem_file_bytes?: number | undefined;
  mem_anon_bytes?: number | undefined;
  mem_cache_bytes?: number | undefined;
  mem_rss_bytes?: number | undefined;
  mem_mapped_file_bytes?: number | undefined;
  mem_swap_bytes?: number | undefined;
  mem_unevictable_bytes?: number | undefined;
  mem_low_pressure_counter?: number | undefined;
  mem_medium_pressure_counter?: number | undefined;
  mem_critical_pressure_counter?: number | undefined;
  disk_limit_bytes?: number | undefined;
  disk_used_bytes?: number | undefined;
  disk_statistics?: DiskStatistics[] | undefined;
  blkio_statistics?: CgroupInfoBlkioStatistics | undefined;
  perf?: PerfStatistics | undefined;
  net_rx_packets?: number | undefined;
  net_rx_bytes?: number | undefined;
  net_rx_errors?: number | undefined;
  net_rx_dropped?: number | undefined;
  net_tx_packets?: number | undefined;
  net_tx_bytes?: number | undefined;
  net_tx_errors?: number | undefined;
  net_tx_dropped?: number | undefined;
  net_tx_rate_limit?: number | undefined;
  net_tx_burst_rate_limit?: number | undefined;
  net_tx_burst_size?: number | undefined;
  net_rx_rate_limit?: number | undefined;
  net_rx_burst_rate_limit?: number | undefined;
  net_rx_burst_size?: number | undefined;
  net_rate_statistics?: ResourceStatisticsRateStatistics | undefined;
  net_ephemeral_ports?: ValueRange | undefined;
  net_tcp_rtt_microsecs_p50?: number | undefined;
  net_tcp_rtt_microsecs_p90?: number | undefined;
  net_tcp_rtt_microsecs_p95?: number | undefined;
  net_tcp_rtt_microsecs_p99?: number | undefined;
  net_tcp_active_connections?: number | undefined;
  net_tcp_time_wait_connections?: number | undefined;
  net_traffic_control_statistics?: TrafficControlStatistics[] | undefined;
  net_snmp_statistics?: SNMPStatistics | undefined;
}

export interface ResourceStatisticsRatePercentiles {
  min?: number | undefined;
  max?: number | undefined;
  p50?: number | undefined;
  p90?: number | undefined;
  p95?: number | undefined;
  p99?: number | undefined;
  p999?: number | undefined;
  p9999?: number | undefined;
  samples?: number | undefined;
}

export interface ResourceStatisticsRateStatistics {
  rx_rate?: ResourceStatisticsRatePercentiles | undefined;
  rx_packet_rate?: ResourceStatisticsRatePercentiles | undefined;
  rx_drop_rate?: ResourceStatisticsRatePercentiles | undefined;
  rx_error_rate?: ResourceStatisticsRatePercentiles | undefined;
  tx_rate?: ResourceStatisticsRatePercentiles | undefined;
  tx_packet_rate?: ResourceStatisticsRatePercentiles | undefined;
  tx_drop_rate?: ResourceStatisticsRatePercentiles | undefined;
  tx_error_rate?: ResourceStatisticsRatePercentiles | undefined;
  sampling_window_secs?: number | undefined;
  sampling_interval_secs?: number | undefined;
}

export interface ResourceUsage {
  executors?: ResourceUsageExecutor[] | undefined;
  total?: Resource[] | undefined;
}

export interface ResourceUsageExecutor {
  executor_info: ExecutorInfo;
  allocated?: Resource[] | undefined;
  statistics?: ResourceStatistics | undefined;
  container_id: ContainerID;
  tasks?: ResourceUsageExecutorTask[] | undefined;
}

export interface ResourceUsageExecutorTask {
  name: string;
  id: TaskID;
  resources?: Resource[] | undefined;
  labels?: Labels | undefined;
}

export interface PerfStatistics {
  timestamp: number;
  duration: number;
  cycles?: number | undefined;
  stalled_cycles_frontend?: number | undefined;
  stalled_cycles_backend?: number | undefined;
  instructions?: number | undefined;
  cache_references?: number | undefined;
  cache_misses?: number | undefined;
  branches?: number | undefined;
  branch_misses?: number | undefined;
  bus_cycles?: number | undefined;
  ref_cycles?: number | undefined;
  cpu_clock?: number | undefined;
  task_clock?: number | undefined;
  page_faults?: number | undefined;
  minor_faults?: number | undefined;
  major_faults?: number | undefined;
  context_switches?: number | undefined;
  cpu_migrations?: number | undefined;
  alignment_faults?: number | undefined;
  emulation_faults?: number | undefined;
  l1_dcache_loads?: number | undefined;
  l1_dcache_load_misses?: number | undefined;
  l1_dcache_stores?: number | undefined;
  l1_dcache_store_misses?: number | undefined;
  l1_dcache_prefetches?: number | undefined;
  l1_dcache_prefetch_misses?: number | undefined;
  l1_icache_loads?: number | undefined;
  l1_icache_load_misses?: number | undefined;
  l1_icache_prefetches?: number | undefined;
  l1_icache_prefetch_misses?: number | undefined;
  llc_loads?: number | undefined;
  llc_load_misses?: number | undefined;
  llc_stores?: number | undefined;
  llc_store_misses?: number | undefined;
  llc_prefetches?: number | undefined;
  llc_prefetch_misses?: number | undefined;
  dtlb_loads?: number | undefined;
  dtlb_load_misses?: number | undefined;
  dtlb_stores?: number | undefined;
  dtlb_store_misses?: number | undefined;
  dtlb_prefetches?: number | undefined;
  dtlb_prefetch_misses?: number | undefined;
  itlb_loads?: number | undefined;
  itlb_load_misses?: number | undefined;
  branch_loads?: number | undefined;
  branch_load_misses?: number | undefined;
  node_loads?: number | undefined;
  node_load_misses?: number | undefined;
  node_stores?: number | undefined;
  node_store_misses?: number | undefined;
  node_prefetches?: number | undefined;
  node_prefetch_misses?: number | undefined;
}

export interface OfferFilters {
  min_allocatable_resources?: OfferFiltersMinAllocatableResources | undefined;
}

export interface OfferFiltersResourceQuantities {
  quantities?: Record<string, ValueScalar> | undefined;
}

export interface OfferFiltersMinAllocatableResources {
  quantities?: OfferFiltersResourceQuantities[] | undefined;
}

export interface Request {
  agent_id?: AgentID | undefined;
  resources?: Resource[] | undefined;
}

export interface Offer {
  id: OfferID;
  framework_id: FrameworkID;
  agent_id: AgentID;
  hostname: string;
  url?: URL | undefined;
  domain?: DomainInfo | undefined;
  resources?: Resource[] | undefined;
  attributes?: Attribute[] | undefined;
  executor_ids?: ExecutorID[] | undefined;
  unavailability?: Unavailability | undefined;
  allocation_info?: ResourceAllocationInfo | undefined;
}

export interface OfferOperation {
  type?: OfferOperationType | undefined;
  id?: OperationID | undefined;
  launch?: OfferOperationLaunch | undefined;
  launch_group?: OfferOperationLaunchGroup | undefined;
  reserve?: OfferOperationReserve | undefined;
  unreserve?: OfferOperationUnreserve | undefined;
  create?: OfferOperationCreate | undefined;
  destroy?: OfferOperationDestroy | undefined;
  grow_volume?: OfferOperationGrowVolume | undefined;
  shrink_volume?: OfferOperationShrinkVolume | undefined;
  create_disk?: OfferOperationCreateDisk | undefined;
  destroy_disk?: OfferOperationDestroyDisk | undefined;
}

export interface OfferOperationLaunch {
  task_infos?: TaskInfo[] | undefined;
}

export interface OfferOperationLaunchGroup {
  executor: ExecutorInfo;
  task_group: TaskGroupInfo;
}

export interface OfferOperationReserve {
  source?: Resource[] | undefined;
  resources?: Resource[] | undefined;
}

export interface OfferOperationUnreserve {
  resources?: Resource[] | undefined;
}

export interface OfferOperationCreate {
  volumes?: Resource[] | undefined;
}

export interface OfferOperationDestroy {
  volumes?: Resource[] | undefined;
}

export interface OfferOperationGrowVolume {
  volume: Resource;
  addition: Resource;
}

export interface OfferOperationShrinkVolume {
  volume: Resource;
  subtract: ValueScalar;
}

export interface OfferOperationCreateDisk {
  source: Resource;
  target_type: ResourceDiskInfoSourceType;
  target_profile?: string | undefined;
}

export interface OfferOperationDestroyDisk {
  source: Resource;
}

export type OfferOperationType =
  | "UNKNOWN"
  | "LAUNCH"
  | "LAUNCH_GROUP"
  | "RESERVE"
  | "UNRESERVE"
  | "CREATE"
  | "DESTROY"
  | "GROW_VOLUME"
  | "SHRINK_VOLUME"
  | "CREATE_DISK"
  | "DESTROY_DISK";

export interface InverseOffer {
  id: OfferID;
  url?: URL | undefined;
  framework_id: FrameworkID;
  agent_id?: AgentID | undefined;
  unavailability: Unavailability;
  resources?: Resource[] | undefined;
}

export interface TaskInfo {
  name: string;
  task_id: TaskID;
  agent_id: AgentID;
  resources?: Resource[] | undefined;
  executor?: ExecutorInfo | undefined;
  command?: CommandInfo | undefined;
  container?: ContainerInfo | undefined;
  health_check?: HealthCheck | undefined;
  check?: CheckInfo | undefined;
  kill_policy?: KillPolicy | undefined;
  /** Base64. */
  data?: string | undefined;
  labels?: Labels | undefined;
  discovery?: DiscoveryInfo | undefined;
  max_completion_time?: DurationInfo | undefined;
  limits?: Record<string, ValueScalar> | undefined;
  probes?: probe.Probe[] | undefined;
}

export interface TaskGroupInfo {
  tasks?: TaskInfo[] | undefined;
}

export interface Task {
  name: string;
  task_id: TaskID;
  framework_id: FrameworkID;
  executor_id?: ExecutorID | undefined;
  agent_id: AgentID;
  state: TaskState;
  resources?: Resource[] | undefined;
  statuses?: TaskStatus[] | undefined;
  status_update_state?: TaskState | undefined;
  /** Base64. */
  status_update_uuid?: string | undefined;
  labels?: Labels | undefined;
  discovery?: DiscoveryInfo | undefined;
  container?: ContainerInfo | undefined;
  health_check?: HealthCheck | undefined;
  kill_policy?: KillPolicy | undefined;
  user?: string | undefined;
  limits?: Record<string, ValueScalar> | undefined;
}

export interface TaskResourceLimitation {
  resources?: Resource[] | undefined;
}

export interface UUID {
  /** Base64. */
  value: string;
}

export interface Operation {
  framework_id?: FrameworkID | undefined;
  agent_id?: AgentID | undefined;
  info: OfferOperation;
  latest_status: OperationStatus;
  statuses?: OperationStatus[] | undefined;
  uuid: UUID;
}

export interface OperationStatus {
  operation_id?: OperationID | undefined;
  state: OperationState;
  message?: string | undefined;
  converted_resources?: Resource[] | undefined;
  uuid?: UUID | undefined;
  agent_id?: AgentID | undefined;
  resource_provider_id?: ResourceProviderID | undefined;
}

export interface CheckStatusInfo {
  type?: CheckInfoType | undefined;
  command?: CheckStatusInfoCommand | undefined;
  http?: CheckStatusInfoHttp | undefined;
  tcp?: CheckStatusInfoTcp | undefined;
}

export interface CheckStatusInfoCommand {
  exit_code?: number | undefined;
}

export interface CheckStatusInfoHttp {
  status_code?: number | undefined;
}

export interface CheckStatusInfoTcp {
  succeeded?: boolean | undefined;
}

export interface TaskStatus {
  task_id: TaskID;
  state: TaskState;
  message?: string | undefined;
  source?: TaskStatusSource | undefined;
  reason?: TaskStatusReason | undefined;
  /** Base64. */
  data?: string | undefined;
  agent_id?: AgentID | undefined;
  executor_id?: ExecutorID | undefined;
  timestamp?: number | undefined;
  /** Base64. */
  uuid?: string | undefined;
  healthy?: boolean | undefined;
  check_status?: CheckStatusInfo | undefined;
  labels?: Labels | undefined;
  container_status?: ContainerStatus | undefined;
  unreachable_time?: TimeInfo | undefined;
  limitation?: TaskResourceLimitation | undefined;
}

export type TaskStatusSource =
  | "SOURCE_MASTER"
  | "SOURCE_AGENT"
  | "SOURCE_EXECUTOR";

export type TaskStatusReason =
  | "REASON_COMMAND_EXECUTOR_FAILED"
  | "REASON_CONTAINER_LAUNCH_FAILED"
  | "REASON_CONTAINER_LIMITATION"
  | "REASON_CONTAINER_LIMITATION_DISK"
  | "REASON_CONTAINER_LIMITATION_MEMORY"
  | "REASON_CONTAINER_PREEMPTED"
  | "REASON_CONTAINER_UPDATE_FAILED"
  | "REASON_MAX_COMPLETION_TIME_REACHED"
  | "REASON_EXECUTOR_REGISTRATION_TIMEOUT"
  | "REASON_EXECUTOR_REREGISTRATION_TIMEOUT"
  | "REASON_EXECUTOR_TERMINATED"
  | "REASON_EXECUTOR_UNREGISTERED"
  | "REASON_FRAMEWORK_REMOVED"
  | "REASON_GC_ERROR"
  | "REASON_INVALID_FRAMEWORKID"
  | "REASON_INVALID_OFFERS"
  | "REASON_IO_SWITCHBOARD_EXITED"
  | "REASON_MASTER_DISCONNECTED"
  | "REASON_RECONCILIATION"
  | "REASON_RESOURCES_UNKNOWN"
  | "REASON_AGENT_DISCONNECTED"
  | "REASON_AGENT_DRAINING"
  | "REASON_AGENT_REMOVED"
  | "REASON_AGENT_REMOVED_BY_OPERATOR"
  | "REASON_AGENT_REREGISTERED"
  | "REASON_AGENT_RESTARTED"
  | "REASON_AGENT_UNKNOWN"
  | "REASON_TASK_KILLED_DURING_LAUNCH"
  | "REASON_TASK_CHECK_STATUS_UPDATED"
  | "REASON_TASK_HEALTH_CHECK_STATUS_UPDATED"
  | "REASON_TASK_GROUP_INVALID"
  | "REASON_TASK_GROUP_UNAUTHORIZED"
  | "REASON_TASK_INVALID"
  | "REASON_TASK_UNAUTHORIZED"
  | "REASON_TASK_UNKNOWN";

export interface Filters {
  /** Default: 5. */
  refuse_seconds?: number | undefined;
}

export interface Environment {
  variables?: EnvironmentVariable[] | undefined;
}

export interface EnvironmentVariable {
  name: string;
  /** Default: VALUE. */
  type?: EnvironmentVariableType | undefined;
  value?: string | undefined;
  secret?: Secret | undefined;
}

export type EnvironmentVariableType =
  | "UNKNOWN"
  | "VALUE"
  | "SECRET";

export interface Parameter {
  key: string;
  value: string;
}

export interface Parameters {
  parameter?: Parameter[] | undefined;
}

export interface Credential {
  principal: string;
  secret?: string | undefined;
}

export interface Credentials {
  credentials?: Credential[] | undefined;
}

export interface Secret {
  type?: SecretType | undefined;
  reference?: SecretReference | undefined;
  value?: SecretValue | undefined;
}

export interface SecretReference {
  name: string;
  key?: string | undefined;
}

export interface SecretValue {
  /** Base64. */
  data: string;
}

export type SecretType =
  | "UNKNOWN"
  | "REFERENCE"
  | "VALUE";

export interface RateLimit {
  qps?: number | undefined;
  principal: string;
  capacity?: number | undefined;
}

export interface RateLimits {
  limits?: RateLimit[] | undefined;
  aggregate_default_qps?: number | undefined;
  aggregate_default_capacity?: number | undefined;
}

export interface Image {
  type: ImageType;
  appc?: ImageAppc | undefined;
  docker?: ImageDocker | undefined;
  /** Default: true. */
  cached?: boolean | undefined;
}

export interface ImageAppc {
  name: string;
  id?: string | undefined;
  labels?: Labels | undefined;
}

export interface ImageDocker {
  name: string;
  /** @deprecated */
  credential?: Credential | undefined;
  config?: Secret | undefined;
}

export type ImageType =
  | "APPC"
  | "DOCKER";

export interface MountPropagation {
  mode?: MountPropagationMode | undefined;
}

export type MountPropagationMode =
  | "UNKNOWN"
  | "HOST_TO_CONTAINER"
  | "BIDIRECTIONAL";

export interface Volume {
  mode: VolumeMode;
  container_path: string;
  host_path?: string | undefined;
  image?: Image | undefined;
  source?: VolumeSource | undefined;
}

export interface VolumeSource {
  type?: VolumeSourceType | undefined;
  docker_volume?: VolumeSourceDockerVolume | undefined;
  host_path?: VolumeSourceHostPath | undefined;
  sandbox_path?: VolumeSourceSandboxPath | undefined;
  secret?: Secret | undefined;
  csi_volume?: VolumeSourceCSIVolume | undefined;
}

export interface VolumeSourceDockerVolume {
  driver?: string | undefined;
  name: string;
  driver_options?: Parameters | undefined;
}

export interface VolumeSourceHostPath {
  path: string;
  mount_propagation?: MountPropagation | undefined;
}

export interface VolumeSourceSandboxPath {
  type?: VolumeSourceSandboxPathType | undefined;
  path: string;
}

export type VolumeSourceSandboxPathType =
  | "UNKNOWN"
  | "SELF"
  | "PARENT";

export interface VolumeSourceCSIVolume {
  plugin_name: string;
  static_provisioning?: VolumeSourceCSIVolumeStaticProvisioning | undefined;
}

export interface VolumeSourceCSIVolumeVolumeCapability {
  /** One of: access_type. */
  block?: VolumeSourceCSIVolumeVolumeCapabilityBlockVolume | undefined;
  /** One of: access_type. */
  mount?: VolumeSourceCSIVolumeVolumeCapabilityMountVolume | undefined;
  access_mode: VolumeSourceCSIVolumeVolumeCapabilityAccessMode;
}

export type VolumeSourceCSIVolumeVolumeCapabilityBlockVolume = Record<string, never>;

export interface VolumeSourceCSIVolumeVolumeCapabilityMountVolume {
  fs_type?: string | undefined;
  mount_flags?: string[] | undefined;
}

export interface VolumeSourceCSIVolumeVolumeCapabilityAccessMode {
  mode: VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode;
}

export type VolumeSourceCSIVolumeVolumeCapabilityAccessModeMode =
  | "UNKNOWN"
  | "SINGLE_NODE_WRITER"
  | "SINGLE_NODE_READER_ONLY"
  | "MULTI_NODE_READER_ONLY"
  | "MULTI_NODE_SINGLE_WRITER"
  | "MULTI_NODE_MULTI_WRITER";

export interface VolumeSourceCSIVolumeStaticProvisioning {
  volume_id: string;
  volume_capability: VolumeSourceCSIVolumeVolumeCapability;
  node_stage_secrets?: Record<string, Secret> | undefined;
  node_publish_secrets?: Record<string, Secret> | undefined;
  volume_context?: Record<string, string> | undefined;
}

export type VolumeSourceType =
  | "UNKNOWN"
  | "DOCKER_VOLUME"
  | "HOST_PATH"
  | "SANDBOX_PATH"
  | "SECRET"
  | "CSI_VOLUME";

export type VolumeMode =
  | "RW"
  | "RO";

export interface NetworkInfo {
  ip_addresses?: NetworkInfoIPAddress[] | undefined;
  name?: string | undefined;
  groups?: string[] | undefined;
  labels?: Labels | undefined;
  port_mappings?: NetworkInfoPortMapping[] | undefined;
}

export interface NetworkInfoIPAddress {
  /** Default: IPv4. */
  protocol?: NetworkInfoProtocol | undefined;
  ip_address?: string | undefined;
}

export interface NetworkInfoPortMapping {
  host_port: number;
  container_port: number;
  protocol?: string | undefined;
}

export type NetworkInfoProtocol =
  | "IPv4"
  | "IPv6";

export interface CapabilityInfo {
  capabilities?: CapabilityInfoCapability[] | undefined;
}

export type CapabilityInfoCapability =
  | "UNKNOWN"
  | "CHOWN"
  | "DAC_OVERRIDE"
  | "DAC_READ_SEARCH"
  | "FOWNER"
  | "FSETID"
  | "KILL"
  | "SETGID"
  | "SETUID"
  | "SETPCAP"
  | "LINUX_IMMUTABLE"
  | "NET_BIND_SERVICE"
  | "NET_BROADCAST"
  | "NET_ADMIN"
  | "NET_RAW"
  | "IPC_LOCK"
  | "IPC_OWNER"
  | "SYS_MODULE"
  | "SYS_RAWIO"
  | "SYS_CHROOT"
  | "SYS_PTRACE"
  | "SYS_PACCT"
  | "SYS_ADMIN"
  | "SYS_BOOT"
  | "SYS_NICE"
  | "SYS_RESOURCE"
  | "SYS_TIME"
  | "SYS_TTY_CONFIG"
  | "MKNOD"
  | "LEASE"
  | "AUDIT_WRITE"
  | "AUDIT_CONTROL"
  | "SETFCAP"
  | "MAC_OVERRIDE"
  | "MAC_ADMIN"
  | "SYSLOG"
  | "WAKE_ALARM"
  | "BLOCK_SUSPEND"
  | "AUDIT_READ"
  | "PERFMON"
  | "BPF"
  | "CHECKPOINT_RESTORE";

export interface SeccompInfo {
  profile_name?: string | undefined;
  unconfined?: boolean | undefined;
}

export interface LinuxInfo {
  /** @deprecated */
  capability_info?: CapabilityInfo | undefined;
  bounding_capabilities?: CapabilityInfo | undefined;
  effective_capabilities?: CapabilityInfo | undefined;
  share_pid_namespace?: boolean | undefined;
  seccomp?: SeccompInfo | undefined;
  ipc_mode?: LinuxInfoIpcMode | undefined;
  shm_size?: number | undefined;
  /** Default: true. */
  share_cgroups?: boolean | undefined;
}

export type LinuxInfoIpcMode =
  | "UNKNOWN"
  | "PRIVATE"
  | "SHARE_PARENT";

export interface RLimitInfo {
  rlimits?: RLimitInfoRLimit[] | undefined;
}

export interface RLimitInfoRLimit {
  type?: RLimitInfoRLimitType | undefined;
  hard?: number | undefined;
  soft?: number | undefined;
}

export type RLimitInfoRLimitType =
  | "UNKNOWN"
  | "RLMT_AS"
  | "RLMT_CORE"
  | "RLMT_CPU"
  | "RLMT_DATA"
  | "RLMT_FSIZE"
  | "RLMT_LOCKS"
  | "RLMT_MEMLOCK"
  | "RLMT_MSGQUEUE"
  | "RLMT_NICE"
  | "RLMT_NOFILE"
  | "RLMT_NPROC"
  | "RLMT_RSS"
  | "RLMT_RTPRIO"
  | "RLMT_RTTIME"
  | "RLMT_SIGPENDING"
  | "RLMT_STACK";

export interface TTYInfo {
  window_size?: TTYInfoWindowSize | undefined;
}

export interface TTYInfoWindowSize {
  rows: number;
  columns: number;
}

export interface ContainerInfo {
  type: ContainerInfoType;
  volumes?: Volume[] | undefined;
  hostname?: string | undefined;
  docker?: ContainerInfoDockerInfo | undefined;
  mesos?: ContainerInfoMesosInfo | undefined;
  network_infos?: NetworkInfo[] | undefined;
  linux_info?: LinuxInfo | undefined;
  rlimit_info?: RLimitInfo | undefined;
  tty_info?: TTYInfo | undefined;
}

export interface ContainerInfoDockerInfo {
  image: string;
  /** Default: HOST. */
  network?: ContainerInfoDockerInfoNetwork | undefined;
  port_mappings?: ContainerInfoDockerInfoPortMapping[] | undefined;
  /** Default: false. */
  privileged?: boolean | undefined;
  parameters?: Parameter[] | undefined;
  force_pull_image?: boolean | undefined;
  /** @deprecated */
  volume_driver?: string | undefined;
}

export interface ContainerInfoDockerInfoPortMapping {
  host_port: number;
  container_port: number;
  protocol?: string | undefined;
}

export type ContainerInfoDockerInfoNetwork =
  | "HOST"
  | "BRIDGE"
  | "NONE"
  | "USER";

export interface ContainerInfoMesosInfo {
  image?: Image | undefined;
}

export type ContainerInfoType =
  | "DOCKER"
  | "MESOS";

export interface ContainerStatus {
  container_id?: ContainerID | undefined;
  network_infos?: NetworkInfo[] | undefined;
  cgroup_info?: CgroupInfo | undefined;
  executor_pid?: number | undefined;
}

export interface CgroupInfo {
  net_cls?: CgroupInfoNetCls | undefined;
}

export type CgroupInfoBlkio = Record<string, never>;

export interface CgroupInfoBlkioValue {
  op?: CgroupInfoBlkioOperation | undefined;
  value?: number | undefined;
}

export type CgroupInfoBlkioCFQ = Record<string, never>;

export interface CgroupInfoBlkioCFQStatistics {
  device?: DeviceNumber | undefined;
  sectors?: number | undefined;
  time?: number | undefined;
  io_serviced?: CgroupInfoBlkioValue[] | undefined;
  io_service_bytes?: CgroupInfoBlkioValue[] | undefined;
  io_service_time?: CgroupInfoBlkioValue[] | undefined;
  io_wait_time?: CgroupInfoBlkioValue[] | undefined;
  io_merged?: CgroupInfoBlkioValue[] | undefined;
  io_queued?: CgroupInfoBlkioValue[] | undefined;
}

export type CgroupInfoBlkioThrottling = Record<string, never>;

export interface CgroupInfoBlkioThrottlingStatistics {
  device?: DeviceNumber | undefined;
  io_serviced?: CgroupInfoBlkioValue[] | undefined;
  io_service_bytes?: CgroupInfoBlkioValue[] | undefined;
}

export interface CgroupInfoBlkioStatistics {
  cfq?: CgroupInfoBlkioCFQStatistics[] | undefined;
  cfq_recursive?: CgroupInfoBlkioCFQStatistics[] | undefined;
  throttling?: CgroupInfoBlkioThrottlingStatistics[] | undefined;
}

export type CgroupInfoBlkioOperation =
  | "UNKNOWN"
  | "TOTAL"
  | "READ"
  | "WRITE"
  | "SYNC"
  | "ASYNC"
  | "DISCARD";

export interface CgroupInfoNetCls {
  classid?: number | undefined;
}

export interface Labels {
  labels?: Label[] | undefined;
}

export interface Label {
  key: string;
  value?: string | undefined;
}

export interface Port {
  number: number;
  name?: string | undefined;
  protocol?: string | undefined;
  visibility?: DiscoveryInfoVisibility | undefined;
  labels?: Labels | undefined;
}

export interface Ports {
  ports?: Port[] | undefined;
}

export interface DiscoveryInfo {
  visibility: DiscoveryInfoVisibility;
  name?: string | undefined;
  environment?: string | undefined;
  location?: string | undefined;
  version?: string | undefined;
  ports?: Ports | undefined;
  labels?: Labels | undefined;
}

export type DiscoveryInfoVisibility =
  | "FRAMEWORK"
  | "CLUSTER"
  | "EXTERNAL";

export interface WeightInfo {
  weight: number;
  role?: string | undefined;
}

export interface VersionInfo {
  version: string;
  build_date?: string | undefined;
  build_time?: number | undefined;
  build_user?: string | undefined;
  git_sha?: string | undefined;
  git_branch?: string | undefined;
  git_tag?: string | undefined;
}

export interface Flag {
  name: string;
  value?: string | undefined;
}

export interface Role {
  name: string;
  weight: number;
  frameworks?: FrameworkID[] | undefined;
  resources?: Resource[] | undefined;
}

export interface Metric {
  name: string;
  value?: number | undefined;
}

export interface FileInfo {
  path: string;
  nlink?: number | undefined;
  size?: number | undefined;
  mtime?: TimeInfo | undefined;
  mode?: number | undefined;
  uid?: string | undefined;
  gid?: string | undefined;
}

export interface Device {
  path?: string | undefined;
  number?: DeviceNumber | undefined;
}

export interface DeviceNumber {
  major_number: number;
  minor_number: number;
}

export interface DeviceAccess {
  device: Device;
  access: DeviceAccessAccess;
}

export interface DeviceAccessAccess {
  read?: boolean | undefined;
  write?: boolean | undefined;
  mknod?: boolean | undefined;
}

export interface DeviceWhitelist {
  allowed_devices?: DeviceAccess[] | undefined;
}

export interface DrainConfig {
  max_grace_period?: DurationInfo | undefined;
  /** Default: false. */
  mark_gone?: boolean | undefined;
}

export interface DrainInfo {
  state: DrainState;
  config: DrainConfig;
}

export type Status =
  | "DRIVER_NOT_STARTED"
  | "DRIVER_RUNNING"
  | "DRIVER_ABORTED"
  | "DRIVER_STOPPED";

export type TaskState =
  | "TASK_STAGING"
  | "TASK_STARTING"
  | "TASK_RUNNING"
  | "TASK_KILLING"
  | "TASK_FINISHED"
  | "TASK_FAILED"
  | "TASK_KILLED"
  | "TASK_ERROR"
  | "TASK_LOST"
  | "TASK_DROPPED"
  | "TASK_UNREACHABLE"
  | "TASK_GONE"
  | "TASK_GONE_BY_OPERATOR"
  | "TASK_UNKNOWN";

export type OperationState =
  | "OPERATION_UNSUPPORTED"
  | "OPERATION_PENDING"
  | "OPERATION_FINISHED"
  | "OPERATION_FAILED"
  | "OPERATION_ERROR"
  | "OPERATION_DROPPED"
  | "OPERATION_UNREACHABLE"
  | "OPERATION_GONE_BY_OPERATOR"
  | "OPERATION_RECOVERING"
  | "OPERATION_UNKNOWN";

export type DrainState =
  | "UNKNOWN"
  | "DRAINING"
  | "DRAINED";
