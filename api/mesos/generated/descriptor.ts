// Written by tools/generate.ts from api/mesos/wire.tsv. Change the table, then run `npm run generate`.

/** One line a message or enum; `api/mesos/codec/schema.ts` reads it. */
export const descriptor = `
message mesos.v1.FrameworkID value:1!string
message mesos.v1.OfferID value:1!string
message mesos.v1.AgentID value:1!string
message mesos.v1.TaskID value:1!string
message mesos.v1.ExecutorID value:1!string
message mesos.v1.ContainerID value:1!string parent:2?mesos.v1.ContainerID
message mesos.v1.ResourceProviderID value:1!string
message mesos.v1.OperationID value:1!string
message mesos.v1.TimeInfo nanoseconds:1!int64
message mesos.v1.DurationInfo nanoseconds:1!int64
message mesos.v1.Address hostname:1?string ip:2?string port:3!int32
message mesos.v1.URL scheme:1!string address:2!mesos.v1.Address path:3?string query:4*mesos.v1.Parameter fragment:5?string
message mesos.v1.Unavailability start:1!mesos.v1.TimeInfo duration:2?mesos.v1.DurationInfo
message mesos.v1.MachineID hostname:1?string ip:2?string
message mesos.v1.MachineInfo id:1!mesos.v1.MachineID mode:2?enum/mesos.v1.MachineInfo.Mode unavailability:3?mesos.v1.Unavailability
enum mesos.v1.MachineInfo.Mode UP=1 DRAINING=2 DOWN=3
message mesos.v1.FrameworkInfo user:1!string name:2!string id:3?mesos.v1.FrameworkID failover_timeout:4?double=0 checkpoint:5?bool=false role:6?string=*~ roles:12*string hostname:7?string principal:8?string webui_url:9?string capabilities:10*mesos.v1.FrameworkInfo.Capability labels:11?mesos.v1.Labels offer_filters:13*map<string,mesos.v1.OfferFilters>
message mesos.v1.FrameworkInfo.Capability type:1?enum/mesos.v1.FrameworkInfo.Capability.Type
enum mesos.v1.FrameworkInfo.Capability.Type UNKNOWN=0 REVOCABLE_RESOURCES=1 TASK_KILLING_STATE=2 GPU_RESOURCES=3 SHARED_RESOURCES=4 PARTITION_AWARE=5 MULTI_ROLE=6 RESERVATION_REFINEMENT=7 REGION_AWARE=8 PROBES=7001
message mesos.v1.CheckInfo type:1?enum/mesos.v1.CheckInfo.Type command:2?mesos.v1.CheckInfo.Command http:3?mesos.v1.CheckInfo.Http tcp:7?mesos.v1.CheckInfo.Tcp delay_seconds:4?double=15 interval_seconds:5?double=10 timeout_seconds:6?double=20
message mesos.v1.CheckInfo.Command command:1!mesos.v1.CommandInfo
message mesos.v1.CheckInfo.Http port:1!uint32 path:2?string
message mesos.v1.CheckInfo.Tcp port:1!uint32
enum mesos.v1.CheckInfo.Type UNKNOWN=0 COMMAND=1 HTTP=2 TCP=3
message mesos.v1.HealthCheck delay_seconds:2?double=15 interval_seconds:3?double=10 timeout_seconds:4?double=20 consecutive_failures:5?uint32=3 grace_period_seconds:6?double=10 type:8?enum/mesos.v1.HealthCheck.Type command:7?mesos.v1.CommandInfo http:1?mesos.v1.HealthCheck.HTTPCheckInfo tcp:9?mesos.v1.HealthCheck.TCPCheckInfo
message mesos.v1.HealthCheck.HTTPCheckInfo protocol:5?enum/mesos.v1.NetworkInfo.Protocol=IPv4 scheme:3?string port:1!uint32 path:2?string statuses:4*uint32
message mesos.v1.HealthCheck.TCPCheckInfo protocol:2?enum/mesos.v1.NetworkInfo.Protocol=IPv4 port:1!uint32
enum mesos.v1.HealthCheck.Type UNKNOWN=0 COMMAND=1 HTTP=2 TCP=3
message mesos.v1.KillPolicy grace_period:1?mesos.v1.DurationInfo
message mesos.v1.CommandInfo uris:1*mesos.v1.CommandInfo.URI environment:2?mesos.v1.Environment shell:6?bool=true value:3?string arguments:7*string user:5?string
message mesos.v1.CommandInfo.URI value:1!string executable:2?bool extract:3?bool=true cache:4?bool output_file:5?string
message mesos.v1.ExecutorInfo type:15?enum/mesos.v1.ExecutorInfo.Type executor_id:1!mesos.v1.ExecutorID framework_id:8?mesos.v1.FrameworkID command:7?mesos.v1.CommandInfo container:11?mesos.v1.ContainerInfo resources:5*mesos.v1.Resource name:9?string source:10?string~ data:4?bytes discovery:12?mesos.v1.DiscoveryInfo shutdown_grace_period:13?mesos.v1.DurationInfo labels:14?mesos.v1.Labels
enum mesos.v1.ExecutorInfo.Type UNKNOWN=0 DEFAULT=1 CUSTOM=2
message mesos.v1.DomainInfo fault_domain:1?mesos.v1.DomainInfo.FaultDomain
message mesos.v1.DomainInfo.FaultDomain region:1!mesos.v1.DomainInfo.FaultDomain.RegionInfo zone:2!mesos.v1.DomainInfo.FaultDomain.ZoneInfo
message mesos.v1.DomainInfo.FaultDomain.RegionInfo name:1!string
message mesos.v1.DomainInfo.FaultDomain.ZoneInfo name:1!string
message mesos.v1.MasterInfo id:1!string ip:2!uint32 port:3!uint32=5050 pid:4?string hostname:5?string version:6?string address:7?mesos.v1.Address domain:8?mesos.v1.DomainInfo capabilities:9*mesos.v1.MasterInfo.Capability
message mesos.v1.MasterInfo.Capability type:1?enum/mesos.v1.MasterInfo.Capability.Type
enum mesos.v1.MasterInfo.Capability.Type UNKNOWN=0 AGENT_UPDATE=1 AGENT_DRAINING=2 QUOTA_V2=3
message mesos.v1.AgentInfo hostname:1!string port:8?int32=5051 resources:3*mesos.v1.Resource attributes:5*mesos.v1.Attribute id:6?mesos.v1.AgentID checkpoint:7?bool domain:10?mesos.v1.DomainInfo
message mesos.v1.AgentInfo.Capability type:1?enum/mesos.v1.AgentInfo.Capability.Type
enum mesos.v1.AgentInfo.Capability.Type UNKNOWN=0 MULTI_ROLE=1 HIERARCHICAL_ROLE=2 RESERVATION_REFINEMENT=3 RESOURCE_PROVIDER=4 RESIZE_VOLUME=5 AGENT_OPERATION_FEEDBACK=6 AGENT_DRAINING=7 TASK_RESOURCE_LIMITS=8
message mesos.v1.CSIPluginContainerInfo services:1*enum/mesos.v1.CSIPluginContainerInfo.Service command:2?mesos.v1.CommandInfo resources:3*mesos.v1.Resource container:4?mesos.v1.ContainerInfo
enum mesos.v1.CSIPluginContainerInfo.Service UNKNOWN=0 CONTROLLER_SERVICE=1 NODE_SERVICE=2
message mesos.v1.CSIPluginEndpoint csi_service:1!enum/mesos.v1.CSIPluginContainerInfo.Service endpoint:2!string
message mesos.v1.CSIPluginInfo type:1!string name:2?string=default containers:3*mesos.v1.CSIPluginContainerInfo endpoints:4*mesos.v1.CSIPluginEndpoint target_path_root:5?string target_path_exists:6?bool
message mesos.v1.ResourceProviderInfo id:1?mesos.v1.ResourceProviderID attributes:2*mesos.v1.Attribute type:3!string name:4!string default_reservations:5*mesos.v1.Resource.ReservationInfo storage:6?mesos.v1.ResourceProviderInfo.Storage
message mesos.v1.ResourceProviderInfo.Storage plugin:1!mesos.v1.CSIPluginInfo reconciliation_interval_seconds:2?double
message mesos.v1.Value type:1!enum/mesos.v1.Value.Type scalar:2?mesos.v1.Value.Scalar ranges:3?mesos.v1.Value.Ranges set:4?mesos.v1.Value.Set text:5?mesos.v1.Value.Text
message mesos.v1.Value.Scalar value:1!double
message mesos.v1.Value.Range begin:1!uint64 end:2!uint64
message mesos.v1.Value.Ranges range:1*mesos.v1.Value.Range
message mesos.v1.Value.Set item:1*string
message mesos.v1.Value.Text value:1!string
enum mesos.v1.Value.Type SCALAR=0 RANGES=1 SET=2 TEXT=3
message mesos.v1.Attribute name:1!string type:2!enum/mesos.v1.Value.Type scalar:3?mesos.v1.Value.Scalar ranges:4?mesos.v1.Value.Ranges set:6?mesos.v1.Value.Set text:5?mesos.v1.Value.Text
message mesos.v1.Resource provider_id:12?mesos.v1.ResourceProviderID name:1!string type:2!enum/mesos.v1.Value.Type scalar:3?mesos.v1.Value.Scalar ranges:4?mesos.v1.Value.Ranges set:5?mesos.v1.Value.Set role:6?string=*~ allocation_info:11?mesos.v1.Resource.AllocationInfo reservation:8?mesos.v1.Resource.ReservationInfo reservations:13*mesos.v1.Resource.ReservationInfo disk:7?mesos.v1.Resource.DiskInfo revocable:9?mesos.v1.Resource.RevocableInfo shared:10?mesos.v1.Resource.SharedInfo
message mesos.v1.Resource.AllocationInfo role:1?string
message mesos.v1.Resource.ReservationInfo type:4?enum/mesos.v1.Resource.ReservationInfo.Type role:3?string principal:1?string labels:2?mesos.v1.Labels
enum mesos.v1.Resource.ReservationInfo.Type UNKNOWN=0 STATIC=1 DYNAMIC=2
message mesos.v1.Resource.DiskInfo persistence:1?mesos.v1.Resource.DiskInfo.Persistence volume:2?mesos.v1.Volume source:3?mesos.v1.Resource.DiskInfo.Source
message mesos.v1.Resource.DiskInfo.Persistence id:1!string principal:2?string
message mesos.v1.Resource.DiskInfo.Source type:1!enum/mesos.v1.Resource.DiskInfo.Source.Type path:2?mesos.v1.Resource.DiskInfo.Source.Path mount:3?mesos.v1.Resource.DiskInfo.Source.Mount vendor:7?string id:4?string metadata:5?mesos.v1.Labels profile:6?string
message mesos.v1.Resource.DiskInfo.Source.Path root:1?string
message mesos.v1.Resource.DiskInfo.Source.Mount root:1?string
enum mesos.v1.Resource.DiskInfo.Source.Type UNKNOWN=0 PATH=1 MOUNT=2 BLOCK=3 RAW=4
message mesos.v1.Resource.RevocableInfo
message mesos.v1.Resource.SharedInfo
message mesos.v1.TrafficControlStatistics id:1!string backlog:2?uint64 bytes:3?uint64 drops:4?uint64 overlimits:5?uint64 packets:6?uint64 qlen:7?uint64 ratebps:8?uint64 ratepps:9?uint64 requeues:10?uint64
message mesos.v1.IpStatistics Forwarding:1?int64 DefaultTTL:2?int64 InReceives:3?int64 InHdrErrors:4?int64 InAddrErrors:5?int64 ForwDatagrams:6?int64 InUnknownProtos:7?int64 InDiscards:8?int64 InDelivers:9?int64 OutRequests:10?int64 OutDiscards:11?int64 OutNoRoutes:12?int64 ReasmTimeout:13?int64 ReasmReqds:14?int64 ReasmOKs:15?int64 ReasmFails:16?int64 FragOKs:17?int64 FragFails:18?int64 FragCreates:19?int64
message mesos.v1.IcmpStatistics InMsgs:1?int64 InErrors:2?int64 InCsumErrors:3?int64 InDestUnreachs:4?int64 InTimeExcds:5?int64 InParmProbs:6?int64 InSrcQuenchs:7?int64 InRedirects:8?int64 InEchos:9?int64 InEchoReps:10?int64 InTimestamps:11?int64 InTimestampReps:12?int64 InAddrMasks:13?int64 InAddrMaskReps:14?int64 OutMsgs:15?int64 OutErrors:16?int64 OutDestUnreachs:17?int64 OutTimeExcds:18?int64 OutParmProbs:19?int64 OutSrcQuenchs:20?int64 OutRedirects:21?int64 OutEchos:22?int64 OutEchoReps:23?int64 OutTimestamps:24?int64 OutTimestampReps:25?int64 OutAddrMasks:26?int64 OutAddrMaskReps:27?int64
message mesos.v1.TcpStatistics RtoAlgorithm:1?int64 RtoMin:2?int64 RtoMax:3?int64 MaxConn:4?int64 ActiveOpens:5?int64 PassiveOpens:6?int64 AttemptFails:7?int64 EstabResets:8?int64 CurrEstab:9?int64 InSegs:10?int64 OutSegs:11?int64 RetransSegs:12?int64 InErrs:13?int64 OutRsts:14?int64 InCsumErrors:15?int64
message mesos.v1.UdpStatistics InDatagrams:1?int64 NoPorts:2?int64 InErrors:3?int64 OutDatagrams:4?int64 RcvbufErrors:5?int64 SndbufErrors:6?int64 InCsumErrors:7?int64 IgnoredMulti:8?int64
message mesos.v1.SNMPStatistics ip_stats:1?mesos.v1.IpStatistics icmp_stats:2?mesos.v1.IcmpStatistics tcp_stats:3?mesos.v1.TcpStatistics udp_stats:4?mesos.v1.UdpStatistics
message mesos.v1.DiskStatistics source:1?mesos.v1.Resource.DiskInfo.Source persistence:2?mesos.v1.Resource.DiskInfo.Persistence limit_bytes:3?uint64 used_bytes:4?uint64
message mesos.v1.ResourceStatistics timestamp:1!double processes:30?uint32 threads:31?uint32 cpus_user_time_secs:2?double cpus_system_time_secs:3?double cpus_limit:4?double cpus_soft_limit:45?double cpus_nr_periods:7?uint32 cpus_nr_throttled:8?uint32 cpus_throttled_time_secs:9?double mem_total_bytes:36?uint64 mem_total_memsw_bytes:37?uint64 mem_kmem_usage_bytes:52?uint64 mem_kmem_tcp_usage_bytes:53?uint64 mem_limit_bytes:6?uint64 mem_soft_limit_bytes:38?uint64 mem_file_bytes:10?uint64 mem_anon_bytes:11?uint64 mem_cache_bytes:39?uint64 mem_rss_bytes:5?uint64 mem_mapped_file_bytes:12?uint64 mem_swap_bytes:40?uint64 mem_unevictable_bytes:41?uint64 mem_low_pressure_counter:32?uint64 mem_medium_pressure_counter:33?uint64 mem_critical_pressure_counter:34?uint64 disk_limit_bytes:26?uint64 disk_used_bytes:27?uint64 disk_statistics:43*mesos.v1.DiskStatistics blkio_statistics:44?mesos.v1.CgroupInfo.Blkio.Statistics perf:13?mesos.v1.PerfStatistics net_rx_packets:14?uint64 net_rx_bytes:15?uint64 net_rx_errors:16?uint64 net_rx_dropped:17?uint64 net_tx_packets:18?uint64 net_tx_bytes:19?uint64 net_tx_errors:20?uint64 net_tx_dropped:21?uint64 net_tx_rate_limit:46?uint64 net_tx_burst_rate_limit:47?uint64 net_tx_burst_size:48?uint64 net_rx_rate_limit:49?uint64 net_rx_burst_rate_limit:50?uint64 net_rx_burst_size:51?uint64 net_rate_statistics:54?mesos.v1.ResourceStatistics.RateStatistics net_ephemeral_ports:55?mesos.v1.Value.Range net_tcp_rtt_microsecs_p50:22?double net_tcp_rtt_microsecs_p90:23?double net_tcp_rtt_microsecs_p95:24?double net_tcp_rtt_microsecs_p99:25?double net_tcp_active_connections:28?double net_tcp_time_wait_connections:29?double net_traffic_control_statistics:35*mesos.v1.TrafficControlStatistics net_snmp_statistics:42?mesos.v1.SNMPStatistics
message mesos.v1.ResourceStatistics.RatePercentiles min:1?uint64 max:2?uint64 p50:3?uint64 p90:4?uint64 p95:5?uint64 p99:6?uint64 p999:7?uint64 p9999:8?uint64 samples:9?uint64
message mesos.v1.ResourceStatistics.RateStatistics rx_rate:1?mesos.v1.ResourceStatistics.RatePercentiles rx_packet_rate:2?mesos.v1.ResourceStatistics.RatePercentiles rx_drop_rate:3?mesos.v1.ResourceStatistics.RatePercentiles rx_error_rate:4?mesos.v1.ResourceStatistics.RatePercentiles tx_rate:5?mesos.v1.ResourceStatistics.RatePercentiles tx_packet_rate:6?mesos.v1.ResourceStatistics.RatePercentiles tx_drop_rate:7?mesos.v1.ResourceStatistics.RatePercentiles tx_error_rate:8?mesos.v1.ResourceStatistics.RatePercentiles sampling_window_secs:9?double sampling_interval_secs:10?double
message mesos.v1.ResourceUsage executors:1*mesos.v1.ResourceUsage.Executor total:2*mesos.v1.Resource
message mesos.v1.ResourceUsage.Executor executor_info:1!mesos.v1.ExecutorInfo allocated:2*mesos.v1.Resource statistics:3?mesos.v1.ResourceStatistics container_id:4!mesos.v1.ContainerID tasks:5*mesos.v1.ResourceUsage.Executor.Task
message mesos.v1.ResourceUsage.Executor.Task name:1!string id:2!mesos.v1.TaskID resources:3*mesos.v1.Resource labels:4?mesos.v1.Labels
message mesos.v1.PerfStatistics timestamp:1!double duration:2!double cycles:3?uint64 stalled_cycles_frontend:4?uint64 stalled_cycles_backend:5?uint64 instructions:6?uint64 cache_references:7?uint64 cache_misses:8?uint64 branches:9?uint64 branch_misses:10?uint64 bus_cycles:11?uint64 ref_cycles:12?uint64 cpu_clock:13?double task_clock:14?double page_faults:15?uint64 minor_faults:16?uint64 major_faults:17?uint64 context_switches:18?uint64 cpu_migrations:19?uint64 alignment_faults:20?uint64 emulation_faults:21?uint64 l1_dcache_loads:22?uint64 l1_dcache_load_misses:23?uint64 l1_dcache_stores:24?uint64 l1_dcache_store_misses:25?uint64 l1_dcache_prefetches:26?uint64 l1_dcache_prefetch_misses:27?uint64 l1_icache_loads:28?uint64 l1_icache_load_misses:29?uint64 l1_icache_prefetches:30?uint64 l1_icache_prefetch_misses:31?uint64 llc_loads:32?uint64 llc_load_misses:33?uint64 llc_stores:34?uint64 llc_store_misses:35?uint64 llc_prefetches:36?uint64 llc_prefetch_misses:37?uint64 dtlb_loads:38?uint64 dtlb_load_misses:39?uint64 dtlb_stores:40?uint64 dtlb_store_misses:41?uint64 dtlb_prefetches:42?uint64 dtlb_prefetch_misses:43?uint64 itlb_loads:44?uint64 itlb_load_misses:45?uint64 branch_loads:46?uint64 branch_load_misses:47?uint64 node_loads:48?uint64 node_load_misses:49?uint64 node_stores:50?uint64 node_store_misses:51?uint64 node_prefetches:52?uint64 node_prefetch_misses:53?uint64
message mesos.v1.OfferFilters min_allocatable_resources:1?mesos.v1.OfferFilters.MinAllocatableResources
message mesos.v1.OfferFilters.ResourceQuantities quantities:1*map<string,mesos.v1.Value.Scalar>
message mesos.v1.OfferFilters.MinAllocatableResources quantities:1*mesos.v1.OfferFilters.ResourceQuantities
message mesos.v1.Request agent_id:1?mesos.v1.AgentID resources:2*mesos.v1.Resource
message mesos.v1.Offer id:1!mesos.v1.OfferID framework_id:2!mesos.v1.FrameworkID agent_id:3!mesos.v1.AgentID hostname:4!string url:8?mesos.v1.URL domain:11?mesos.v1.DomainInfo resources:5*mesos.v1.Resource attributes:7*mesos.v1.Attribute executor_ids:6*mesos.v1.ExecutorID unavailability:9?mesos.v1.Unavailability allocation_info:10?mesos.v1.Resource.AllocationInfo
message mesos.v1.Offer.Operation type:1?enum/mesos.v1.Offer.Operation.Type id:12?mesos.v1.OperationID launch:2?mesos.v1.Offer.Operation.Launch launch_group:7?mesos.v1.Offer.Operation.LaunchGroup reserve:3?mesos.v1.Offer.Operation.Reserve unreserve:4?mesos.v1.Offer.Operation.Unreserve create:5?mesos.v1.Offer.Operation.Create destroy:6?mesos.v1.Offer.Operation.Destroy grow_volume:13?mesos.v1.Offer.Operation.GrowVolume shrink_volume:14?mesos.v1.Offer.Operation.ShrinkVolume create_disk:15?mesos.v1.Offer.Operation.CreateDisk destroy_disk:16?mesos.v1.Offer.Operation.DestroyDisk
message mesos.v1.Offer.Operation.Launch task_infos:1*mesos.v1.TaskInfo
message mesos.v1.Offer.Operation.LaunchGroup executor:1!mesos.v1.ExecutorInfo task_group:2!mesos.v1.TaskGroupInfo
message mesos.v1.Offer.Operation.Reserve source:2*mesos.v1.Resource resources:1*mesos.v1.Resource
message mesos.v1.Offer.Operation.Unreserve resources:1*mesos.v1.Resource
message mesos.v1.Offer.Operation.Create volumes:1*mesos.v1.Resource
message mesos.v1.Offer.Operation.Destroy volumes:1*mesos.v1.Resource
message mesos.v1.Offer.Operation.GrowVolume volume:1!mesos.v1.Resource addition:2!mesos.v1.Resource
message mesos.v1.Offer.Operation.ShrinkVolume volume:1!mesos.v1.Resource subtract:2!mesos.v1.Value.Scalar
message mesos.v1.Offer.Operation.CreateDisk source:1!mesos.v1.Resource target_type:2!enum/mesos.v1.Resource.DiskInfo.Source.Type target_profile:3?string
message mesos.v1.Offer.Operation.DestroyDisk source:1!mesos.v1.Resource
enum mesos.v1.Offer.Operation.Type UNKNOWN=0 LAUNCH=1 LAUNCH_GROUP=6 RESERVE=2 UNRESERVE=3 CREATE=4 DESTROY=5 GROW_VOLUME=11 SHRINK_VOLUME=12 CREATE_DISK=13 DESTROY_DISK=14
message mesos.v1.InverseOffer id:1!mesos.v1.OfferID url:2?mesos.v1.URL framework_id:3!mesos.v1.FrameworkID agent_id:4?mesos.v1.AgentID unavailability:5!mesos.v1.Unavailability resources:6*mesos.v1.Resource
message mesos.v1.TaskInfo name:1!string task_id:2!mesos.v1.TaskID agent_id:3!mesos.v1.AgentID resources:4*mesos.v1.Resource executor:5?mesos.v1.ExecutorInfo command:7?mesos.v1.CommandInfo container:9?mesos.v1.ContainerInfo health_check:8?mesos.v1.HealthCheck check:13?mesos.v1.CheckInfo kill_policy:12?mesos.v1.KillPolicy data:6?bytes labels:10?mesos.v1.Labels discovery:11?mesos.v1.DiscoveryInfo max_completion_time:14?mesos.v1.DurationInfo limits:15*map<string,mesos.v1.Value.Scalar> probes:7001*meseta.probe.Probe
message mesos.v1.TaskGroupInfo tasks:1*mesos.v1.TaskInfo
message mesos.v1.Task name:1!string task_id:2!mesos.v1.TaskID framework_id:3!mesos.v1.FrameworkID executor_id:4?mesos.v1.ExecutorID agent_id:5!mesos.v1.AgentID state:6!enum/mesos.v1.TaskState resources:7*mesos.v1.Resource statuses:8*mesos.v1.TaskStatus status_update_state:9?enum/mesos.v1.TaskState status_update_uuid:10?bytes labels:11?mesos.v1.Labels discovery:12?mesos.v1.DiscoveryInfo container:13?mesos.v1.ContainerInfo health_check:15?mesos.v1.HealthCheck kill_policy:16?mesos.v1.KillPolicy user:14?string limits:17*map<string,mesos.v1.Value.Scalar>
message mesos.v1.TaskResourceLimitation resources:1*mesos.v1.Resource
message mesos.v1.UUID value:1!bytes
message mesos.v1.Operation framework_id:1?mesos.v1.FrameworkID agent_id:2?mesos.v1.AgentID info:3!mesos.v1.Offer.Operation latest_status:4!mesos.v1.OperationStatus statuses:5*mesos.v1.OperationStatus uuid:6!mesos.v1.UUID
message mesos.v1.OperationStatus operation_id:1?mesos.v1.OperationID state:2!enum/mesos.v1.OperationState message:3?string converted_resources:4*mesos.v1.Resource uuid:5?mesos.v1.UUID agent_id:6?mesos.v1.AgentID resource_provider_id:7?mesos.v1.ResourceProviderID
message mesos.v1.CheckStatusInfo type:1?enum/mesos.v1.CheckInfo.Type command:2?mesos.v1.CheckStatusInfo.Command http:3?mesos.v1.CheckStatusInfo.Http tcp:4?mesos.v1.CheckStatusInfo.Tcp
message mesos.v1.CheckStatusInfo.Command exit_code:1?int32
message mesos.v1.CheckStatusInfo.Http status_code:1?uint32
message mesos.v1.CheckStatusInfo.Tcp succeeded:1?bool
message mesos.v1.TaskStatus task_id:1!mesos.v1.TaskID state:2!enum/mesos.v1.TaskState message:4?string source:9?enum/mesos.v1.TaskStatus.Source reason:10?enum/mesos.v1.TaskStatus.Reason data:3?bytes agent_id:5?mesos.v1.AgentID executor_id:7?mesos.v1.ExecutorID timestamp:6?double uuid:11?bytes healthy:8?bool check_status:15?mesos.v1.CheckStatusInfo labels:12?mesos.v1.Labels container_status:13?mesos.v1.ContainerStatus unreachable_time:14?mesos.v1.TimeInfo limitation:16?mesos.v1.TaskResourceLimitation
enum mesos.v1.TaskStatus.Source SOURCE_MASTER=0 SOURCE_AGENT=1 SOURCE_EXECUTOR=2
enum mesos.v1.TaskStatus.Reason REASON_COMMAND_EXECUTOR_FAILED=0 REASON_CONTAINER_LAUNCH_FAILED=21 REASON_CONTAINER_LIMITATION=19 REASON_CONTAINER_LIMITATION_DISK=20 REASON_CONTAINER_LIMITATION_MEMORY=8 REASON_CONTAINER_PREEMPTED=17 REASON_CONTAINER_UPDATE_FAILED=22 REASON_MAX_COMPLETION_TIME_REACHED=33 REASON_EXECUTOR_REGISTRATION_TIMEOUT=23 REASON_EXECUTOR_REREGISTRATION_TIMEOUT=24 REASON_EXECUTOR_TERMINATED=1 REASON_EXECUTOR_UNREGISTERED=2 REASON_FRAMEWORK_REMOVED=3 REASON_GC_ERROR=4 REASON_INVALID_FRAMEWORKID=5 REASON_INVALID_OFFERS=6 REASON_IO_SWITCHBOARD_EXITED=27 REASON_MASTER_DISCONNECTED=7 REASON_RECONCILIATION=9 REASON_RESOURCES_UNKNOWN=18 REASON_AGENT_DISCONNECTED=10 REASON_AGENT_DRAINING=34 REASON_AGENT_REMOVED=11 REASON_AGENT_REMOVED_BY_OPERATOR=31 REASON_AGENT_REREGISTERED=32 REASON_AGENT_RESTARTED=12 REASON_AGENT_UNKNOWN=13 REASON_TASK_KILLED_DURING_LAUNCH=30 REASON_TASK_CHECK_STATUS_UPDATED=28 REASON_TASK_HEALTH_CHECK_STATUS_UPDATED=29 REASON_TASK_GROUP_INVALID=25 REASON_TASK_GROUP_UNAUTHORIZED=26 REASON_TASK_INVALID=14 REASON_TASK_UNAUTHORIZED=15 REASON_TASK_UNKNOWN=16
message mesos.v1.Filters refuse_seconds:1?double=5
message mesos.v1.Environment variables:1*mesos.v1.Environment.Variable
message mesos.v1.Environment.Variable name:1!string type:3?enum/mesos.v1.Environment.Variable.Type=VALUE value:2?string secret:4?mesos.v1.Secret
enum mesos.v1.Environment.Variable.Type UNKNOWN=0 VALUE=1 SECRET=2
message mesos.v1.Parameter key:1!string value:2!string
message mesos.v1.Parameters parameter:1*mesos.v1.Parameter
message mesos.v1.Credential principal:1!string secret:2?string
message mesos.v1.Credentials credentials:1*mesos.v1.Credential
message mesos.v1.Secret type:1?enum/mesos.v1.Secret.Type reference:2?mesos.v1.Secret.Reference value:3?mesos.v1.Secret.Value
message mesos.v1.Secret.Reference name:1!string key:2?string
message mesos.v1.Secret.Value data:1!bytes
enum mesos.v1.Secret.Type UNKNOWN=0 REFERENCE=1 VALUE=2
message mesos.v1.RateLimit qps:1?double principal:2!string capacity:3?uint64
message mesos.v1.RateLimits limits:1*mesos.v1.RateLimit aggregate_default_qps:2?double aggregate_default_capacity:3?uint64
message mesos.v1.Image type:1!enum/mesos.v1.Image.Type appc:2?mesos.v1.Image.Appc docker:3?mesos.v1.Image.Docker cached:4?bool=true
message mesos.v1.Image.Appc name:1!string id:2?string labels:3?mesos.v1.Labels
message mesos.v1.Image.Docker name:1!string credential:2?mesos.v1.Credential~ config:3?mesos.v1.Secret
enum mesos.v1.Image.Type APPC=1 DOCKER=2
message mesos.v1.MountPropagation mode:1?enum/mesos.v1.MountPropagation.Mode
enum mesos.v1.MountPropagation.Mode UNKNOWN=0 HOST_TO_CONTAINER=1 BIDIRECTIONAL=2
message mesos.v1.Volume mode:3!enum/mesos.v1.Volume.Mode container_path:1!string host_path:2?string image:4?mesos.v1.Image source:5?mesos.v1.Volume.Source
message mesos.v1.Volume.Source type:1?enum/mesos.v1.Volume.Source.Type docker_volume:2?mesos.v1.Volume.Source.DockerVolume host_path:5?mesos.v1.Volume.Source.HostPath sandbox_path:3?mesos.v1.Volume.Source.SandboxPath secret:4?mesos.v1.Secret csi_volume:6?mesos.v1.Volume.Source.CSIVolume
message mesos.v1.Volume.Source.DockerVolume driver:1?string name:2!string driver_options:3?mesos.v1.Parameters
message mesos.v1.Volume.Source.HostPath path:1!string mount_propagation:2?mesos.v1.MountPropagation
message mesos.v1.Volume.Source.SandboxPath type:1?enum/mesos.v1.Volume.Source.SandboxPath.Type path:2!string
enum mesos.v1.Volume.Source.SandboxPath.Type UNKNOWN=0 SELF=1 PARENT=2
message mesos.v1.Volume.Source.CSIVolume plugin_name:1!string static_provisioning:2?mesos.v1.Volume.Source.CSIVolume.StaticProvisioning
message mesos.v1.Volume.Source.CSIVolume.VolumeCapability block:1?mesos.v1.Volume.Source.CSIVolume.VolumeCapability.BlockVolume@access_type mount:2?mesos.v1.Volume.Source.CSIVolume.VolumeCapability.MountVolume@access_type access_mode:3!mesos.v1.Volume.Source.CSIVolume.VolumeCapability.AccessMode
message mesos.v1.Volume.Source.CSIVolume.VolumeCapability.BlockVolume
message mesos.v1.Volume.Source.CSIVolume.VolumeCapability.MountVolume fs_type:1?string mount_flags:2*string
message mesos.v1.Volume.Source.CSIVolume.VolumeCapability.AccessMode mode:1!enum/mesos.v1.Volume.Source.CSIVolume.VolumeCapability.AccessMode.Mode
enum mesos.v1.Volume.Source.CSIVolume.VolumeCapability.AccessMode.Mode UNKNOWN=0 SINGLE_NODE_WRITER=1 SINGLE_NODE_READER_ONLY=2 MULTI_NODE_READER_ONLY=3 MULTI_NODE_SINGLE_WRITER=4 MULTI_NODE_MULTI_WRITER=5
message mesos.v1.Volume.Source.CSIVolume.StaticProvisioning volume_id:1!string volume_capability:2!mesos.v1.Volume.Source.CSIVolume.VolumeCapability node_stage_secrets:3*map<string,mesos.v1.Secret> node_publish_secrets:4*map<string,mesos.v1.Secret> volume_context:5*map<string,string>
enum mesos.v1.Volume.Source.Type UNKNOWN=0 DOCKER_VOLUME=1 HOST_PATH=4 SANDBOX_PATH=2 SECRET=3 CSI_VOLUME=5
enum mesos.v1.Volume.Mode RW=1 RO=2
message mesos.v1.NetworkInfo ip_addresses:5*mesos.v1.NetworkInfo.IPAddress name:6?string groups:3*string labels:4?mesos.v1.Labels port_mappings:7*mesos.v1.NetworkInfo.PortMapping
message mesos.v1.NetworkInfo.IPAddress protocol:1?enum/mesos.v1.NetworkInfo.Protocol=IPv4 ip_address:2?string
message mesos.v1.NetworkInfo.PortMapping host_port:1!uint32 container_port:2!uint32 protocol:3?string
enum mesos.v1.NetworkInfo.Protocol IPv4=1 IPv6=2
message mesos.v1.CapabilityInfo capabilities:1*enum/mesos.v1.CapabilityInfo.Capability
enum mesos.v1.CapabilityInfo.Capability UNKNOWN=0 CHOWN=1000 DAC_OVERRIDE=1001 DAC_READ_SEARCH=1002 FOWNER=1003 FSETID=1004 KILL=1005 SETGID=1006 SETUID=1007 SETPCAP=1008 LINUX_IMMUTABLE=1009 NET_BIND_SERVICE=1010 NET_BROADCAST=1011 NET_ADMIN=1012 NET_RAW=1013 IPC_LOCK=1014 IPC_OWNER=1015 SYS_MODULE=1016 SYS_RAWIO=1017 SYS_CHROOT=1018 SYS_PTRACE=1019 SYS_PACCT=1020 SYS_ADMIN=1021 SYS_BOOT=1022 SYS_NICE=1023 SYS_RESOURCE=1024 SYS_TIME=1025 SYS_TTY_CONFIG=1026 MKNOD=1027 LEASE=1028 AUDIT_WRITE=1029 AUDIT_CONTROL=1030 SETFCAP=1031 MAC_OVERRIDE=1032 MAC_ADMIN=1033 SYSLOG=1034 WAKE_ALARM=1035 BLOCK_SUSPEND=1036 AUDIT_READ=1037 PERFMON=1038 BPF=1039 CHECKPOINT_RESTORE=1040
message mesos.v1.SeccompInfo profile_name:1?string unconfined:2?bool
message mesos.v1.LinuxInfo capability_info:1?mesos.v1.CapabilityInfo~ bounding_capabilities:2?mesos.v1.CapabilityInfo effective_capabilities:3?mesos.v1.CapabilityInfo share_pid_namespace:4?bool seccomp:5?mesos.v1.SeccompInfo ipc_mode:6?enum/mesos.v1.LinuxInfo.IpcMode shm_size:7?uint32 share_cgroups:8?bool=true
enum mesos.v1.LinuxInfo.IpcMode UNKNOWN=0 PRIVATE=1 SHARE_PARENT=2
message mesos.v1.RLimitInfo rlimits:1*mesos.v1.RLimitInfo.RLimit
message mesos.v1.RLimitInfo.RLimit type:1?enum/mesos.v1.RLimitInfo.RLimit.Type hard:2?uint64 soft:3?uint64
enum mesos.v1.RLimitInfo.RLimit.Type UNKNOWN=0 RLMT_AS=1 RLMT_CORE=2 RLMT_CPU=3 RLMT_DATA=4 RLMT_FSIZE=5 RLMT_LOCKS=6 RLMT_MEMLOCK=7 RLMT_MSGQUEUE=8 RLMT_NICE=9 RLMT_NOFILE=10 RLMT_NPROC=11 RLMT_RSS=12 RLMT_RTPRIO=13 RLMT_RTTIME=14 RLMT_SIGPENDING=15 RLMT_STACK=16
message mesos.v1.TTYInfo window_size:1?mesos.v1.TTYInfo.WindowSize
message mesos.v1.TTYInfo.WindowSize rows:1!uint32 columns:2!uint32
message mesos.v1.ContainerInfo type:1!enum/mesos.v1.ContainerInfo.Type volumes:2*mesos.v1.Volume hostname:4?string docker:3?mesos.v1.ContainerInfo.DockerInfo mesos:5?mesos.v1.ContainerInfo.MesosInfo network_infos:7*mesos.v1.NetworkInfo linux_info:8?mesos.v1.LinuxInfo rlimit_info:9?mesos.v1.RLimitInfo tty_info:10?mesos.v1.TTYInfo
message mesos.v1.ContainerInfo.DockerInfo image:1!string network:2?enum/mesos.v1.ContainerInfo.DockerInfo.Network=HOST port_mappings:3*mesos.v1.ContainerInfo.DockerInfo.PortMapping privileged:4?bool=false parameters:5*mesos.v1.Parameter force_pull_image:6?bool volume_driver:7?string~
message mesos.v1.ContainerInfo.DockerInfo.PortMapping host_port:1!uint32 container_port:2!uint32 protocol:3?string
enum mesos.v1.ContainerInfo.DockerInfo.Network HOST=1 BRIDGE=2 NONE=3 USER=4
message mesos.v1.ContainerInfo.MesosInfo image:1?mesos.v1.Image
enum mesos.v1.ContainerInfo.Type DOCKER=1 MESOS=2
message mesos.v1.ContainerStatus container_id:4?mesos.v1.ContainerID network_infos:1*mesos.v1.NetworkInfo cgroup_info:2?mesos.v1.CgroupInfo executor_pid:3?uint32
message mesos.v1.CgroupInfo net_cls:1?mesos.v1.CgroupInfo.NetCls
message mesos.v1.CgroupInfo.Blkio
message mesos.v1.CgroupInfo.Blkio.Value op:1?enum/mesos.v1.CgroupInfo.Blkio.Operation value:2?uint64
message mesos.v1.CgroupInfo.Blkio.CFQ
message mesos.v1.CgroupInfo.Blkio.CFQ.Statistics device:1?mesos.v1.Device.Number sectors:2?uint64 time:3?uint64 io_serviced:4*mesos.v1.CgroupInfo.Blkio.Value io_service_bytes:5*mesos.v1.CgroupInfo.Blkio.Value io_service_time:6*mesos.v1.CgroupInfo.Blkio.Value io_wait_time:7*mesos.v1.CgroupInfo.Blkio.Value io_merged:8*mesos.v1.CgroupInfo.Blkio.Value io_queued:9*mesos.v1.CgroupInfo.Blkio.Value
message mesos.v1.CgroupInfo.Blkio.Throttling
message mesos.v1.CgroupInfo.Blkio.Throttling.Statistics device:1?mesos.v1.Device.Number io_serviced:2*mesos.v1.CgroupInfo.Blkio.Value io_service_bytes:3*mesos.v1.CgroupInfo.Blkio.Value
message mesos.v1.CgroupInfo.Blkio.Statistics cfq:1*mesos.v1.CgroupInfo.Blkio.CFQ.Statistics cfq_recursive:2*mesos.v1.CgroupInfo.Blkio.CFQ.Statistics throttling:3*mesos.v1.CgroupInfo.Blkio.Throttling.Statistics
enum mesos.v1.CgroupInfo.Blkio.Operation UNKNOWN=0 TOTAL=1 READ=2 WRITE=3 SYNC=4 ASYNC=5 DISCARD=6
message mesos.v1.CgroupInfo.NetCls classid:1?uint32
message mesos.v1.Labels labels:1*mesos.v1.Label
message mesos.v1.Label key:1!string value:2?string
message mesos.v1.Port number:1!uint32 name:2?string protocol:3?string visibility:4?enum/mesos.v1.DiscoveryInfo.Visibility labels:5?mesos.v1.Labels
message mesos.v1.Ports ports:1*mesos.v1.Port
message mesos.v1.DiscoveryInfo visibility:1!enum/mesos.v1.DiscoveryInfo.Visibility name:2?string environment:3?string location:4?string version:5?string ports:6?mesos.v1.Ports labels:7?mesos.v1.Labels
enum mesos.v1.DiscoveryInfo.Visibility FRAMEWORK=0 CLUSTER=1 EXTERNAL=2
message mesos.v1.WeightInfo weight:1!double role:2?string
message mesos.v1.VersionInfo version:1!string build_date:2?string build_time:3?double build_user:4?string git_sha:5?string git_branch:6?string git_tag:7?string
message mesos.v1.Flag name:1!string value:2?string
message mesos.v1.Role name:1!string weight:2!double frameworks:3*mesos.v1.FrameworkID resources:4*mesos.v1.Resource
message mesos.v1.Metric name:1!string value:2?double
message mesos.v1.FileInfo path:1!string nlink:2?int32 size:3?uint64 mtime:4?mesos.v1.TimeInfo mode:5?uint32 uid:6?string gid:7?string
message mesos.v1.Device path:1?string number:2?mesos.v1.Device.Number
message mesos.v1.Device.Number major_number:1!uint64 minor_number:2!uint64
message mesos.v1.DeviceAccess device:1!mesos.v1.Device access:2!mesos.v1.DeviceAccess.Access
message mesos.v1.DeviceAccess.Access read:1?bool write:2?bool mknod:3?bool
message mesos.v1.DeviceWhitelist allowed_devices:1*mesos.v1.DeviceAccess
message mesos.v1.DrainConfig max_grace_period:1?mesos.v1.DurationInfo mark_gone:2?bool=false
message mesos.v1.DrainInfo state:1!enum/mesos.v1.DrainState config:2!mesos.v1.DrainConfig
enum mesos.v1.Status DRIVER_NOT_STARTED=1 DRIVER_RUNNING=2 DRIVER_ABORTED=3 DRIVER_STOPPED=4
enum mesos.v1.TaskState TASK_STAGING=6 TASK_STARTING=0 TASK_RUNNING=1 TASK_KILLING=8 TASK_FINISHED=2 TASK_FAILED=3 TASK_KILLED=4 TASK_ERROR=7 TASK_LOST=5 TASK_DROPPED=9 TASK_UNREACHABLE=10 TASK_GONE=11 TASK_GONE_BY_OPERATOR=12 TASK_UNKNOWN=13
enum mesos.v1.OperationState OPERATION_UNSUPPORTED=0 OPERATION_PENDING=1 OPERATION_FINISHED=2 OPERATION_FAILED=3 OPERATION_ERROR=4 OPERATION_DROPPED=5 OPERATION_UNREACHABLE=6 OPERATION_GONE_BY_OPERATOR=7 OPERATION_RECOVERING=8 OPERATION_UNKNOWN=9
enum mesos.v1.DrainState UNKNOWN=0 DRAINING=1 DRAINED=2
message mesos.v1.agent.Call type:1?enum/mesos.v1.agent.Call.Type get_metrics:2?mesos.v1.agent.Call.GetMetrics set_logging_level:3?mesos.v1.agent.Call.SetLoggingLevel list_files:4?mesos.v1.agent.Call.ListFiles read_file:5?mesos.v1.agent.Call.ReadFile get_containers:20?mesos.v1.agent.Call.GetContainers launch_nested_container:6?mesos.v1.agent.Call.LaunchNestedContainer~ wait_nested_container:7?mesos.v1.agent.Call.WaitNestedContainer~ kill_nested_container:8?mesos.v1.agent.Call.KillNestedContainer~ remove_nested_container:12?mesos.v1.agent.Call.RemoveNestedContainer~ launch_nested_container_session:9?mesos.v1.agent.Call.LaunchNestedContainerSession attach_container_input:10?mesos.v1.agent.Call.AttachContainerInput attach_container_output:11?mesos.v1.agent.Call.AttachContainerOutput launch_container:13?mesos.v1.agent.Call.LaunchContainer wait_container:14?mesos.v1.agent.Call.WaitContainer kill_container:15?mesos.v1.agent.Call.KillContainer remove_container:16?mesos.v1.agent.Call.RemoveContainer add_resource_provider_config:17?mesos.v1.agent.Call.AddResourceProviderConfig update_resource_provider_config:18?mesos.v1.agent.Call.UpdateResourceProviderConfig remove_resource_provider_config:19?mesos.v1.agent.Call.RemoveResourceProviderConfig mark_resource_provider_gone:22?mesos.v1.agent.Call.MarkResourceProviderGone prune_images:21?mesos.v1.agent.Call.PruneImages
message mesos.v1.agent.Call.GetMetrics timeout:1?mesos.v1.DurationInfo
message mesos.v1.agent.Call.SetLoggingLevel level:1!uint32 duration:2!mesos.v1.DurationInfo
message mesos.v1.agent.Call.ListFiles path:1!string
message mesos.v1.agent.Call.ReadFile path:1!string offset:2!uint64 length:3?uint64
message mesos.v1.agent.Call.GetContainers show_nested:1?bool show_standalone:2?bool
message mesos.v1.agent.Call.LaunchNestedContainer container_id:1!mesos.v1.ContainerID command:2?mesos.v1.CommandInfo container:3?mesos.v1.ContainerInfo
message mesos.v1.agent.Call.WaitNestedContainer container_id:1!mesos.v1.ContainerID
message mesos.v1.agent.Call.KillNestedContainer container_id:1!mesos.v1.ContainerID signal:2?int32
message mesos.v1.agent.Call.RemoveNestedContainer container_id:1!mesos.v1.ContainerID
message mesos.v1.agent.Call.LaunchNestedContainerSession container_id:1!mesos.v1.ContainerID command:2?mesos.v1.CommandInfo container:3?mesos.v1.ContainerInfo
message mesos.v1.agent.Call.AttachContainerInput type:1?enum/mesos.v1.agent.Call.AttachContainerInput.Type container_id:2?mesos.v1.ContainerID process_io:3?mesos.v1.agent.ProcessIO
enum mesos.v1.agent.Call.AttachContainerInput.Type UNKNOWN=0 CONTAINER_ID=1 PROCESS_IO=2
message mesos.v1.agent.Call.AttachContainerOutput container_id:1!mesos.v1.ContainerID
message mesos.v1.agent.Call.LaunchContainer container_id:1!mesos.v1.ContainerID command:2?mesos.v1.CommandInfo resources:3*mesos.v1.Resource container:4?mesos.v1.ContainerInfo limits:5*map<string,mesos.v1.Value.Scalar>
message mesos.v1.agent.Call.WaitContainer container_id:1!mesos.v1.ContainerID
message mesos.v1.agent.Call.KillContainer container_id:1!mesos.v1.ContainerID signal:2?int32
message mesos.v1.agent.Call.RemoveContainer container_id:1!mesos.v1.ContainerID
message mesos.v1.agent.Call.AddResourceProviderConfig info:1!mesos.v1.ResourceProviderInfo
message mesos.v1.agent.Call.UpdateResourceProviderConfig info:1!mesos.v1.ResourceProviderInfo
message mesos.v1.agent.Call.RemoveResourceProviderConfig type:1!string name:2!string
message mesos.v1.agent.Call.MarkResourceProviderGone resource_provider_id:1!mesos.v1.ResourceProviderID
message mesos.v1.agent.Call.PruneImages excluded_images:1*mesos.v1.Image
enum mesos.v1.agent.Call.Type UNKNOWN=0 GET_HEALTH=1 GET_FLAGS=2 GET_VERSION=3 GET_METRICS=4 GET_LOGGING_LEVEL=5 SET_LOGGING_LEVEL=6 LIST_FILES=7 READ_FILE=8 GET_STATE=9 GET_CONTAINERS=10 GET_FRAMEWORKS=11 GET_EXECUTORS=12 GET_OPERATIONS=31 GET_TASKS=13 GET_AGENT=20 GET_RESOURCE_PROVIDERS=26 LAUNCH_NESTED_CONTAINER=14 WAIT_NESTED_CONTAINER=15 KILL_NESTED_CONTAINER=16 REMOVE_NESTED_CONTAINER=21 LAUNCH_NESTED_CONTAINER_SESSION=17 ATTACH_CONTAINER_INPUT=18 ATTACH_CONTAINER_OUTPUT=19 LAUNCH_CONTAINER=22 WAIT_CONTAINER=23 KILL_CONTAINER=24 REMOVE_CONTAINER=25 ADD_RESOURCE_PROVIDER_CONFIG=27 UPDATE_RESOURCE_PROVIDER_CONFIG=28 REMOVE_RESOURCE_PROVIDER_CONFIG=29 MARK_RESOURCE_PROVIDER_GONE=32 PRUNE_IMAGES=30
message mesos.v1.agent.Response type:1?enum/mesos.v1.agent.Response.Type get_health:2?mesos.v1.agent.Response.GetHealth get_flags:3?mesos.v1.agent.Response.GetFlags get_version:4?mesos.v1.agent.Response.GetVersion get_metrics:5?mesos.v1.agent.Response.GetMetrics get_logging_level:6?mesos.v1.agent.Response.GetLoggingLevel list_files:7?mesos.v1.agent.Response.ListFiles read_file:8?mesos.v1.agent.Response.ReadFile get_state:9?mesos.v1.agent.Response.GetState get_containers:10?mesos.v1.agent.Response.GetContainers get_frameworks:11?mesos.v1.agent.Response.GetFrameworks get_executors:12?mesos.v1.agent.Response.GetExecutors get_operations:18?mesos.v1.agent.Response.GetOperations get_tasks:13?mesos.v1.agent.Response.GetTasks get_agent:15?mesos.v1.agent.Response.GetAgent get_resource_providers:17?mesos.v1.agent.Response.GetResourceProviders wait_nested_container:14?mesos.v1.agent.Response.WaitNestedContainer wait_container:16?mesos.v1.agent.Response.WaitContainer
message mesos.v1.agent.Response.GetHealth healthy:1!bool
message mesos.v1.agent.Response.GetFlags flags:1*mesos.v1.Flag
message mesos.v1.agent.Response.GetVersion version_info:1!mesos.v1.VersionInfo
message mesos.v1.agent.Response.GetMetrics metrics:1*mesos.v1.Metric
message mesos.v1.agent.Response.GetLoggingLevel level:1!uint32
message mesos.v1.agent.Response.ListFiles file_infos:1*mesos.v1.FileInfo
message mesos.v1.agent.Response.ReadFile size:1!uint64 data:2!bytes
message mesos.v1.agent.Response.GetState get_tasks:1?mesos.v1.agent.Response.GetTasks get_executors:2?mesos.v1.agent.Response.GetExecutors get_frameworks:3?mesos.v1.agent.Response.GetFrameworks
message mesos.v1.agent.Response.GetContainers containers:1*mesos.v1.agent.Response.GetContainers.Container
message mesos.v1.agent.Response.GetContainers.Container framework_id:1?mesos.v1.FrameworkID executor_id:2?mesos.v1.ExecutorID executor_name:3?string container_id:4!mesos.v1.ContainerID container_status:5?mesos.v1.ContainerStatus resource_statistics:6?mesos.v1.ResourceStatistics
message mesos.v1.agent.Response.GetFrameworks frameworks:1*mesos.v1.agent.Response.GetFrameworks.Framework completed_frameworks:2*mesos.v1.agent.Response.GetFrameworks.Framework
message mesos.v1.agent.Response.GetFrameworks.Framework framework_info:1!mesos.v1.FrameworkInfo
message mesos.v1.agent.Response.GetExecutors executors:1*mesos.v1.agent.Response.GetExecutors.Executor completed_executors:2*mesos.v1.agent.Response.GetExecutors.Executor
message mesos.v1.agent.Response.GetExecutors.Executor executor_info:1!mesos.v1.ExecutorInfo
message mesos.v1.agent.Response.GetOperations operations:1*mesos.v1.Operation
message mesos.v1.agent.Response.GetTasks pending_tasks:1*mesos.v1.Task queued_tasks:2*mesos.v1.Task launched_tasks:3*mesos.v1.Task terminated_tasks:4*mesos.v1.Task completed_tasks:5*mesos.v1.Task
message mesos.v1.agent.Response.GetAgent agent_info:1?mesos.v1.AgentInfo drain_config:2?mesos.v1.DrainConfig estimated_drain_start_time:3?mesos.v1.TimeInfo
message mesos.v1.agent.Response.GetResourceProviders resource_providers:1*mesos.v1.agent.Response.GetResourceProviders.ResourceProvider
message mesos.v1.agent.Response.GetResourceProviders.ResourceProvider resource_provider_info:1!mesos.v1.ResourceProviderInfo total_resources:2*mesos.v1.Resource
message mesos.v1.agent.Response.WaitNestedContainer exit_status:1?int32 state:2?enum/mesos.v1.TaskState reason:3?enum/mesos.v1.TaskStatus.Reason limitation:4?mesos.v1.TaskResourceLimitation message:5?string
message mesos.v1.agent.Response.WaitContainer exit_status:1?int32 state:2?enum/mesos.v1.TaskState reason:3?enum/mesos.v1.TaskStatus.Reason limitation:4?mesos.v1.TaskResourceLimitation message:5?string
enum mesos.v1.agent.Response.Type UNKNOWN=0 GET_HEALTH=1 GET_FLAGS=2 GET_VERSION=3 GET_METRICS=4 GET_LOGGING_LEVEL=5 LIST_FILES=6 READ_FILE=7 GET_STATE=8 GET_CONTAINERS=9 GET_FRAMEWORKS=10 GET_EXECUTORS=11 GET_OPERATIONS=17 GET_TASKS=12 GET_AGENT=14 GET_RESOURCE_PROVIDERS=16 WAIT_NESTED_CONTAINER=13 WAIT_CONTAINER=15
message mesos.v1.agent.ProcessIO type:1?enum/mesos.v1.agent.ProcessIO.Type data:2?mesos.v1.agent.ProcessIO.Data control:3?mesos.v1.agent.ProcessIO.Control
message mesos.v1.agent.ProcessIO.Data type:1?enum/mesos.v1.agent.ProcessIO.Data.Type data:2?bytes
enum mesos.v1.agent.ProcessIO.Data.Type UNKNOWN=0 STDIN=1 STDOUT=2 STDERR=3
message mesos.v1.agent.ProcessIO.Control type:1?enum/mesos.v1.agent.ProcessIO.Control.Type tty_info:2?mesos.v1.TTYInfo heartbeat:3?mesos.v1.agent.ProcessIO.Control.Heartbeat
message mesos.v1.agent.ProcessIO.Control.Heartbeat interval:1?mesos.v1.DurationInfo
enum mesos.v1.agent.ProcessIO.Control.Type UNKNOWN=0 TTY_INFO=1 HEARTBEAT=2
enum mesos.v1.agent.ProcessIO.Type UNKNOWN=0 DATA=1 CONTROL=2
message mesos.v1.allocator.InverseOfferStatus status:1!enum/mesos.v1.allocator.InverseOfferStatus.Status framework_id:2!mesos.v1.FrameworkID timestamp:3!mesos.v1.TimeInfo
enum mesos.v1.allocator.InverseOfferStatus.Status UNKNOWN=1 ACCEPT=2 DECLINE=3
message mesos.v1.executor.Event type:1?enum/mesos.v1.executor.Event.Type subscribed:2?mesos.v1.executor.Event.Subscribed acknowledged:3?mesos.v1.executor.Event.Acknowledged launch:4?mesos.v1.executor.Event.Launch launch_group:8?mesos.v1.executor.Event.LaunchGroup kill:5?mesos.v1.executor.Event.Kill message:6?mesos.v1.executor.Event.Message error:7?mesos.v1.executor.Event.Error
message mesos.v1.executor.Event.Subscribed executor_info:1!mesos.v1.ExecutorInfo framework_info:2!mesos.v1.FrameworkInfo agent_info:3!mesos.v1.AgentInfo container_id:4?mesos.v1.ContainerID
message mesos.v1.executor.Event.Launch task:1!mesos.v1.TaskInfo
message mesos.v1.executor.Event.LaunchGroup task_group:1!mesos.v1.TaskGroupInfo
message mesos.v1.executor.Event.Kill task_id:1!mesos.v1.TaskID kill_policy:2?mesos.v1.KillPolicy
message mesos.v1.executor.Event.Acknowledged task_id:1!mesos.v1.TaskID uuid:2!bytes
message mesos.v1.executor.Event.Message data:1!bytes
message mesos.v1.executor.Event.Error message:1!string
enum mesos.v1.executor.Event.Type UNKNOWN=0 SUBSCRIBED=1 LAUNCH=2 LAUNCH_GROUP=8 KILL=3 ACKNOWLEDGED=4 MESSAGE=5 ERROR=6 SHUTDOWN=7 HEARTBEAT=9
message mesos.v1.executor.Call executor_id:1!mesos.v1.ExecutorID framework_id:2!mesos.v1.FrameworkID type:3?enum/mesos.v1.executor.Call.Type subscribe:4?mesos.v1.executor.Call.Subscribe update:5?mesos.v1.executor.Call.Update message:6?mesos.v1.executor.Call.Message
message mesos.v1.executor.Call.Subscribe unacknowledged_tasks:1*mesos.v1.TaskInfo unacknowledged_updates:2*mesos.v1.executor.Call.Update
message mesos.v1.executor.Call.Update status:1!mesos.v1.TaskStatus
message mesos.v1.executor.Call.Message data:2!bytes
enum mesos.v1.executor.Call.Type UNKNOWN=0 SUBSCRIBE=1 UPDATE=2 MESSAGE=3 HEARTBEAT=4
message mesos.v1.maintenance.Window machine_ids:1*mesos.v1.MachineID unavailability:2!mesos.v1.Unavailability
message mesos.v1.maintenance.Schedule windows:1*mesos.v1.maintenance.Window
message mesos.v1.maintenance.ClusterStatus draining_machines:1*mesos.v1.maintenance.ClusterStatus.DrainingMachine down_machines:2*mesos.v1.MachineID
message mesos.v1.maintenance.ClusterStatus.DrainingMachine id:1!mesos.v1.MachineID statuses:2*mesos.v1.allocator.InverseOfferStatus
message mesos.v1.scheduler.Event type:1?enum/mesos.v1.scheduler.Event.Type subscribed:2?mesos.v1.scheduler.Event.Subscribed offers:3?mesos.v1.scheduler.Event.Offers inverse_offers:9?mesos.v1.scheduler.Event.InverseOffers rescind:4?mesos.v1.scheduler.Event.Rescind rescind_inverse_offer:10?mesos.v1.scheduler.Event.RescindInverseOffer update:5?mesos.v1.scheduler.Event.Update update_operation_status:11?mesos.v1.scheduler.Event.UpdateOperationStatus message:6?mesos.v1.scheduler.Event.Message failure:7?mesos.v1.scheduler.Event.Failure error:8?mesos.v1.scheduler.Event.Error probed:7001?mesos.v1.scheduler.Event.Probed
message mesos.v1.scheduler.Event.Subscribed framework_id:1!mesos.v1.FrameworkID heartbeat_interval_seconds:2?double master_info:3?mesos.v1.MasterInfo
message mesos.v1.scheduler.Event.Offers offers:1*mesos.v1.Offer
message mesos.v1.scheduler.Event.InverseOffers inverse_offers:1*mesos.v1.InverseOffer
message mesos.v1.scheduler.Event.Rescind offer_id:1!mesos.v1.OfferID
message mesos.v1.scheduler.Event.RescindInverseOffer inverse_offer_id:1!mesos.v1.OfferID
message mesos.v1.scheduler.Event.Update status:1!mesos.v1.TaskStatus
message mesos.v1.scheduler.Event.UpdateOperationStatus status:1!mesos.v1.OperationStatus
message mesos.v1.scheduler.Event.Message agent_id:1!mesos.v1.AgentID executor_id:2!mesos.v1.ExecutorID data:3!bytes
message mesos.v1.scheduler.Event.Failure agent_id:1?mesos.v1.AgentID executor_id:2?mesos.v1.ExecutorID status:3?int32
message mesos.v1.scheduler.Event.Error message:1!string
message mesos.v1.scheduler.Event.Probed results:1*meseta.probe.Result
enum mesos.v1.scheduler.Event.Type UNKNOWN=0 SUBSCRIBED=1 OFFERS=2 INVERSE_OFFERS=9 RESCIND=3 RESCIND_INVERSE_OFFER=10 UPDATE=4 UPDATE_OPERATION_STATUS=11 MESSAGE=5 FAILURE=6 ERROR=7 HEARTBEAT=8 PROBED=7001
message mesos.v1.scheduler.Response type:1?enum/mesos.v1.scheduler.Response.Type reconcile_operations:2?mesos.v1.scheduler.Response.ReconcileOperations~
message mesos.v1.scheduler.Response.ReconcileOperations operation_statuses:1*mesos.v1.OperationStatus~
enum mesos.v1.scheduler.Response.Type UNKNOWN=0 RECONCILE_OPERATIONS=1
message mesos.v1.scheduler.AttributeConstraint selector:1!mesos.v1.scheduler.AttributeConstraint.Selector predicate:2!mesos.v1.scheduler.AttributeConstraint.Predicate
message mesos.v1.scheduler.AttributeConstraint.Selector pseudoattribute_type:1?enum/mesos.v1.scheduler.AttributeConstraint.Selector.PseudoattributeType@selector attribute_name:2?string@selector
enum mesos.v1.scheduler.AttributeConstraint.Selector.PseudoattributeType UNKNOWN=0 HOSTNAME=1 REGION=2 ZONE=3
message mesos.v1.scheduler.AttributeConstraint.Predicate exists:1?mesos.v1.scheduler.AttributeConstraint.Predicate.Exists@predicate not_exists:2?mesos.v1.scheduler.AttributeConstraint.Predicate.NotExists@predicate text_equals:3?mesos.v1.scheduler.AttributeConstraint.Predicate.TextEquals@predicate text_not_equals:4?mesos.v1.scheduler.AttributeConstraint.Predicate.TextNotEquals@predicate text_matches:5?mesos.v1.scheduler.AttributeConstraint.Predicate.TextMatches@predicate text_not_matches:6?mesos.v1.scheduler.AttributeConstraint.Predicate.TextNotMatches@predicate
message mesos.v1.scheduler.AttributeConstraint.Predicate.Exists
message mesos.v1.scheduler.AttributeConstraint.Predicate.NotExists
message mesos.v1.scheduler.AttributeConstraint.Predicate.TextEquals value:1!string
message mesos.v1.scheduler.AttributeConstraint.Predicate.TextNotEquals value:1!string
message mesos.v1.scheduler.AttributeConstraint.Predicate.TextMatches regex:1!string
message mesos.v1.scheduler.AttributeConstraint.Predicate.TextNotMatches regex:1!string
message mesos.v1.scheduler.OfferConstraints role_constraints:1*map<string,mesos.v1.scheduler.OfferConstraints.RoleConstraints>
message mesos.v1.scheduler.OfferConstraints.RoleConstraints groups:1*mesos.v1.scheduler.OfferConstraints.RoleConstraints.Group
message mesos.v1.scheduler.OfferConstraints.RoleConstraints.Group attribute_constraints:1*mesos.v1.scheduler.AttributeConstraint
message mesos.v1.scheduler.Call framework_id:1?mesos.v1.FrameworkID type:2?enum/mesos.v1.scheduler.Call.Type subscribe:3?mesos.v1.scheduler.Call.Subscribe accept:4?mesos.v1.scheduler.Call.Accept decline:5?mesos.v1.scheduler.Call.Decline accept_inverse_offers:13?mesos.v1.scheduler.Call.AcceptInverseOffers decline_inverse_offers:14?mesos.v1.scheduler.Call.DeclineInverseOffers revive:15?mesos.v1.scheduler.Call.Revive kill:6?mesos.v1.scheduler.Call.Kill shutdown:7?mesos.v1.scheduler.Call.Shutdown acknowledge:8?mesos.v1.scheduler.Call.Acknowledge acknowledge_operation_status:17?mesos.v1.scheduler.Call.AcknowledgeOperationStatus reconcile:9?mesos.v1.scheduler.Call.Reconcile reconcile_operations:18?mesos.v1.scheduler.Call.ReconcileOperations message:10?mesos.v1.scheduler.Call.Message request:11?mesos.v1.scheduler.Call.Request suppress:16?mesos.v1.scheduler.Call.Suppress update_framework:19?mesos.v1.scheduler.Call.UpdateFramework
message mesos.v1.scheduler.Call.Subscribe framework_info:1!mesos.v1.FrameworkInfo suppressed_roles:2*string offer_constraints:3?mesos.v1.scheduler.OfferConstraints
message mesos.v1.scheduler.Call.Accept offer_ids:1*mesos.v1.OfferID operations:2*mesos.v1.Offer.Operation filters:3?mesos.v1.Filters
message mesos.v1.scheduler.Call.Decline offer_ids:1*mesos.v1.OfferID filters:2?mesos.v1.Filters
message mesos.v1.scheduler.Call.AcceptInverseOffers inverse_offer_ids:1*mesos.v1.OfferID filters:2?mesos.v1.Filters
message mesos.v1.scheduler.Call.DeclineInverseOffers inverse_offer_ids:1*mesos.v1.OfferID filters:2?mesos.v1.Filters
message mesos.v1.scheduler.Call.Revive roles:1*string
message mesos.v1.scheduler.Call.Kill task_id:1!mesos.v1.TaskID agent_id:2?mesos.v1.AgentID kill_policy:3?mesos.v1.KillPolicy
message mesos.v1.scheduler.Call.Shutdown executor_id:1!mesos.v1.ExecutorID agent_id:2!mesos.v1.AgentID
message mesos.v1.scheduler.Call.Acknowledge agent_id:1!mesos.v1.AgentID task_id:2!mesos.v1.TaskID uuid:3!bytes
message mesos.v1.scheduler.Call.AcknowledgeOperationStatus agent_id:1?mesos.v1.AgentID resource_provider_id:2?mesos.v1.ResourceProviderID uuid:3!bytes operation_id:4!mesos.v1.OperationID
message mesos.v1.scheduler.Call.Reconcile tasks:1*mesos.v1.scheduler.Call.Reconcile.Task
message mesos.v1.scheduler.Call.Reconcile.Task task_id:1!mesos.v1.TaskID agent_id:2?mesos.v1.AgentID
message mesos.v1.scheduler.Call.ReconcileOperations operations:1*mesos.v1.scheduler.Call.ReconcileOperations.Operation
message mesos.v1.scheduler.Call.ReconcileOperations.Operation operation_id:1!mesos.v1.OperationID agent_id:2?mesos.v1.AgentID resource_provider_id:3?mesos.v1.ResourceProviderID
message mesos.v1.scheduler.Call.Message agent_id:1!mesos.v1.AgentID executor_id:2!mesos.v1.ExecutorID data:3!bytes
message mesos.v1.scheduler.Call.Request requests:1*mesos.v1.Request
message mesos.v1.scheduler.Call.Suppress roles:1*string
message mesos.v1.scheduler.Call.UpdateFramework framework_info:1!mesos.v1.FrameworkInfo suppressed_roles:2*string offer_constraints:3?mesos.v1.scheduler.OfferConstraints
enum mesos.v1.scheduler.Call.Type UNKNOWN=0 SUBSCRIBE=1 TEARDOWN=2 ACCEPT=3 DECLINE=4 ACCEPT_INVERSE_OFFERS=13 DECLINE_INVERSE_OFFERS=14 REVIVE=5 KILL=6 SHUTDOWN=7 ACKNOWLEDGE=8 ACKNOWLEDGE_OPERATION_STATUS=15 RECONCILE=9 RECONCILE_OPERATIONS=16 MESSAGE=10 REQUEST=11 SUPPRESS=12 UPDATE_FRAMEWORK=17
message mesos.v1.scheduler.APIResult status_code:1!uint32 response:2?mesos.v1.scheduler.Response error:3?string
message mesos.v1.quota.QuotaInfo role:1?string principal:2?string guarantee:3*mesos.v1.Resource
message mesos.v1.quota.QuotaRequest force:1?bool role:2?string guarantee:3*mesos.v1.Resource
message mesos.v1.quota.QuotaConfig role:1!string guarantees:2*map<string,mesos.v1.Value.Scalar> limits:3*map<string,mesos.v1.Value.Scalar>
message mesos.v1.quota.QuotaStatus infos:1*mesos.v1.quota.QuotaInfo~ configs:2*mesos.v1.quota.QuotaConfig
message mesos.v1.master.Call type:1?enum/mesos.v1.master.Call.Type get_metrics:2?mesos.v1.master.Call.GetMetrics set_logging_level:3?mesos.v1.master.Call.SetLoggingLevel list_files:4?mesos.v1.master.Call.ListFiles read_file:5?mesos.v1.master.Call.ReadFile update_weights:6?mesos.v1.master.Call.UpdateWeights reserve_resources:7?mesos.v1.master.Call.ReserveResources unreserve_resources:8?mesos.v1.master.Call.UnreserveResources create_volumes:9?mesos.v1.master.Call.CreateVolumes destroy_volumes:10?mesos.v1.master.Call.DestroyVolumes grow_volume:18?mesos.v1.master.Call.GrowVolume shrink_volume:19?mesos.v1.master.Call.ShrinkVolume update_maintenance_schedule:11?mesos.v1.master.Call.UpdateMaintenanceSchedule start_maintenance:12?mesos.v1.master.Call.StartMaintenance stop_maintenance:13?mesos.v1.master.Call.StopMaintenance drain_agent:21?mesos.v1.master.Call.DrainAgent deactivate_agent:22?mesos.v1.master.Call.DeactivateAgent reactivate_agent:23?mesos.v1.master.Call.ReactivateAgent update_quota:20?mesos.v1.master.Call.UpdateQuota teardown:16?mesos.v1.master.Call.Teardown mark_agent_gone:17?mesos.v1.master.Call.MarkAgentGone set_quota:14?mesos.v1.master.Call.SetQuota~ remove_quota:15?mesos.v1.master.Call.RemoveQuota~ preview_offers:7001?mesos.v1.master.Call.PreviewOffers
message mesos.v1.master.Call.GetMetrics timeout:1?mesos.v1.DurationInfo
message mesos.v1.master.Call.SetLoggingLevel level:1!uint32 duration:2!mesos.v1.DurationInfo
message mesos.v1.master.Call.ListFiles path:1!string
message mesos.v1.master.Call.ReadFile path:1!string offset:2!uint64 length:3?uint64
message mesos.v1.master.Call.UpdateWeights weight_infos:1*mesos.v1.WeightInfo
message mesos.v1.master.Call.ReserveResources agent_id:1!mesos.v1.AgentID source:3*mesos.v1.Resource resources:2*mesos.v1.Resource
message mesos.v1.master.Call.UnreserveResources agent_id:1!mesos.v1.AgentID resources:2*mesos.v1.Resource
message mesos.v1.master.Call.CreateVolumes agent_id:1!mesos.v1.AgentID volumes:2*mesos.v1.Resource
message mesos.v1.master.Call.DestroyVolumes agent_id:1!mesos.v1.AgentID volumes:2*mesos.v1.Resource
message mesos.v1.master.Call.GrowVolume agent_id:1?mesos.v1.AgentID volume:2!mesos.v1.Resource addition:3!mesos.v1.Resource
message mesos.v1.master.Call.ShrinkVolume agent_id:1?mesos.v1.AgentID volume:2!mesos.v1.Resource subtract:3!mesos.v1.Value.Scalar
message mesos.v1.master.Call.UpdateMaintenanceSchedule schedule:1!mesos.v1.maintenance.Schedule
message mesos.v1.master.Call.StartMaintenance machines:1*mesos.v1.MachineID
message mesos.v1.master.Call.StopMaintenance machines:1*mesos.v1.MachineID
message mesos.v1.master.Call.DrainAgent agent_id:1!mesos.v1.AgentID max_grace_period:2?google.protobuf.Duration mark_gone:3?bool=false
message mesos.v1.master.Call.DeactivateAgent agent_id:1!mesos.v1.AgentID
message mesos.v1.master.Call.ReactivateAgent agent_id:1!mesos.v1.AgentID
message mesos.v1.master.Call.UpdateQuota force:1?bool quota_configs:2*mesos.v1.quota.QuotaConfig
message mesos.v1.master.Call.SetQuota quota_request:1!mesos.v1.quota.QuotaRequest
message mesos.v1.master.Call.RemoveQuota role:1!string
message mesos.v1.master.Call.Teardown framework_id:1!mesos.v1.FrameworkID
message mesos.v1.master.Call.MarkAgentGone agent_id:1!mesos.v1.AgentID
message mesos.v1.master.Call.PreviewOffers framework_id:1!mesos.v1.FrameworkID roles:2*string
enum mesos.v1.master.Call.Type UNKNOWN=0 GET_HEALTH=1 GET_FLAGS=2 GET_VERSION=3 GET_METRICS=4 GET_LOGGING_LEVEL=5 SET_LOGGING_LEVEL=6 LIST_FILES=7 READ_FILE=8 GET_STATE=9 GET_AGENTS=10 GET_FRAMEWORKS=11 GET_EXECUTORS=12 GET_OPERATIONS=33 GET_TASKS=13 GET_ROLES=14 GET_WEIGHTS=15 UPDATE_WEIGHTS=16 GET_MASTER=17 SUBSCRIBE=18 RESERVE_RESOURCES=19 UNRESERVE_RESOURCES=20 CREATE_VOLUMES=21 DESTROY_VOLUMES=22 GROW_VOLUME=34 SHRINK_VOLUME=35 GET_MAINTENANCE_STATUS=23 GET_MAINTENANCE_SCHEDULE=24 UPDATE_MAINTENANCE_SCHEDULE=25 START_MAINTENANCE=26 STOP_MAINTENANCE=27 DRAIN_AGENT=37 DEACTIVATE_AGENT=38 REACTIVATE_AGENT=39 GET_QUOTA=28 UPDATE_QUOTA=36 SET_QUOTA=29 REMOVE_QUOTA=30 TEARDOWN=31 MARK_AGENT_GONE=32 PREVIEW_OFFERS=7001
message mesos.v1.master.Response type:1?enum/mesos.v1.master.Response.Type get_health:2?mesos.v1.master.Response.GetHealth get_flags:3?mesos.v1.master.Response.GetFlags get_version:4?mesos.v1.master.Response.GetVersion get_metrics:5?mesos.v1.master.Response.GetMetrics get_logging_level:6?mesos.v1.master.Response.GetLoggingLevel list_files:7?mesos.v1.master.Response.ListFiles read_file:8?mesos.v1.master.Response.ReadFile get_state:9?mesos.v1.master.Response.GetState get_agents:10?mesos.v1.master.Response.GetAgents get_frameworks:11?mesos.v1.master.Response.GetFrameworks get_executors:12?mesos.v1.master.Response.GetExecutors get_operations:20?mesos.v1.master.Response.GetOperations get_tasks:13?mesos.v1.master.Response.GetTasks get_roles:14?mesos.v1.master.Response.GetRoles get_weights:15?mesos.v1.master.Response.GetWeights get_master:16?mesos.v1.master.Response.GetMaster get_maintenance_status:17?mesos.v1.master.Response.GetMaintenanceStatus get_maintenance_schedule:18?mesos.v1.master.Response.GetMaintenanceSchedule get_quota:19?mesos.v1.master.Response.GetQuota preview_offers:7001?mesos.v1.master.Response.PreviewOffers
message mesos.v1.master.Response.GetHealth healthy:1!bool
message mesos.v1.master.Response.GetFlags flags:1*mesos.v1.Flag
message mesos.v1.master.Response.GetVersion version_info:1!mesos.v1.VersionInfo
message mesos.v1.master.Response.GetMetrics metrics:1*mesos.v1.Metric
message mesos.v1.master.Response.GetLoggingLevel level:1!uint32
message mesos.v1.master.Response.ListFiles file_infos:1*mesos.v1.FileInfo
message mesos.v1.master.Response.ReadFile size:1!uint64 data:2!bytes
message mesos.v1.master.Response.GetState get_tasks:1?mesos.v1.master.Response.GetTasks get_executors:2?mesos.v1.master.Response.GetExecutors get_frameworks:3?mesos.v1.master.Response.GetFrameworks get_agents:4?mesos.v1.master.Response.GetAgents
message mesos.v1.master.Response.GetAgents agents:1*mesos.v1.master.Response.GetAgents.Agent recovered_agents:2*mesos.v1.AgentInfo
message mesos.v1.master.Response.GetAgents.Agent agent_info:1!mesos.v1.AgentInfo active:2!bool deactivated:12?bool version:3!string pid:4?string registered_time:5?mesos.v1.TimeInfo reregistered_time:6?mesos.v1.TimeInfo total_resources:7*mesos.v1.Resource allocated_resources:8*mesos.v1.Resource offered_resources:9*mesos.v1.Resource capabilities:10*mesos.v1.AgentInfo.Capability resource_providers:11*mesos.v1.master.Response.GetAgents.Agent.ResourceProvider drain_info:13?mesos.v1.DrainInfo estimated_drain_start_time:14?mesos.v1.TimeInfo
message mesos.v1.master.Response.GetAgents.Agent.ResourceProvider resource_provider_info:1!mesos.v1.ResourceProviderInfo total_resources:2*mesos.v1.Resource
message mesos.v1.master.Response.GetFrameworks frameworks:1*mesos.v1.master.Response.GetFrameworks.Framework completed_frameworks:2*mesos.v1.master.Response.GetFrameworks.Framework recovered_frameworks:3*mesos.v1.FrameworkInfo~
message mesos.v1.master.Response.GetFrameworks.Framework framework_info:1!mesos.v1.FrameworkInfo active:2!bool connected:3!bool recovered:11!bool registered_time:4?mesos.v1.TimeInfo reregistered_time:5?mesos.v1.TimeInfo unregistered_time:6?mesos.v1.TimeInfo offers:7*mesos.v1.Offer inverse_offers:8*mesos.v1.InverseOffer allocated_resources:9*mesos.v1.Resource offered_resources:10*mesos.v1.Resource offer_constraints:12?mesos.v1.scheduler.OfferConstraints
message mesos.v1.master.Response.GetExecutors executors:1*mesos.v1.master.Response.GetExecutors.Executor orphan_executors:2*mesos.v1.master.Response.GetExecutors.Executor~
message mesos.v1.master.Response.GetExecutors.Executor executor_info:1!mesos.v1.ExecutorInfo agent_id:2!mesos.v1.AgentID
message mesos.v1.master.Response.GetOperations operations:1*mesos.v1.Operation
message mesos.v1.master.Response.GetTasks pending_tasks:1*mesos.v1.Task~ tasks:2*mesos.v1.Task unreachable_tasks:5*mesos.v1.Task completed_tasks:3*mesos.v1.Task orphan_tasks:4*mesos.v1.Task~
message mesos.v1.master.Response.GetRoles roles:1*mesos.v1.Role
message mesos.v1.master.Response.PreviewOffers offers:1*mesos.v1.Offer
message mesos.v1.master.Response.GetWeights weight_infos:1*mesos.v1.WeightInfo
message mesos.v1.master.Response.GetMaster master_info:1?mesos.v1.MasterInfo start_time:2?double elected_time:3?double
message mesos.v1.master.Response.GetMaintenanceStatus status:1!mesos.v1.maintenance.ClusterStatus
message mesos.v1.master.Response.GetMaintenanceSchedule schedule:1!mesos.v1.maintenance.Schedule
message mesos.v1.master.Response.GetQuota status:1!mesos.v1.quota.QuotaStatus
enum mesos.v1.master.Response.Type UNKNOWN=0 GET_HEALTH=1 GET_FLAGS=2 GET_VERSION=3 GET_METRICS=4 GET_LOGGING_LEVEL=5 LIST_FILES=6 READ_FILE=7 GET_STATE=8 GET_AGENTS=9 GET_FRAMEWORKS=10 GET_EXECUTORS=11 GET_OPERATIONS=19 GET_TASKS=12 GET_ROLES=13 GET_WEIGHTS=14 GET_MASTER=15 GET_MAINTENANCE_STATUS=16 GET_MAINTENANCE_SCHEDULE=17 GET_QUOTA=18 PREVIEW_OFFERS=7001
message mesos.v1.master.Event type:1?enum/mesos.v1.master.Event.Type subscribed:2?mesos.v1.master.Event.Subscribed task_added:3?mesos.v1.master.Event.TaskAdded task_updated:4?mesos.v1.master.Event.TaskUpdated agent_added:5?mesos.v1.master.Event.AgentAdded agent_removed:6?mesos.v1.master.Event.AgentRemoved framework_added:7?mesos.v1.master.Event.FrameworkAdded framework_updated:8?mesos.v1.master.Event.FrameworkUpdated framework_removed:9?mesos.v1.master.Event.FrameworkRemoved
message mesos.v1.master.Event.Subscribed get_state:1?mesos.v1.master.Response.GetState heartbeat_interval_seconds:2?double
message mesos.v1.master.Event.TaskAdded task:1!mesos.v1.Task
message mesos.v1.master.Event.TaskUpdated framework_id:1!mesos.v1.FrameworkID status:2!mesos.v1.TaskStatus state:3!enum/mesos.v1.TaskState
message mesos.v1.master.Event.FrameworkAdded framework:1!mesos.v1.master.Response.GetFrameworks.Framework
message mesos.v1.master.Event.FrameworkUpdated framework:1!mesos.v1.master.Response.GetFrameworks.Framework
message mesos.v1.master.Event.FrameworkRemoved framework_info:1!mesos.v1.FrameworkInfo
message mesos.v1.master.Event.AgentAdded agent:1!mesos.v1.master.Response.GetAgents.Agent
message mesos.v1.master.Event.AgentRemoved agent_id:1!mesos.v1.AgentID
enum mesos.v1.master.Event.Type UNKNOWN=0 SUBSCRIBED=1 TASK_ADDED=2 TASK_UPDATED=3 AGENT_ADDED=4 AGENT_REMOVED=5 FRAMEWORK_ADDED=6 FRAMEWORK_UPDATED=7 FRAMEWORK_REMOVED=8 HEARTBEAT=9
message mesos.v1.resource_provider.Event type:1?enum/mesos.v1.resource_provider.Event.Type subscribed:2?mesos.v1.resource_provider.Event.Subscribed apply_operation:3?mesos.v1.resource_provider.Event.ApplyOperation publish_resources:4?mesos.v1.resource_provider.Event.PublishResources acknowledge_operation_status:5?mesos.v1.resource_provider.Event.AcknowledgeOperationStatus reconcile_operations:6?mesos.v1.resource_provider.Event.ReconcileOperations
message mesos.v1.resource_provider.Event.Subscribed provider_id:1!mesos.v1.ResourceProviderID
message mesos.v1.resource_provider.Event.ApplyOperation framework_id:1?mesos.v1.FrameworkID info:2!mesos.v1.Offer.Operation operation_uuid:3!mesos.v1.UUID resource_version_uuid:4!mesos.v1.UUID
message mesos.v1.resource_provider.Event.PublishResources uuid:1!mesos.v1.UUID resources:2*mesos.v1.Resource
message mesos.v1.resource_provider.Event.AcknowledgeOperationStatus status_uuid:1!mesos.v1.UUID operation_uuid:2!mesos.v1.UUID
message mesos.v1.resource_provider.Event.ReconcileOperations operation_uuids:1*mesos.v1.UUID
enum mesos.v1.resource_provider.Event.Type UNKNOWN=0 SUBSCRIBED=1 APPLY_OPERATION=2 PUBLISH_RESOURCES=3 ACKNOWLEDGE_OPERATION_STATUS=4 RECONCILE_OPERATIONS=5 TEARDOWN=6
message mesos.v1.resource_provider.Call resource_provider_id:1?mesos.v1.ResourceProviderID type:2?enum/mesos.v1.resource_provider.Call.Type subscribe:3?mesos.v1.resource_provider.Call.Subscribe update_operation_status:4?mesos.v1.resource_provider.Call.UpdateOperationStatus update_state:5?mesos.v1.resource_provider.Call.UpdateState update_publish_resources_status:6?mesos.v1.resource_provider.Call.UpdatePublishResourcesStatus
message mesos.v1.resource_provider.Call.Subscribe resource_provider_info:1!mesos.v1.ResourceProviderInfo
message mesos.v1.resource_provider.Call.UpdateOperationStatus framework_id:1?mesos.v1.FrameworkID status:2!mesos.v1.OperationStatus latest_status:3?mesos.v1.OperationStatus operation_uuid:4!mesos.v1.UUID
message mesos.v1.resource_provider.Call.UpdateState operations:1*mesos.v1.Operation resources:2*mesos.v1.Resource resource_version_uuid:3!mesos.v1.UUID
message mesos.v1.resource_provider.Call.UpdatePublishResourcesStatus uuid:1!mesos.v1.UUID status:2!enum/mesos.v1.resource_provider.Call.UpdatePublishResourcesStatus.Status
enum mesos.v1.resource_provider.Call.UpdatePublishResourcesStatus.Status UNKNOWN=0 OK=1 FAILED=2
enum mesos.v1.resource_provider.Call.Type UNKNOWN=0 SUBSCRIBE=1 UPDATE_OPERATION_STATUS=2 UPDATE_STATE=3 UPDATE_PUBLISH_RESOURCES_STATUS=4
message meseta.link.Call link_version:1!uint32 boot_id:2!string epoch:3?uint64 agent_id:4?mesos.v1.AgentID type:5?enum/meseta.link.Call.Type subscribe:6?meseta.link.Call.Subscribe messages:7*meseta.link.Message subscription:8?uint64 oldest_link_version:9?uint32
enum meseta.link.Call.Type UNKNOWN=0 SUBSCRIBE=1 MESSAGES=2 UNSUBSCRIBE=3
message meseta.link.Call.Subscribe agent_info:1!mesos.v1.AgentInfo version:2!string capabilities:3*mesos.v1.AgentInfo.Capability total_resources:4*mesos.v1.Resource oversubscribed_resources:5*mesos.v1.Resource resource_version:6!string frameworks:7*mesos.v1.FrameworkInfo executors:8*meseta.link.Executor tasks:9*mesos.v1.Task operations:10*mesos.v1.Operation drain_config:11?mesos.v1.DrainConfig ip:12?string
message meseta.link.Executor framework_id:1!mesos.v1.FrameworkID executor_info:2!mesos.v1.ExecutorInfo
message meseta.link.Message type:1?enum/meseta.link.Message.Type update:2?meseta.link.Message.Update update_operation:3?meseta.link.Message.UpdateOperation executor_exited:4?meseta.link.Message.ExecutorExited framework_message:5?meseta.link.FrameworkMessage update_agent:6?meseta.link.Message.UpdateAgent probed:7?meseta.link.Message.Probed
enum meseta.link.Message.Type UNKNOWN=0 PONG=1 UPDATE=2 UPDATE_OPERATION=3 EXECUTOR_EXITED=4 FRAMEWORK_MESSAGE=5 UPDATE_AGENT=6 PROBED=7
message meseta.link.Message.Update framework_id:1!mesos.v1.FrameworkID status:2!mesos.v1.TaskStatus latest_state:3?enum/mesos.v1.TaskState
message meseta.link.Message.UpdateOperation framework_id:1?mesos.v1.FrameworkID operation_uuid:2!bytes status:3!mesos.v1.OperationStatus latest_status:4?mesos.v1.OperationStatus
message meseta.link.Message.ExecutorExited framework_id:1!mesos.v1.FrameworkID executor_id:2!mesos.v1.ExecutorID status:3!int32
message meseta.link.Message.UpdateAgent agent_info:1!mesos.v1.AgentInfo total_resources:2*mesos.v1.Resource oversubscribed_resources:3*mesos.v1.Resource resource_version:4!string
message meseta.link.Message.Probed framework_id:1!mesos.v1.FrameworkID results:2*meseta.probe.Result
message meseta.link.FrameworkMessage framework_id:1!mesos.v1.FrameworkID executor_id:2!mesos.v1.ExecutorID data:3!bytes
message meseta.link.Event type:1?enum/meseta.link.Event.Type subscribed:2?meseta.link.Event.Subscribed run:3?meseta.link.Event.Run kill:4?meseta.link.Event.Kill shutdown_executor:5?meseta.link.Event.ShutdownExecutor shutdown_framework:6?meseta.link.Event.ShutdownFramework update_framework:7?meseta.link.Event.UpdateFramework acknowledge:8?meseta.link.Event.Acknowledge acknowledge_operation:9?meseta.link.Event.AcknowledgeOperation apply_operation:10?meseta.link.Event.ApplyOperation drain:11?meseta.link.Event.Drain framework_message:12?meseta.link.FrameworkMessage shutdown:13?meseta.link.Event.Shutdown error:14?meseta.link.Event.Error
enum meseta.link.Event.Type UNKNOWN=0 SUBSCRIBED=1 PING=2 RUN=3 KILL=4 SHUTDOWN_EXECUTOR=5 SHUTDOWN_FRAMEWORK=6 UPDATE_FRAMEWORK=7 ACKNOWLEDGE=8 ACKNOWLEDGE_OPERATION=9 APPLY_OPERATION=10 DRAIN=11 REACTIVATE=12 FRAMEWORK_MESSAGE=13 SHUTDOWN=14 ERROR=15
message meseta.link.Event.Subscribed agent_id:1!mesos.v1.AgentID epoch:2!uint64 master_info:3!mesos.v1.MasterInfo ping_interval_seconds:4!double ping_timeout_seconds:5!double missing_tasks:6*meseta.link.Event.Missing missing_operations:7*bytes drain_config:8?mesos.v1.DrainConfig link_version:9?uint32
message meseta.link.Event.Missing framework_id:1!mesos.v1.FrameworkID task_id:2!mesos.v1.TaskID executor_id:3?mesos.v1.ExecutorID
message meseta.link.Event.Run framework_info:1!mesos.v1.FrameworkInfo task:2?mesos.v1.TaskInfo executor:3?mesos.v1.ExecutorInfo task_group:4?mesos.v1.TaskGroupInfo launch_executor:5!bool resource_version:6!string
message meseta.link.Event.Kill framework_id:1!mesos.v1.FrameworkID task_id:2!mesos.v1.TaskID kill_policy:3?mesos.v1.KillPolicy
message meseta.link.Event.ShutdownExecutor framework_id:1!mesos.v1.FrameworkID executor_id:2!mesos.v1.ExecutorID
message meseta.link.Event.ShutdownFramework framework_id:1!mesos.v1.FrameworkID
message meseta.link.Event.UpdateFramework framework_info:1!mesos.v1.FrameworkInfo
message meseta.link.Event.Acknowledge framework_id:1!mesos.v1.FrameworkID task_id:2!mesos.v1.TaskID uuid:3!bytes
message meseta.link.Event.AcknowledgeOperation operation_uuid:1!bytes uuid:2!bytes
message meseta.link.Event.ApplyOperation framework_info:1?mesos.v1.FrameworkInfo operation:2!mesos.v1.Offer.Operation operation_uuid:3!bytes resource_version:4!string
message meseta.link.Event.Drain config:1!mesos.v1.DrainConfig
message meseta.link.Event.Shutdown message:1!string
message meseta.link.Event.Error message:1!string
message meseta.probe.Probe id:1!string type:2?enum/meseta.probe.Probe.Type http:3?meseta.probe.Probe.Http tcp:4?meseta.probe.Probe.Tcp command:5?mesos.v1.CommandInfo delay_seconds:6?double interval_seconds:7?double timeout_seconds:8?double grace_period_seconds:9?double until_success:10?bool
enum meseta.probe.Probe.Type UNKNOWN=0 COMMAND=1 HTTP=2 TCP=3
message meseta.probe.Probe.Http port:1!uint32 path:2?string scheme:3?string protocol:4?enum/mesos.v1.NetworkInfo.Protocol statuses:5*uint32 ignore_1xx:6?bool with_response:7?bool
message meseta.probe.Probe.Tcp port:1!uint32 protocol:2?enum/mesos.v1.NetworkInfo.Protocol
message meseta.probe.Result task_id:1!mesos.v1.TaskID probe_id:2!string succeeded:3!bool timestamp:4!double message:5?string response:6?meseta.probe.Result.Response
message meseta.probe.Result.Response status:1!uint32 content_type:2?string body:3?string
`;
