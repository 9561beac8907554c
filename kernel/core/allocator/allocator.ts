import type { InverseOfferStatus } from "@meseta/api/mesos/generated/allocator.ts";
import type {
  Attribute,
  DomainInfo,
  FrameworkInfoCapabilityType,
  OfferFilters,
  Resource,
  Unavailability,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { QuotaConfig } from "@meseta/api/mesos/generated/quota.ts";
import type { OfferConstraints } from "@meseta/api/mesos/generated/scheduler.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import * as agents from "./agents.ts";
import { hasCandidates, nextDueMs, refreshTop } from "./candidates.ts";
import { explain } from "./explain.ts";
import * as frameworks from "./frameworks.ts";
import * as inverse from "./inverse.ts";
import { charge, giveBack } from "./ledger.ts";
import { metrics } from "./metrics.ts";
import { parcelOf } from "./parcel.ts";
import { preview } from "./preview.ts";
import { configure, releaseTop, topOf } from "./quota.ts";
import { addRefusal } from "./refusal.ts";
import { allocate, isGated } from "./stages.ts";
import { createState, markAgent, type State } from "./state.ts";
import { setWeight } from "./tree.ts";

/** An allocator without agents or frameworks. `random` is asked once, for the seed of all its random orders. */
export function createAllocator(options: AllocatorOptions, random: Random): Allocator {
  return allocatorOf(createState(options, Math.floor(random.next() * 0x1_0000_0000)));
}

/** The allocator over a state that the caller keeps, so that benches and tests can look inside. */
export function allocatorOf(state: State): Allocator {
  return {
    addFramework: (id, settings, nowMs) => frameworks.addFramework(state, id, settings, nowMs),
    updateFramework: (id, settings, nowMs) => frameworks.updateFramework(state, id, settings, nowMs),
    removeFramework: (id) => frameworks.removeFramework(state, id),
    activateFramework: (id, nowMs) => frameworks.setFrameworkActive(state, id, true, nowMs),
    deactivateFramework: (id) => frameworks.setFrameworkActive(state, id, false, undefined),
    suppress: (id, roles) => frameworks.setSuppressed(state, id, roles, true, undefined),
    revive: (id, roles, nowMs) => frameworks.setSuppressed(state, id, roles, false, nowMs),
    accepted: (id, role, nowMs) => frameworks.accepted(state, id, role, nowMs),

    addAgent: (id, settings, total, used = []) => agents.addAgent(state, id, settings, total, used),
    removeAgent: (id) => agents.removeAgent(state, id),
    updateAgent: (id, changes) => agents.updateAgent(state, id, changes),
    updateTotal: (id, total) => agents.setTotal(state, agents.agentOf(state, id), total),
    activateAgent: (id) => agents.setAgentActive(state, id, true),
    deactivateAgent: (id) => agents.setAgentActive(state, id, false),
    updateUnavailability: (id, unavailability) => agents.updateUnavailability(state, id, unavailability),
    setWhitelist: (hostnames) => agents.setWhitelist(state, hostnames),

    recover: (frameworkId, role, agentId, resources, refusal) =>
      recover(state, frameworkId, role, agentId, resources, refusal),
    charge: (frameworkId, role, agentId, resources) => {
      const agent = agents.agentOf(state, agentId);
      charge(state, agent, frameworks.clientFor(state, frameworkId, role), parcelOf(state.space, resources));
    },
    convert: (agentId, conversions, holder) => {
      const client = holder === undefined ? undefined : frameworks.clientFor(state, holder.frameworkId, holder.role);
      return agents.convert(state, agentId, conversions, client);
    },
    isFree: (agentId, resources) => agents.isFree(state, agentId, resources),

    setQuota: (config) => setQuota(state, config),
    setWeight: (role, weight) => setWeight(state.tree, role, weight),

    respondInverse: (...answer) => inverse.respondInverse(state, ...answer),
    recallInverse: (frameworkId, agentId) => inverse.recallInverse(state, frameworkId, agentId),
    inverseStatuses: (agentId) => inverse.inverseStatuses(state, agentId),

    expectAgents: (count, nowMs) => expectAgents(state, count, nowMs),
    hasWork: (nowMs) => !isGated(state, nowMs) && hasCandidates(state, nowMs),
    nextWakeMs: () => state.gate?.untilMs ?? nextDueMs(state),
    allocate: (nowMs) => allocate(state, nowMs),

    explain: (frameworkId, nowMs, agentLimit = 100) => explain(state, frameworkId, nowMs, agentLimit),
    preview: (wanted, nowMs) => preview(state, wanted, nowMs),
    metrics: () => metrics(state),
    offerConstraints: (frameworkId) => frameworks.frameworkOf(state, frameworkId).settings.offerConstraints,
  };
}

/**
 * Divides the machines among the frameworks: who gets the next offer. Pure and synchronous; the master owns one and calls it on every event.
 * For the allocator, offered means allocated: what `allocate` hands out is held by (framework, role, agent) until `recover` gives it back;
 * a launch therefore needs no call at all. All resources are in the post-refinement format (`reservations` stacks); an `allocation_info`
 * on what comes in is ignored, and every resource in an offer carries the `allocation_info` of the role.
 *
 * Every method that can free or change something only marks candidates; nothing is offered before `allocate`. Calls that break the
 * bookkeeping (an unknown id, giving back what was not held) are bugs of the caller and assert.
 */
export interface Allocator {
  /** A framework subscribes for the first time with this master, or is rebuilt (then `active: false` until it subscribes again). Starts active unless said otherwise. */
  addFramework(id: string, settings: FrameworkSettings, nowMs: number): void;
  /** New roles, suppressed roles, capabilities, filters, constraints: each replaces the old. Refusal filters stay; a role that is left keeps what it holds. */
  updateFramework(id: string, settings: FrameworkSettings, nowMs: number): void;
  /** Forgets the framework, and takes back whatever it still holds. */
  removeFramework(id: string): void;
  /** Offers may flow (again). */
  activateFramework(id: string, nowMs: number): void;
  /** No offers from now on; all its refusal and inverse filters are dropped, what it holds stays held. */
  deactivateFramework(id: string): void;
  /** No offers for these roles (default: all that it is subscribed to). */
  suppress(id: string, roles?: readonly string[]): void;
  /** Offers again for these roles (default: all), their refusal filters cleared, the framework's inverse filters too. */
  revive(id: string, roles: readonly string[] | undefined, nowMs: number): void;
  /** The framework used an offer of this role (any operation): ends its back-off. */
  accepted(id: string, role: string, nowMs: number): void;

  /** An agent registers; `used` is what its tasks, executors and pending operations hold. Each framework in it must be known. Starts active unless said otherwise. */
  addAgent(id: string, settings: AgentSettings, total: readonly Resource[], used?: readonly Holding[]): void;
  /** Forgets the agent and all that is held on it. Frameworks must not `recover` it afterwards. */
  removeAgent(id: string): void;
  /** What is given replaces the old: attributes (drops all refusal filters of the agent if they differ), hostname, domain, unavailability. */
  updateAgent(id: string, changes: Partial<AgentSettings>): void;
  /** A new total (reservations and volumes included). What is held stays held, even if it is more than the new total; nothing is offered then until enough came back. */
  updateTotal(id: string, total: readonly Resource[]): void;
  activateAgent(id: string): void;
  /** Connected no more, drained, or deactivated by an operator: no offers of it. */
  deactivateAgent(id: string): void;
  /** Maintenance: inverse offers go out while it is set. A change forgets the answers to the earlier ones. */
  updateUnavailability(id: string, unavailability: Unavailability | undefined): void;
  /** Only these hostnames are offered; undefined = all. */
  setWhitelist(hostnames: readonly string[] | undefined): void;

  /** Gives back what (framework, role) holds on the agent: a declined or rescinded offer, an ended task, the unused part of an ACCEPT. */
  recover(frameworkId: string, role: string, agentId: string, resources: readonly Resource[], refusal?: Refusal): void;
  /** Charges what did not come out of an offer: a task of an unreachable agent came back, another task uses a shared volume. May exceed what is free. */
  charge(frameworkId: string, role: string, agentId: string, resources: readonly Resource[]): void;
  /**
   * RESERVE, CREATE, GROW_VOLUME and the like within an offer: `consumed` becomes `converted`, both in what (framework, role) holds and in the agent's total.
   * Without `holder`: the operator's variant, on what is free. False, and nothing changed, when `consumed` is not all there.
   */
  convert(agentId: string, conversions: readonly Conversion[], holder?: { frameworkId: string; role: string }): boolean;
  /** Whether all of it is free on the agent now. */
  isFree(agentId: string, resources: readonly Resource[]): boolean;

  /** Guarantees and limits of a top-level role; both empty removes the quota. Validated by the master. */
  setQuota(config: QuotaConfig): void;
  /** Weight of a role path, > 0; 1 is the default. */
  setWeight(role: string, weight: number): void;

  /** Answer to an inverse offer. `refuse_seconds` holds the next one back, at least for the allocation interval. */
  respondInverse(
    frameworkId: string,
    agentId: string,
    status: "ACCEPT" | "DECLINE",
    refuseSeconds: number | undefined,
    nowMs: number,
  ): void;
  /** The inverse offer was rescinded or timed out without an answer: it may be sent again. */
  recallInverse(frameworkId: string, agentId: string): void;
  /** The latest answers for the agent, for GET_MAINTENANCE_STATUS. */
  inverseStatuses(agentId: string): InverseOfferStatus[];

  /** After a master failover: when any quota exists, no offers before 80 % of `agents` are back or 10 minutes are over, so that guarantees are not given away. */
  expectAgents(agents: number, nowMs: number): void;

  /** Whether `allocate` has anything to look at. False while waiting for agents (`expectAgents`). */
  hasWork(nowMs: number): boolean;
  /** When `allocate` is next worth calling because of time alone (a filter ends, the wait for agents is over); Infinity for never. */
  nextWakeMs(): number;
  /** One run over the candidates. What it returns is from now on held by the frameworks named. */
  allocate(nowMs: number): Allocation;

  /** Why the framework got no offer (or when it got the last), role by role and agent by agent; at most `agentLimit` agents a role (default 100) in detail. */
  explain(frameworkId: string, nowMs: number, agentLimit?: number): Explanation;
  /** What a framework would be offered if it wanted offers now, and nothing else changed. Takes as long as setting up an allocator of this size does. */
  preview(wanted: Wanted, nowMs: number): OfferDraft[];
  /** What the metrics of section `allocator/mesos/` need. */
  metrics(): AllocatorMetrics;
  /** A framework's own constraints as /allocator/offer_constraints_debug shows them, by role. */
  offerConstraints(frameworkId: string): OfferConstraints | undefined;
}

export interface AllocatorOptions {
  /** --allocation_interval: the least time that a refusal filter lasts (except for `refuse_seconds: 0`). Default 1000. */
  readonly allocationIntervalMs?: number;
  /** --min_allocatable_resources, one of these sets of quantities is enough. Default cpus:0.01|mem:32; empty list = anything. */
  readonly minAllocatable?: readonly Readonly<Record<string, number>>[];
  /** --filter_gpu_resources. Default true. */
  readonly filterGpuResources?: boolean;
  /** --fair_sharing_excluded_resource_names. */
  readonly fairSharingExcluded?: readonly string[];
  /** --role_sorter and --framework_sorter. Default drf. */
  readonly roleSorter?: "drf" | "random";
  readonly frameworkSorter?: "drf" | "random";
  /** The region of the master's own `--domain`; agents of other regions are remote. */
  readonly region?: string | undefined;
  /** The longest that an ever-declining framework's filters grow to (docs/decisions/0004). Default 60000; 0 = no back-off. */
  readonly backoffMaxMs?: number;
}

export interface FrameworkSettings {
  readonly roles: readonly string[];
  readonly suppressedRoles?: readonly string[];
  readonly capabilities: readonly FrameworkInfoCapabilityType[];
  /** FrameworkInfo.offer_filters, by role. */
  readonly offerFilters?: Readonly<Record<string, OfferFilters>> | undefined;
  /** Validated by the master with `constraintProblem` (constraints.ts). */
  readonly offerConstraints?: OfferConstraints | undefined;
  readonly active?: boolean;
}

export interface AgentSettings {
  readonly hostname: string;
  readonly attributes?: readonly Attribute[] | undefined;
  readonly domain?: DomainInfo | undefined;
  readonly unavailability?: Unavailability | undefined;
  readonly active?: boolean;
}

export interface Holding {
  readonly frameworkId: string;
  readonly role: string;
  readonly resources: readonly Resource[];
}

export interface Refusal {
  /** Filters.refuse_seconds as sent: undefined, negative or not a number = 5; 0 = no filter; at most 365 days. */
  readonly refuseSeconds: number | undefined;
  readonly nowMs: number;
}

export interface Wanted {
  readonly frameworkId: string;
  readonly roles: readonly string[];
  /** Offers that it has and has not answered: they count as free. */
  readonly offered: readonly OfferDraft[];
}

export interface Conversion {
  readonly consumed: readonly Resource[];
  readonly converted: readonly Resource[];
}

export interface Allocation {
  /** One entry a framework, so that each gets one OFFERS event. */
  readonly offers: FrameworkOffers[];
  readonly inverseOffers: InverseOfferDraft[];
}

export interface FrameworkOffers {
  readonly frameworkId: string;
  readonly offers: OfferDraft[];
}

export interface OfferDraft {
  readonly role: string;
  readonly agentId: string;
  readonly resources: Resource[];
}

export interface InverseOfferDraft {
  readonly frameworkId: string;
  readonly agentId: string;
  readonly unavailability: Unavailability;
}

/** Why a pair of (framework, role) and agent makes no offer now. */
export type ReasonCode =
  | "FRAMEWORK_INACTIVE"
  | "ROLE_SUPPRESSED"
  | "WAITING_FOR_AGENTS"
  | "AGENT_DEACTIVATED"
  | "AGENT_NOT_WHITELISTED"
  | "NOTHING_LEFT"
  | "RESERVED_FOR_OTHERS"
  | "OFFER_CONSTRAINT"
  | "GPU_AGENT"
  | "REMOTE_REGION"
  | "QUOTA_LIMIT"
  | "QUOTA_HEADROOM"
  | "BELOW_MIN_ALLOCATABLE"
  | "FILTERED"
  | "NONE";

export interface Explanation {
  readonly frameworkId: string;
  readonly active: boolean;
  readonly roles: RoleExplanation[];
}

export interface RoleExplanation {
  readonly role: string;
  readonly suppressed: boolean;
  /** When the role last got an offer, and when the framework last used one of it (or revived, or subscribed). */
  readonly lastOfferMs?: number;
  readonly lastUseMs: number;
  /** The dominant share that orders the role among its siblings, already divided by its weight; 0 to 1 for weight 1. */
  readonly dominantShare: number;
  /** Quantities in the wire's units, of the top-level role, when it has quota. */
  readonly quota?: { role: string; guarantees: Quantities; limits: Quantities; consumed: Quantities };
  /** How many agents have each reason as their first. */
  readonly reasons: Partial<Record<ReasonCode, number>>;
  readonly agents: AgentExplanation[];
}

export interface AgentExplanation {
  readonly agentId: string;
  readonly hostname: string;
  /** All that hold, at least one: a filter first, then in the order in which a run looks; NONE stands alone. */
  readonly reasons: readonly ReasonCode[];
  /** In the wire's units; what nobody holds. */
  readonly free: Quantities;
  /** FILTERED: when it ends and what was refused. */
  readonly filter?: { untilMs: number; refused: Resource[] };
  /** NOTHING_LEFT: who has it, the largest first, at most ten. */
  readonly holders?: { frameworkId: string; role: string; quantities: Quantities }[];
  /** OFFER_CONSTRAINT: the constraint of the last group that did not hold, as text. */
  readonly constraint?: string;
  /** BELOW_MIN_ALLOCATABLE, QUOTA_*, NONE: what could have been offered. */
  readonly offerable?: Quantities;
}

export type Quantities = Record<string, number>;

export interface AllocatorMetrics {
  readonly allocationRuns: number;
  readonly resources: Record<string, { total: number; offeredOrAllocated: number }>;
  readonly roles: Record<string, { dominantShare: number; activeFilters: number }>;
  readonly quotas: Record<
    string,
    Record<string, { guarantee?: number; limit?: number; consumed: number; offeredOrAllocated: number }>
  >;
}

/** MASTER_FAILOVER: this part of the agents must be back, or this time over. */
const AGENTS_EXPECTED = 0.8;
const LONGEST_WAIT_MS = 10 * 60_000;

function recover(
  state: State,
  frameworkId: string,
  role: string,
  agentId: string,
  resources: readonly Resource[],
  refusal: Refusal | undefined,
): void {
  const agent = agents.agentOf(state, agentId);
  const client = frameworks.clientFor(state, frameworkId, role);
  const parcel = parcelOf(state.space, resources);
  giveBack(state, agent, client, parcel);
  if (refusal !== undefined && client.subscribed) addRefusal(state, agent, client, parcel, refusal);
  markAgent(state, agent);
  frameworks.releaseClient(state, client);
}

function setQuota(state: State, config: QuotaConfig): void {
  const top = topOf(state.quota, config.role);
  configure(state.quota, top, config);
  refreshTop(state, top, 1);
  releaseTop(state.quota, top);
  state.allDirty = true;
}

function expectAgents(state: State, count: number, nowMs: number): void {
  const anyQuota = [...state.quota.tops.values()].some((top) => top.config !== undefined);
  if (!anyQuota || count === 0) return;
  state.gate = { agents: Math.ceil(count * AGENTS_EXPECTED), untilMs: nowMs + LONGEST_WAIT_MS };
}
