import { covers, filtersOf, markBlocked, nextExpiry } from "./filters.ts";
import { block, has, put, unblockAgent, want } from "./masks.ts";
import { reachable } from "./minimum.ts";
import { isOpenScalar } from "./parcel.ts";
import { hasLack, roomOf, surplusOf, type Top } from "./quota.ts";
import { type Agent, type Client, markAgent, type State } from "./state.ts";
import { countBelow, type Tree } from "./tree.ts";

/**
 * What the next run must look at. After a run nobody who was not given something would be given it by another run: so a run looks only at
 * agents that have more, or other filters, than before, and at clients that want more, or may have more, than before.
 */

/** What is free of the agent changed: its part of the headroom, and whether it is worth a visit. */
export function markAvailable(state: State, agent: Agent): void {
  const { width, names } = state.space;
  const from = agent.index * width;
  const counted = state.counted.data;
  const available = state.quota.available.data;
  let any = agent.freePieces.length > 0 || agent.sharedPieces.length > 0;
  for (let column = 0; column < names.length; column++) {
    let free = Math.max(0, state.free.data[from + column]!);
    if (free > 0) any = true;
    if (!agent.simple)
      for (const piece of agent.freePieces) if (piece.column === column && isOpenScalar(piece)) free += piece.milli;
    if (!agent.offerable) free = 0;
    available[column]! += free - counted[from + column]!;
    counted[from + column] = free;
  }
  agent.nonEmpty = any;
  state.ready[agent.index] = any && agent.offerable ? 1 : 0;
}

/** The top-level role consumes more (sign 1) or less (-1) than before, or its quota is another. */
export function refreshTop(state: State, top: Top, sign: 1 | -1): void {
  if (top.config === undefined && !top.unmet && !top.exhausted) return;
  const unmet = hasLack(state.quota, top);
  const exhausted = top.limit !== undefined && !reachable(state.minimum, (column) => roomOf(state.quota, top, column));
  if (sign < 0 && (top.cut || (state.headroomCut && unmet))) {
    top.cut = false;
    for (const client of top.clients) want(state.masks, client);
  }
  if (exhausted) top.cut = true;
  if (unmet === top.unmet && exhausted === top.exhausted) return;
  if (unmet !== top.unmet) state.unmetTops += unmet ? 1 : -1;
  top.unmet = unmet;
  top.exhausted = exhausted;
  for (const index of top.clients) refreshMasks(state, state.clients[index]!);
}

/** The client's place in the sets of clients. */
export function refreshMasks(state: State, client: Client): void {
  const { masks, tree } = state;
  put(masks.active, client.index, client.active);
  place(tree, masks.open, tree.open, client, client.active && !(client.top.exhausted && client.minimum === undefined));
  place(tree, masks.unmet, tree.unmet, client, client.active && client.top.unmet);
}

/** When a filter contains all that the agent has had free at its highest, it needs no second look until the agent has more. */
export function blockIfSure(state: State, agent: Agent, client: Client): void {
  const from = agent.index * state.space.width;
  const all = filtersOf(state.filters, agent.index, client.index);
  if (all.some(({ refused }) => covers(state.space, refused, state.high.data, from, agent.highResources))) {
    block(state.masks, agent.index, client.index);
  }
}

/** The agent has more free than before, or its attributes changed: who is surely blocked is found out anew. */
export function reblock(state: State, agent: Agent): void {
  const { masks, filters, high, space } = state;
  unblockAgent(masks, agent.index);
  const from = agent.index * space.width;
  markBlocked(filters, agent.index, high.data, from, agent.highResources, masks.blocked, agent.index * masks.words);
}

/** All agents that could be looked at in this run are marked; call before reading `dirty`. */
export function gather(state: State): void {
  if (state.headroomCut && surplusGrew(state)) {
    state.allDirty = true;
    state.headroomCut = false;
  }
  if (!state.allDirty) return;
  for (let index = 0; index < state.agentAt.length; index++)
    if (state.ready[index] === 1) markAgent(state, state.agentAt[index]!);
  state.allDirty = false;
}

/** Whether a run would look at anything. */
export function hasCandidates(state: State, nowMs: number): boolean {
  if (state.dirty.length > 0 || state.allDirty || state.masks.wantedCount > 0 || state.inverseDirty) return true;
  return nextDueMs(state) <= nowMs || (state.headroomCut && surplusGrew(state));
}

/** When a filter or an inverse filter ends; Infinity if there is none. */
export function nextDueMs(state: State): number {
  let dueMs = nextExpiry(state.filters);
  for (const atMs of state.inverseDue) if (atMs < dueMs) dueMs = atMs;
  return dueMs;
}

/** Remembers the surplus, so that the next run sees whether it grew. */
export function rememberSurplus(state: State): void {
  for (let column = 0; column < state.space.names.length; column++)
    state.lastSurplus.data[column] = surplusOf(state.quota, column);
}

function place(tree: Tree, set: Uint32Array, below: number[], client: Client, on: boolean): void {
  if (has(set, client.index) === on) return;
  put(set, client.index, on);
  countBelow(tree, below, client.node, on ? 1 : -1);
}

function surplusGrew(state: State): boolean {
  for (let column = 0; column < state.space.names.length; column++) {
    if (surplusOf(state.quota, column) > state.lastSurplus.data[column]!) return true;
  }
  return false;
}
