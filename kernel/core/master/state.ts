import type { Schedule } from "@meseta/api/mesos/generated/maintenance.ts";
import type {
  AgentInfo,
  AgentInfoCapability,
  DrainConfig,
  DrainInfo,
  ExecutorInfo,
  FrameworkInfo,
  InverseOffer,
  KillPolicy,
  MachineInfo,
  MasterInfo,
  Offer,
  Operation,
  RateLimits,
  Resource,
  Task,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { QuotaConfig } from "@meseta/api/mesos/generated/quota.ts";
import type { OfferConstraints } from "@meseta/api/mesos/generated/scheduler.ts";
import { limitsOf } from "@meseta/lib/core/bound.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import type { Allocator, AllocatorOptions } from "../allocator/allocator.ts";
import { MASTER_BOUNDS, type MasterLimits } from "./bounds.ts";
import type { StreamId } from "./event.ts";

/** What an operator sets at start. Durations in milliseconds, with Mesos' flag of the same meaning behind each. */
export interface MasterConfig {
  readonly hostname: string;
  readonly ip: string;
  readonly port: number;
  readonly cluster: string | undefined;
  readonly version: string;
  /** --agent_ping_timeout; 15 s. */
  readonly pingIntervalMs: number;
  /** --max_agent_ping_timeouts; 5. */
  readonly maxPingTimeouts: number;
  /** --agent_reregister_timeout; 10 min. */
  readonly agentReregisterTimeoutMs: number;
  /** --agent_removal_rate_limit: the least time between two agents that are marked unreachable; undefined = none. */
  readonly agentRemovalIntervalMs: number | undefined;
  /** --recovery_agent_removal_limit: how many percent of the agents known at a start may stay away without the master ending itself; 100. */
  readonly recoveryRemovalLimit: number;
  /** --require_agent_domain: agents without a domain are refused. */
  readonly requireAgentDomain: boolean;
  /** --offer_timeout; 60 s, undefined = for ever (Mesos' default). */
  readonly offerTimeoutMs: number | undefined;
  /** --allocation_interval; the least time that a filter lasts; 1 s. */
  readonly allocationIntervalMs: number;
  /** --roles: the only roles that may be used, or undefined for any. */
  readonly roleWhitelist: readonly string[] | undefined;
  /** --no-root_submissions turns it off. */
  readonly rootSubmissions: boolean;
  /** --rate_limits: how fast the calls of whose frameworks are taken; undefined: as they come. */
  readonly rateLimits: RateLimits | undefined;
  readonly maxFrameworks: number;
  readonly maxAgents: number;
  readonly maxTasksPerFramework: number;
  /** --max_operator_event_stream_subscribers; 1000. */
  readonly maxSubscribers: number;
  /** --registry_max_agent_count, of unreachable, gone and removed agents each; --registry_max_agent_age. */
  readonly registryMaxAgents: number;
  readonly registryMaxAgeMs: number;
  readonly maxCompletedFrameworks: number;
  readonly maxCompletedTasksPerFramework: number;
  readonly maxUnreachableTasksPerFramework: number;
  /** Of which only the operator who knows why sets one: `--limits`. */
  readonly limits: MasterLimits;
  readonly domain: { region: string; zone: string } | undefined;
  /** Sorters, least amounts, GPU rule and the like; the interval and the region come from here. */
  readonly allocator?: Omit<AllocatorOptions, "allocationIntervalMs" | "region"> | undefined;
  /** All settings as the operator gave them, for GET_FLAGS and /flags. */
  readonly flags: Readonly<Record<string, string>>;
}

/** The defaults of all that is not about one machine or cluster. */
export const MASTER_DEFAULTS = {
  cluster: undefined,
  pingIntervalMs: MASTER_BOUNDS.pingMs.most,
  maxPingTimeouts: MASTER_BOUNDS.missedPings.most,
  agentReregisterTimeoutMs: MASTER_BOUNDS.reregisterMs.most,
  agentRemovalIntervalMs: undefined,
  recoveryRemovalLimit: MASTER_BOUNDS.recoveryRemovals.most,
  requireAgentDomain: false,
  offerTimeoutMs: MASTER_BOUNDS.offerTimeoutMs.most,
  allocationIntervalMs: 1_000,
  roleWhitelist: undefined,
  rootSubmissions: true,
  rateLimits: undefined,
  maxFrameworks: MASTER_BOUNDS.frameworks.most,
  maxAgents: MASTER_BOUNDS.agents.most,
  maxTasksPerFramework: MASTER_BOUNDS.tasks.most,
  maxSubscribers: MASTER_BOUNDS.subscribers.most,
  registryMaxAgents: MASTER_BOUNDS.registryAgents.most,
  registryMaxAgeMs: MASTER_BOUNDS.registryAgeMs.most,
  maxCompletedFrameworks: MASTER_BOUNDS.completedFrameworks.most,
  maxCompletedTasksPerFramework: MASTER_BOUNDS.completedTasks.most,
  maxUnreachableTasksPerFramework: MASTER_BOUNDS.unreachableTasks.most,
  limits: limitsOf(MASTER_BOUNDS),
  domain: undefined,
  flags: {},
} as const satisfies Partial<MasterConfig>;

/** Everything the master knows. Mutated in place by the files of this folder; each owns the part that its name says. */
export interface MasterState {
  readonly config: MasterConfig;
  /** Identity of this run of the master; prefixes the ids that it makes. */
  readonly id: string;
  readonly info: MasterInfo;
  readonly random: Random;
  readonly epoch: number;
  readonly startMs: number;
  readonly frameworks: Map<string, Framework>;
  readonly completedFrameworks: Map<string, CompletedFramework>;
  readonly agents: Map<string, Agent>;
  /** `placeOf` an agent to its id. */
  readonly agentPlaces: Map<string, string>;
  readonly unreachableAgents: Map<string, UnreachableAgent>;
  readonly goneAgents: Map<string, { goneMs: number }>;
  /** Agents that left or were removed: none of these ids comes back. */
  readonly removedAgents: Map<string, { removedMs: number }>;
  /** How many agents were known at the start. */
  agentsAtStart: number;
  /** Agents that wait to be marked unreachable, the longest first, and why. */
  readonly givenUp: Map<string, string>;
  /** When the next of them may be. */
  nextRemovalMs: number;
  readonly offers: Map<string, OutstandingOffer>;
  readonly inverseOffers: Map<string, OutstandingInverseOffer>;
  readonly operations: Map<string, HeldOperation>;
  readonly quotas: Map<string, QuotaConfig>;
  readonly weights: Map<string, number>;
  readonly machines: Map<string, MachineInfo>;
  schedule: Schedule | undefined;
  readonly subscribers: Set<StreamId>;
  readonly streams: Map<StreamId, StreamOwner>;
  /** Metrics that only rise, by their full Mesos name such as `master/messages_kill_task`. */
  readonly counters: Map<string, number>;
  /** Who gets the next offer; holds all that is offered or used. */
  readonly allocator: Allocator;
  /** Ids of frameworks that were removed, the oldest first: none of them may subscribe again. */
  readonly removedFrameworks: Set<string>;
  /** Keys of records that are of no more use, erased a few at a time. */
  readonly erasures: string[];
  whitelist: readonly string[] | undefined;
  /** The earliest `allocation` and `offer-timeout` wakes that were asked for and have not come; Infinity for none. */
  allocationWakeMs: number;
  offerWakeMs: number;
  nextFramework: number;
  nextAgent: number;
  nextOffer: number;
  /** Raised on every change that a view could show. */
  version: number;
}

export type StreamOwner =
  | { kind: "scheduler"; frameworkId: string }
  | { kind: "agent"; agentId: string }
  | { kind: "operator" };

export interface Framework {
  readonly id: string;
  info: FrameworkInfo;
  roles: Set<string>;
  suppressed: Set<string>;
  offerConstraints: OfferConstraints | undefined;
  /** `recovered`: known from the store or from an agent, not subscribed to this master yet. */
  connection: "connected" | "disconnected" | "recovered";
  active: boolean;
  stream: StreamId | undefined;
  /** The Mesos-Stream-Id of the current subscription. */
  streamId: string | undefined;
  /** Counts disconnections, so that a late failover timer is recognised. */
  disconnections: number;
  readonly registeredMs: number;
  reregisteredMs: number | undefined;
  /** All whose terminal update is not acknowledged yet, by task id. */
  readonly tasks: Map<string, MasterTask>;
  /** The last one that was taken in: the next one may say the same. */
  latestTask: Task | undefined;
  /** What the agents were found to say of the framework, word for word, and what that was compared with: the next agent mostly says the same. */
  agreed: { readonly theirs: FrameworkInfo; readonly ours: FrameworkInfo } | undefined;
  /** Those on agents that are unreachable, the oldest first. */
  readonly unreachableTasks: Map<string, MasterTask>;
  /** Those that had ended, of which the framework was told only that they are unreachable, and not the end. */
  readonly untoldEnds: Map<string, Task>;
  /** Tasks that are over, the oldest first. */
  readonly completedTasks: MasterTask[];
  readonly history: History;
  readonly offers: Set<string>;
  readonly inverseOffers: Set<string>;
  /** Operation id, as the framework chose it, to the operation's uuid. */
  readonly operations: Map<string, string>;
  /** Metrics below `master/frameworks/<name>/<id>/`, such as `calls/kill` and `offers/sent`. */
  readonly counters: Map<string, number>;
  /** Raised when a view of the framework's own fields would change. */
  version: number;
}

export interface CompletedFramework {
  readonly id: string;
  readonly info: FrameworkInfo;
  readonly registeredMs: number;
  readonly reregisteredMs?: number | undefined;
  readonly unregisteredMs: number;
  readonly completedTasks: MasterTask[];
  readonly history: History;
}

/** Where a framework's completed tasks are saved. */
export interface History {
  /** The records, the oldest first. One may hold several tasks, that ended together. */
  readonly records: { key: string; count: number }[];
  /** How many tasks stand in them. */
  saved: number;
  /** Number of the next record. */
  next: number;
  /** How often each task of each agent is in it, by `agent/task`: agents come back with thousands of tasks to be looked up. */
  readonly counts: Map<string, number>;
}

/** A task with what the master must remember beside the wire's view of it. */
export interface MasterTask {
  /** Replaced, never changed, so that what was sent or shown stays as it was. */
  task: Task;
  /** The kill that was asked for last, sent again when the agent comes back. */
  kill: { policy: KillPolicy | undefined } | undefined;
  /** The agent has told an update that the framework has not acknowledged to this master. */
  awaitsAcknowledgement: boolean;
  /** Raised with every change of `task`. */
  version: number;
}

export interface Agent {
  readonly id: string;
  info: AgentInfo;
  /** As of its last registration: the address that it advertises, else the peer's. */
  address: string;
  version: string;
  capabilities: AgentInfoCapability[];
  /** `recovered`: known from the store, not re-registered with this master yet. */
  connection: "connected" | "disconnected" | "recovered";
  /** DEACTIVATE_AGENT or a drain took it out of the offers. */
  deactivated: boolean;
  drain: { info: DrainInfo; config: DrainConfig; startMs: number } | undefined;
  stream: StreamId | undefined;
  /** The stream of its last registration, whose pings are still counted after it broke. */
  observed: StreamId | undefined;
  /** uuid of the agent's process: calls of an older process are refused. */
  bootId: string | undefined;
  /** Which of that process' subscriptions is the current one: calls that belong to an earlier one came late, and are refused. */
  subscription: number | undefined;
  /** Counts disconnections, so that a late timer is recognised. */
  disconnections: number;
  missedPings: number;
  pongSincePing: boolean;
  registeredMs: number;
  reregisteredMs: number | undefined;
  /** All that the agent has, reservations and volumes included, not marked as allocated. */
  total: Resource[];
  resourceVersion: string;
  /** framework id -> executor id -> executor */
  readonly executors: Map<string, Map<string, ExecutorInfo>>;
  readonly tasks: Set<MasterTask>;
  readonly offers: Set<string>;
  readonly inverseOffers: Set<string>;
  /** uuids of its operations that are not over and acknowledged. */
  readonly operations: Set<string>;
  viewVersion: number;
}

export interface UnreachableAgent {
  readonly id: string;
  readonly info: AgentInfo;
  readonly unreachableMs: number;
  readonly drain: DrainConfig | undefined;
  readonly deactivated: boolean;
}

export interface OutstandingOffer {
  readonly offer: Offer;
  readonly role: string;
  readonly sentMs: number;
}

export interface OutstandingInverseOffer {
  readonly offer: InverseOffer;
  readonly sentMs: number;
}

/** An operation that is under way, or over but not acknowledged. */
export interface HeldOperation {
  operation: Operation;
  readonly agentId: string;
  /** Undefined for an operator's operation. */
  readonly frameworkId: string | undefined;
}
