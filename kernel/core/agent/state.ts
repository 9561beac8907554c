import type { MessageExecutorExited } from "@meseta/api/mesos/generated/link.ts";
import type {
  AgentInfoCapability,
  Attribute,
  CommandInfo,
  ContainerID,
  ContainerInfo,
  DomainInfo,
  DrainConfig,
  ExecutorInfo,
  FrameworkInfo,
  KillPolicy,
  Operation,
  OperationStatus,
  Resource,
  TaskInfo,
  TaskState,
  TaskStatus,
} from "@meseta/api/mesos/generated/mesos.ts";
import { limitsOf } from "@meseta/lib/core/bound.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import type { Run } from "../executor/host.ts";
import { AGENT_BOUNDS, type AgentLimits } from "./bounds.ts";
import type { LinkId, RequestId, StreamId } from "./event.ts";
import type { NetworkAddress } from "./isolation.ts";
import type { AgentOut } from "./out.ts";
import type { ContainerExit, LogRotation } from "./ports.ts";
import type { Look, Probing, Telling } from "./probing.ts";
import type { SavedCompletedExecutor, SavedErasure } from "./saved.ts";

/** What an operator sets at start. Durations in milliseconds, with Mesos' flag of the same meaning behind each. */
export interface AgentConfig {
  readonly hostname: string;
  readonly ip: string;
  readonly port: number;
  readonly version: string;
  readonly workDir: string;
  readonly logFile: string | undefined;
  readonly attributes: readonly Attribute[];
  readonly resources: readonly Resource[];
  readonly domain: DomainInfo | undefined;
  /** The agent's own process: the executors inside it have this pid. */
  readonly pid: number;
  /** The user that the agent runs as. */
  readonly user: string;
  /** --switch_user: tasks run as the user they ask for (needs root); else as the agent's own. */
  readonly switchUser: boolean;
  /** Whether tasks may run as root. */
  readonly rootTasks: boolean;
  /** PATH of tasks that set none. */
  readonly path: string;
  readonly rotation: LogRotation | undefined;
  /** --registration_backoff_factor; 250 ms, doubling to `registrationBackoffMaxMs`: 5 s. Mesos begins at 1 s and waits up to a minute. */
  readonly registrationBackoffMs: number;
  readonly registrationBackoffMaxMs: number;
  /** --executor_registration_timeout; 1 min. */
  readonly executorRegistrationTimeoutMs: number;
  /** --executor_reregistration_timeout; 2 s. */
  readonly executorReregistrationTimeoutMs: number;
  /** --executor_shutdown_grace_period; 5 s. */
  readonly executorShutdownGraceMs: number;
  /** --recovery_timeout, told to executors; 15 min. */
  readonly recoveryTimeoutMs: number;
  /** --gc_delay; 1 week, shortened by disk use above --gc_disk_headroom (0.1 of the disk kept free). */
  readonly gcDelayMs: number;
  readonly gcDiskHeadroom: number;
  /** --disk_watch_interval; 1 min. */
  readonly diskWatchIntervalMs: number;
  /** The longest wait for the acknowledgement of an update; the first is one of `limits`. */
  readonly updateRetryMaxMs: number;
  /** Those included whose end is not acknowledged. */
  readonly maxTasks: number;
  /** Mesos keeps 50 frameworks of 150 executors of 200 tasks. */
  readonly maxCompletedExecutors: number;
  /** Of which only the operator who knows why sets one: `--limits`. */
  readonly limits: AgentLimits;
  /** What containers can be given here. */
  readonly containers: ContainerAbilities;
  /** All settings as the operator gave them, for GET_FLAGS and /flags. */
  readonly flags: Readonly<Record<string, string>>;
}

/** What this machine and its operator give to containers beyond plain processes. */
export interface ContainerAbilities {
  /** Images, mounts, namespaces and rights of their own: there is a runtime, and the agent may use it. */
  readonly images: boolean;
  /** Names of the networks that containers may join. */
  readonly networks: readonly string[];
  /** The network that BRIDGE means for a container of type DOCKER. */
  readonly bridge: string;
  /** Whether containers may be privileged, have rights beyond the default set, or go without seccomp. */
  readonly privileged: boolean;
  /** Whether containers may share the agent's own pid and IPC namespaces. */
  readonly hostNamespaces: boolean;
  /** Absolute paths of the devices that containers may ask for. */
  readonly devices: readonly string[];
  /** --enforce_container_disk_quota: who uses more disk than granted is killed. */
  readonly diskQuota: boolean;
  /** --sandbox_directory: where a container with an image sees its sandbox. */
  readonly sandboxInside: string;
  /** Why images are not to be had, as what to do about it; shown to whoever asks for one. */
  readonly missing?: string;
}

/** An agent that runs nothing but plain processes. */
export const PLAIN_PROCESSES: ContainerAbilities = {
  images: false,
  networks: [],
  bridge: "meseta",
  privileged: false,
  hostNamespaces: false,
  devices: [],
  diskQuota: false,
  sandboxInside: "/mnt/mesos/sandbox",
  missing: "install crun or runc and start the agent as root",
};

/** The defaults of all that is not about this machine. */
export const AGENT_DEFAULTS = {
  logFile: undefined,
  attributes: [],
  domain: undefined,
  switchUser: false,
  rootTasks: false,
  path: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  rotation: undefined,
  registrationBackoffMs: AGENT_BOUNDS.registrationBackoffMs.most,
  registrationBackoffMaxMs: 5_000,
  executorRegistrationTimeoutMs: AGENT_BOUNDS.executorRegistrationMs.most,
  executorReregistrationTimeoutMs: AGENT_BOUNDS.executorReregistrationMs.most,
  executorShutdownGraceMs: AGENT_BOUNDS.executorShutdownMs.most,
  recoveryTimeoutMs: 15 * 60_000,
  gcDelayMs: AGENT_BOUNDS.garbageMs.most,
  gcDiskHeadroom: 0.1,
  diskWatchIntervalMs: 60_000,
  updateRetryMaxMs: 600_000,
  maxTasks: AGENT_BOUNDS.tasks.most,
  maxCompletedExecutors: AGENT_BOUNDS.completedExecutors.most,
  limits: limitsOf(AGENT_BOUNDS),
  containers: PLAIN_PROCESSES,
} as const satisfies Partial<AgentConfig>;

export const AGENT_CAPABILITIES: AgentInfoCapability[] = [
  { type: "MULTI_ROLE" },
  { type: "HIERARCHICAL_ROLE" },
  { type: "RESERVATION_REFINEMENT" },
  { type: "RESOURCE_PROVIDER" },
  { type: "RESIZE_VOLUME" },
  { type: "AGENT_OPERATION_FEEDBACK" },
  { type: "AGENT_DRAINING" },
  { type: "TASK_RESOURCE_LIMITS" },
];

/** One event being applied: what all files of this folder work on. */
export interface Turn {
  readonly state: AgentState;
  nowMs: number;
  out: AgentOut;
  /** Tasks whose progress changed, as `framework/task`: written once, when the event is done. */
  readonly touched: Set<string>;
}

/** Everything the agent knows. Mutated in place by the files of this folder; each owns the part that its name says. */
export interface AgentState {
  readonly config: AgentConfig;
  readonly random: Random;
  /** The machine's boot id: another one than before means that nothing of the past runs any more. */
  readonly bootId: string;
  /** Given by the master at the first registration; undefined before it. */
  agentId: string | undefined;
  /** The hostname under which the agent has its id. */
  knownAs: string | undefined;
  /** The boot id of the life before, until `start` has been applied. */
  formerBootId: string | undefined;
  /** The highest epoch of a master that this agent has obeyed. */
  epoch: number;
  attributes: Attribute[];
  /** What the operator gave the agent, without reservations made and volumes. */
  configured: readonly Resource[];
  /** All that the agent has, reservations and volumes included. */
  total: Resource[];
  /** Changes whenever `total` changes in a way that the master does not know. */
  resourceVersion: string;
  /** `ending`: tasks end, and the process with them; `leaving`: the membership ends as well. */
  phase: "recovering" | "running" | "ending" | "leaving" | "left";
  /** Since when nothing runs any more, while ending. */
  quietSinceMs: number | undefined;
  link: Link;
  startMs: number;
  readonly frameworks: Map<string, Framework>;
  readonly completedFrameworks: Map<string, CompletedFramework>;
  /** Executors by the id of their container. */
  readonly executors: Map<string, Executor>;
  /** Tasks of executors inside the agent, by the id of their container. */
  readonly runs: Map<string, { executor: Executor; task: AgentTask; run: Run }>;
  /** Probes under way: which check of which run waits for it. */
  readonly probes: Map<string, { containerId: string; which: "health" | "check"; nth: number }>;
  /** Looks of the extension's probes that are under way, and what is to be told of them. */
  readonly looks: Map<string, Look>;
  readonly telling: Telling;
  /** Updates that are not acknowledged yet, by `framework/task`; a stream that is empty is not here. */
  readonly updates: Map<string, UpdateStream>;
  updateRetryAtMs: number | undefined;
  readonly operations: Map<string, HeldOperation>;
  operationRetryAtMs: number | undefined;
  /** Containers of LAUNCH_CONTAINER and its kind, by their whole id, `parent.child`. */
  readonly containers: Map<string, OperatorContainer>;
  /** The same by the id under which the driver knows them. */
  readonly containersByHandle: Map<string, OperatorContainer>;
  /** Requests that wait for the end of a container, by the id under which the driver knows it. */
  readonly waits: Map<string, { request: RequestId; nested: boolean }[]>;
  drain: { config: DrainConfig; startMs: number } | undefined;
  readonly garbage: Map<string, Garbage>;
  /** How much of the garbage is being removed now. */
  removing: number;
  /** Volumes that were destroyed and whose data is still there, by the name of their trash. */
  readonly erasing: Map<string, SavedErasure>;
  diskUsed: number;
  readonly streams: Map<StreamId, Executor>;
  readonly counters: Map<string, number>;
  completedSequence: number;
  masterHostname: string | undefined;
  leaveReason: string;
}

export interface Link {
  id: LinkId;
  status: "none" | "connecting" | "subscribed";
  /** Counts tries since the last success. */
  attempts: number;
  pingTimeoutMs: number;
  lastPingMs: number;
  /** Executors that ended since the master was told of them, while it had not answered yet. */
  exits: MessageExecutorExited[];
}

export interface Framework {
  readonly id: string;
  info: FrameworkInfo;
  /** The framework was removed: its executors are being shut down, and its updates go nowhere. */
  removed: boolean;
  readonly executors: Map<string, Executor>;
  /** Tasks that are not yet forgotten, by id. */
  readonly tasks: Map<string, AgentTask>;
  readonly completed: CompletedExecutor[];
}

export interface CompletedFramework {
  readonly info: FrameworkInfo;
  readonly executors: CompletedExecutor[];
}

export interface CompletedExecutor extends SavedCompletedExecutor {
  readonly key: string;
}

export interface Executor {
  readonly id: string;
  readonly framework: Framework;
  readonly kind: "command" | "default" | "custom";
  readonly info: ExecutorInfo;
  readonly containerId: string;
  readonly directory: string;
  /** undefined: the agent's own user. */
  readonly user: string | undefined;
  /** `registering`: a custom executor that has not subscribed yet. `terminated`: its container is gone, and updates remain to be acknowledged. */
  state: "registering" | "running" | "terminating" | "terminated";
  /** Process id of a custom executor. */
  pid: number | undefined;
  /** Of its container's own network; undefined: it has the agent's. */
  addresses: readonly NetworkAddress[] | undefined;
  stream: StreamId | undefined;
  readonly tasks: Map<string, AgentTask>;
  /** Tasks that have ended and been acknowledged, newest last. */
  readonly completedTasks: AgentTask[];
  /** Custom executors: groups and tasks that wait for its subscription, in order. */
  queue: TaskBatch[];
  /** Its files are being fetched: it has no container yet. */
  fetching: boolean;
  /** From a life of the agent before this one, and not subscribed again yet. */
  recovered: boolean;
  /** Tells why the agent ends this executor; shown by its tasks. */
  termination: Termination | undefined;
  /** Groups that a default executor has been given so far. */
  groups: number;
}

/** One task, or a group that is delivered together. */
export interface TaskBatch {
  readonly taskIds: string[];
  readonly group: boolean;
  readonly name: string | undefined;
}

export interface Termination {
  /** TASK_GONE becomes TASK_LOST for frameworks that do not know it. */
  readonly state: TaskState;
  readonly reason: NonNullable<TaskStatus["reason"]>;
  readonly message: string;
  readonly limitation?: TaskStatus["limitation"] | undefined;
}

export interface AgentTask {
  readonly info: TaskInfo;
  readonly executor: Executor;
  state: TaskState;
  /** Statuses so far; one state that follows itself is replaced. */
  statuses: TaskStatus[];
  /** The last status that was sent on towards the master. */
  forwarded: { state: TaskState; uuid: string } | undefined;
  /** Whether it was given to its executor (or its container may have been started). */
  delivered: boolean;
  /** The task's own part when its executor is inside the agent. */
  run: Run | undefined;
  /** Its probes, from when it runs; none any more once it is being killed. */
  probing?: Probing[] | undefined;
  /** A kill that its custom executor has not heard of, because it has no stream. */
  unheardKill: { policy: KillPolicy | undefined } | undefined;
}

/** The updates of one task that are not acknowledged yet, oldest first; only the first is under way. */
export interface UpdateStream {
  readonly frameworkId: string;
  readonly taskId: string;
  readonly pending: TaskStatus[];
  backoffMs: number;
  dueMs: number;
}

export interface HeldOperation {
  readonly operation: Operation;
  /** Whether the status goes on being sent until it is acknowledged. */
  readonly feedback: boolean;
  latest: OperationStatus;
  backoffMs: number;
  dueMs: number;
}

export interface OperatorContainer {
  readonly id: ContainerID;
  /** `parent.child`. */
  readonly name: string;
  readonly handle: string;
  readonly directory: string;
  /** The executor at the root, when there is one. */
  readonly root: string | undefined;
  readonly resources: readonly Resource[];
  readonly info: ContainerInfo | undefined;
  /** After a restart only what others need of it: its user. */
  readonly command: CommandInfo | undefined;
  /** Ends with the connection that asked for it, and with this life of the agent. */
  readonly session: boolean;
  /** Runs in the namespaces of its parent. */
  readonly within: boolean;
  state: "launching" | "running" | "ended";
  pid: number | undefined;
  /** Of its own network; undefined: it has its parent's, or the agent's. */
  addresses: readonly NetworkAddress[] | undefined;
  exit: ContainerExit | undefined;
  failure: string | undefined;
  /** The request that asked for it, until it runs. */
  launching: RequestId | undefined;
}

export interface Garbage {
  readonly path: string;
  readonly sinceMs: number;
  removing: boolean;
}
