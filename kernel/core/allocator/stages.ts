import { add } from "@meseta/api/mesos/resources/bag.ts";
import type { Allocation, FrameworkOffers, OfferDraft } from "./allocator.ts";
import { blockIfSure, gather, rememberSurplus } from "./candidates.ts";
import { expire } from "./filters.ts";
import { inverseOffers } from "./inverse.ts";
import { give } from "./ledger.ts";
import { block, countEligible, eligible, isEligible, unblock } from "./masks.ts";
import { reaches } from "./minimum.ts";
import { AGENT_BITS, mix, randomFrameworkKey, randomRoleKey, shuffledAgents } from "./order.ts";
import { createPortion, isBarred, measure, type Portion, type Stage } from "./portion.ts";
import { surplusOf } from "./quota.ts";
import { type Agent, type Client, markAgent, type State } from "./state.ts";
import { ROOT, servedBefore, settle } from "./tree.ts";
import { wireResources } from "./wire.ts";

/**
 * One run. First the roles whose guarantee is not met, on each agent in random order; then all, by fair share, on each agent in another
 * random order. The first client in the order that may and wants to have something of the agent gets all of the remainder that it may have.
 */
export function allocate(state: State, nowMs: number): Allocation {
  state.calls++;
  expire(state.filters, nowMs, (agent, client) => endFilter(state, agent, client));
  if (isGated(state, nowMs)) return { offers: [], inverseOffers: [] };
  gather(state);
  const run = createRun(state, nowMs);
  if (run.agents.length > 0) {
    state.runs++;
    if (state.unmetTops > 0) divideAll(run, "guaranteed");
    divideAll(run, "fair");
  }
  finish(run);
  return { offers: run.offers, inverseOffers: inverseOffers(state, nowMs) };
}

/** Whether the guarantees wait for agents to come back after a master failover. */
export function isGated(state: State, nowMs: number): boolean {
  const { gate } = state;
  if (gate === undefined) return false;
  if (nowMs < gate.untilMs && state.agents.size < gate.agents) return true;
  state.gate = undefined;
  return false;
}

interface Run {
  readonly state: State;
  readonly nowMs: number;
  readonly agents: readonly number[];
  readonly portion: Portion;
  /** Scratch: the most that anyone could be given of the agent at hand. */
  readonly most: Float64Array;
  readonly offers: FrameworkOffers[];
  /** For the second stage: the offers that the first made, by agent and client. */
  readonly first: Map<number, OfferDraft>;
  stage: Stage;
  /** Of the agent at hand: its number mixed with the run's, for random sorters. */
  agentSeed: number;
}

function createRun(state: State, nowMs: number): Run {
  return {
    state,
    nowMs,
    agents: visited(state),
    portion: createPortion(),
    most: new Float64Array(state.space.width),
    offers: [],
    first: new Map(),
    stage: "fair",
    agentSeed: 0,
  };
}

/** The marked agents; all that have something, when there are clients for which all are looked at again. */
function visited({ masks, ready, dirty, agentAt }: State): number[] {
  if (masks.wantedCount === 0) return dirty.filter((index) => ready[index] === 1);
  const out: number[] = [];
  for (let index = 0; index < agentAt.length; index++) if (ready[index] === 1) out.push(index);
  return out;
}

function divideAll(run: Run, stage: Stage): void {
  const { state } = run;
  const number = stage === "guaranteed" ? 1 : 2;
  run.stage = stage;
  for (const key of shuffledAgents(state, run.agents, number)) {
    const index = key % AGENT_BITS;
    if (state.ready[index] === 0) continue;
    const agent = state.agentAt[index]!;
    if (stage === "fair" && !isWorthAVisit(run, agent)) continue;
    run.agentSeed = mix(mix(state.seed, state.calls) + number, agent.salt);
    divide(run, agent);
  }
}

/** Offers the agent to its eligible clients, in order, until nothing is left of it. */
function divide(run: Run, agent: Agent): void {
  const { masks, tree, options, fewClients } = run.state;
  settle(tree);
  const set = candidatesFor(run, agent);
  const random = options.roleSorter === "random" || options.frameworkSorter === "random";
  const count = countEligible(masks, set, agent.index, !agent.dirty, fewClients);
  if (count === 0) return;
  if (count > fewClients && !random) walk(run, agent, set, ROOT);
  else for (const client of inOrder(run, agent, set)) if (!tryClient(run, agent, client)) return;
}

function candidatesFor({ state: { masks }, stage }: Run, agent: Agent): Uint32Array {
  if (stage === "guaranteed") return masks.unmet;
  return agent.simple ? masks.open : masks.active;
}

/** Tries the node's eligible clients in tree order; false when nothing is left. */
function walk(run: Run, agent: Agent, set: Uint32Array, node: number): boolean {
  const { tree, clientOfNode, clients, masks } = run.state;
  const { order, length } = tree.kids[node]!;
  const below = set === masks.unmet ? tree.unmet : set === masks.open ? tree.open : undefined;
  for (let i = 0; i < length; i++) {
    const kid = order[i]!;
    if (below !== undefined && below[kid] === 0) continue;
    const index = clientOfNode[kid] ?? -1;
    if (index < 0) {
      if (!walk(run, agent, set, kid)) return false;
    } else if (isEligible(masks, set, agent.index, !agent.dirty, index) && !tryClient(run, agent, clients[index]!))
      return false;
  }
  return true;
}

function inOrder(run: Run, agent: Agent, set: Uint32Array): Client[] {
  const { state } = run;
  const list = eligible(state.masks, set, agent.index, !agent.dirty).map((index) => state.clients[index]!);
  if (list.length === 1) return list;
  const { roleSorter, frameworkSorter } = state.options;
  if (roleSorter === "drf" && frameworkSorter === "drf")
    return list.sort((a, b) => (servedBefore(state.tree, a.node, b.node) ? -1 : 1));
  return sortRandomly(run, list);
}

function sortRandomly({ state, agentSeed }: Run, list: Client[]): Client[] {
  const { roleSorter, frameworkSorter } = state.options;
  const keyed = list.map((client) => ({
    client,
    role: roleSorter === "random" ? randomRoleKey(state, agentSeed, client) : 0,
    framework: frameworkSorter === "random" ? randomFrameworkKey(agentSeed, client) : 0,
  }));
  keyed.sort((a, b) => {
    if (a.client.role !== b.client.role)
      return a.role - b.role || (servedBefore(state.tree, a.client.node, b.client.node) ? -1 : 1);
    return a.framework - b.framework || (servedBefore(state.tree, a.client.node, b.client.node) ? -1 : 1);
  });
  return keyed.map(({ client }) => client);
}

/** Gives the client its portion if it gets one; false when nothing is left of the agent. */
function tryClient(run: Run, agent: Agent, client: Client): boolean {
  const { state, portion } = run;
  if (isBarred(state, agent, client)) {
    block(state.masks, agent.index, client.index);
    return true;
  }
  const reason = measure(state, agent, client, run.stage, portion);
  if (portion.cutByLimit) client.top.cut = true;
  if (portion.cutByHeadroom) state.headroomCut = true;
  if (reason === undefined) offer(run, agent, client);
  else if (reason === "FILTERED") blockIfSure(state, agent, client);
  return agent.nonEmpty;
}

function offer(run: Run, agent: Agent, client: Client): void {
  const { state, portion } = run;
  const resources = wireResources(state.space, client.wire, portion.row, portion.pieces);
  give(state, agent, client, portion, true);
  noteShared(state, agent, portion);
  client.lastOfferMs = run.nowMs;
  const key =
    run.stage === "guaranteed" || agent.guaranteedRun === state.calls
      ? client.index * AGENT_BITS + agent.index
      : undefined;
  const earlier = key === undefined ? undefined : run.first.get(key);
  if (earlier !== undefined) {
    earlier.resources.splice(0, Number.POSITIVE_INFINITY, ...add(earlier.resources, resources));
    return;
  }
  const draft = { role: client.role, agentId: agent.id, resources };
  offersOf(run, client).push(draft);
  if (run.stage !== "guaranteed") return;
  agent.guaranteedRun = state.calls;
  run.first.set(key!, draft);
}

function offersOf(run: Run, { framework }: Client): OfferDraft[] {
  if (framework.offers === undefined) {
    framework.offers = { frameworkId: framework.id, offers: [] };
    run.offers.push(framework.offers);
  }
  return framework.offers.offers;
}

function noteShared(state: State, agent: Agent, { pieces }: Portion): void {
  if (agent.sharedPieces.length === 0) return;
  if (agent.sharedRun !== state.calls) agent.sharedOffered = [];
  agent.sharedRun = state.calls;
  for (const piece of pieces) if (piece.shared) agent.sharedOffered.push(piece);
}

// An agent whose every client would get too little, because of the headroom or because there is no more, is passed by.
function isWorthAVisit({ state, most }: Run, agent: Agent): boolean {
  if (!agent.simple || state.ownMinimums > 0) return true;
  const { quota, space, free, minimum } = state;
  const from = agent.index * space.width;
  if (state.unmetTops === 0) return reaches(minimum, free.data, from, agent.freePieces);
  let cut = false;
  for (let column = 0; column < space.names.length; column++) {
    const here = Math.max(0, free.data[from + column]!);
    most[column] = Math.min(here, surplusOf(quota, column));
    if (most[column]! < here) cut = true;
  }
  if (reaches(minimum, most, 0, agent.freePieces)) return true;
  if (cut) state.headroomCut = true;
  return false;
}

function endFilter(state: State, index: number, client: number): void {
  const agent = state.agentAt[index];
  if (agent === undefined) return;
  unblock(state.masks, index, client);
  markAgent(state, agent);
}

function finish({ state, offers }: Run): void {
  const { masks } = state;
  for (const index of state.dirty) {
    const agent = state.agentAt[index];
    if (agent !== undefined) agent.dirty = false;
  }
  state.dirty = [];
  masks.wanted.fill(0);
  masks.wantedCount = 0;
  rememberSurplus(state);
  for (const { frameworkId } of offers) state.frameworks.get(frameworkId)!.offers = undefined;
}
