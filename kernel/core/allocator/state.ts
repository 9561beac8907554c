import type { InverseOfferStatusStatus } from "@meseta/api/mesos/generated/allocator.ts";
import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { AgentSettings, AllocatorOptions, FrameworkOffers, FrameworkSettings } from "./allocator.ts";
import type { Constraints } from "./constraints.ts";
import { createFilters, type Filters } from "./filters.ts";
import { createMasks, type Masks } from "./masks.ts";
import { createMinimum, type Minimum } from "./minimum.ts";
import type { Piece } from "./parcel.ts";
import { createQuota, type Quota, type Top } from "./quota.ts";
import { columnOf, createRows, createSpace, type Rows, type Space } from "./space.ts";
import { createTree, type Tree } from "./tree.ts";
import { createWire, type Wire } from "./wire.ts";

/** Everything the allocator knows. Agents and clients have small numbers that are used again; the tables are indexed by them. */
export interface State {
  readonly options: Required<Omit<AllocatorOptions, "region">> & { readonly region: string | undefined };
  /** What random order is made of, together with the number of the run. */
  readonly seed: number;
  readonly space: Space;
  readonly tree: Tree;
  readonly quota: Quota;
  readonly masks: Masks;
  readonly filters: Filters;
  readonly minimum: Minimum;

  readonly frameworks: Map<string, Framework>;
  /** By role; a cache, so it may be emptied. */
  readonly wires: Map<string, Wire>;
  readonly clients: (Client | undefined)[];
  readonly unusedClients: number[];
  /** By node of the tree; -1 for roles. */
  readonly clientOfNode: number[];
  /** Active clients with a minimum of their own. */
  ownMinimums: number;

  readonly agents: Map<string, Agent>;
  readonly agentAt: (Agent | undefined)[];
  readonly unusedAgents: number[];
  /** Plain scalars by agent. `free` is below 0 where more is held than there is; `high` is what `blocked` masks hold for; `counted` is the agent's part of the headroom. */
  readonly total: Rows;
  readonly free: Rows;
  readonly high: Rows;
  readonly counted: Rows;
  /** Plain scalars by hold. */
  readonly held: Rows;
  holds: number;
  readonly unusedHolds: number[];
  whitelist: ReadonlySet<string> | undefined;

  /** By agent, 1 when it can be offered and something of it is free. */
  ready: Uint8Array;
  /** Agents to look at in the next run. */
  dirty: number[];
  allDirty: boolean;
  /** Top-level roles whose guarantee is not met. */
  unmetTops: number;
  /** Somebody got less for the sake of the guarantees of others. */
  headroomCut: boolean;
  /** One row: what could be given away without touching guarantees, at the end of the last run. */
  readonly lastSurplus: Rows;
  inverseDirty: boolean;
  /** Inverse filters and the gate after a failover wait for these instants. */
  readonly inverseDue: Set<number>;
  gate: { agents: number; untilMs: number } | undefined;
  /** With so few clients left for an agent, comparing them is faster than walking the tree to them. */
  fewClients: number;
  /** Calls of `allocate`, and those that had something to look at. */
  calls: number;
  runs: number;
}

export interface Framework {
  readonly id: string;
  settings: FrameworkSettings;
  active: boolean;
  readonly clients: Map<string, Client>;
  readonly inverseFilters: Map<number, number>;
  revocable: boolean;
  gpu: boolean;
  shared: boolean;
  refinement: boolean;
  regionAware: boolean;
  /** What the run under way gave it. */
  offers: FrameworkOffers | undefined;
}

/** A framework in a role: what gets offers. */
export interface Client {
  readonly index: number;
  readonly framework: Framework;
  readonly role: string;
  readonly node: number;
  readonly top: Top;
  readonly wire: Wire;
  subscribed: boolean;
  suppressed: boolean;
  active: boolean;
  /** Undefined: the cluster's. */
  minimum: Minimum | undefined;
  constraints: Constraints | undefined;
  /** How many agents it holds something of. */
  holds: number;
  lastOfferMs: number | undefined;
  lastUseMs: number;
  /** When it first refused since it last used an offer; undefined when it has not. */
  refusingSinceMs: number | undefined;
}

export interface Agent {
  readonly index: number;
  readonly id: string;
  /** Its place in random orders. */
  readonly salt: number;
  settings: AgentSettings;
  active: boolean;
  /** Active and whitelisted. */
  offerable: boolean;
  gpu: boolean;
  remote: boolean;
  dirty: boolean;
  /** Something is free. */
  nonEmpty: boolean;
  /** All that is free can go to anyone: plain scalars, ports, sets. */
  simple: boolean;
  /** All but the plain scalars, shared included; then the part of it that is free and not shared, and the shared. */
  totalPieces: Piece[];
  freePieces: Piece[];
  sharedPieces: Piece[];
  highResources: readonly Resource[];
  /** More pieces are held than there are, so that what comes back is not simply free. */
  overcommitted: boolean;
  /** By client. */
  readonly holds: Map<number, Hold>;
  /** The shared pieces that were offered in run `sharedRun`. */
  sharedOffered: Piece[];
  sharedRun: number;
  /** The run in which the first stage gave of it. */
  guaranteedRun: number;
  /** By framework; made when the first is asked to leave, because few agents ever need it. */
  inverse: Map<string, InverseState> | undefined;
}

/** What a client holds of an agent: plain scalars as a row, the rest as a bag in which a shared resource stands once for each use. */
export interface Hold {
  /** Its row of `held`. */
  readonly index: number;
  resources: readonly Resource[];
}

export interface InverseState {
  outstanding: boolean;
  status: InverseOfferStatusStatus | undefined;
  atMs: number;
}

export function createState(options: AllocatorOptions, seed: number): State {
  const space = createSpace();
  // The usual order of an offer's resources.
  for (const name of ["cpus", "gpus", "mem", "disk"]) columnOf(space, name);
  const minAllocatable = options.minAllocatable ?? [{ cpus: 0.01 }, { mem: 32 }];
  const fairSharingExcluded = options.fairSharingExcluded ?? [];
  return {
    options: {
      allocationIntervalMs: options.allocationIntervalMs ?? 1000,
      minAllocatable,
      filterGpuResources: options.filterGpuResources ?? true,
      fairSharingExcluded,
      roleSorter: options.roleSorter ?? "drf",
      frameworkSorter: options.frameworkSorter ?? "drf",
      region: options.region,
      backoffMaxMs: options.backoffMaxMs ?? 60_000,
    },
    seed,
    space,
    tree: createTree(space, fairSharingExcluded),
    quota: createQuota(space),
    masks: createMasks(),
    filters: createFilters(space),
    minimum: createMinimum(space, minAllocatable),
    frameworks: new Map(),
    wires: new Map(),
    clients: [],
    unusedClients: [],
    clientOfNode: [],
    ownMinimums: 0,
    agents: new Map(),
    agentAt: [],
    unusedAgents: [],
    total: createRows(space),
    free: createRows(space),
    high: createRows(space),
    counted: createRows(space),
    held: createRows(space),
    holds: 0,
    unusedHolds: [],
    whitelist: undefined,
    ready: new Uint8Array(16),
    dirty: [],
    allDirty: false,
    unmetTops: 0,
    headroomCut: false,
    lastSurplus: createRows(space),
    inverseDirty: false,
    inverseDue: new Set(),
    gate: undefined,
    fewClients: 8,
    calls: 0,
    runs: 0,
  };
}

export function markAgent(state: State, agent: Agent): void {
  if (agent.dirty) return;
  agent.dirty = true;
  state.dirty.push(agent.index);
}

/** The role's wire forms, shared by all its clients. */
export function wireOf(state: State, role: string): Wire {
  const known = state.wires.get(role);
  if (known !== undefined) return known;
  if (state.wires.size >= MAX_WIRES) state.wires.clear();
  const wire = createWire(role);
  state.wires.set(role, wire);
  return wire;
}

const MAX_WIRES = 10_000;
