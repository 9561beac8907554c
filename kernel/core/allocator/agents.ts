import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { add, asBag, contains, subtract } from "@meseta/api/mesos/resources/bag.ts";
import { AssertionError, assert } from "@meseta/lib/core/assert.ts";
import type { AgentSettings, Conversion, Holding } from "./allocator.ts";
import { markAvailable, reblock } from "./candidates.ts";
import { clearAgent } from "./filters.ts";
import { clientFor, releaseClient } from "./frameworks.ts";
import { charge, consumeReserved, hold, parcelOfHold, recountPieces, setHigh, unhold, withScalars } from "./ledger.ts";
import { ensureAgent } from "./masks.ts";
import { hashText } from "./order.ts";
import { parcelOf, resourcesOf } from "./parcel.ts";
import { clearRow, ensureRow } from "./space.ts";
import { type Agent, type Client, type Hold, markAgent, type State } from "./state.ts";
import { accountTotal } from "./tree.ts";

export function addAgent(
  state: State,
  id: string,
  settings: AgentSettings,
  total: readonly Resource[],
  used: readonly Holding[],
): void {
  assert(!state.agents.has(id), `agent ${id} is added once`);
  const agent = newAgent(state, id, settings);
  setTotal(state, agent, total);
  for (const { frameworkId, role, resources } of used) {
    charge(state, agent, clientFor(state, frameworkId, role), parcelOf(state.space, resources));
  }
  setOfferable(state, agent);
}

export function removeAgent(state: State, id: string): void {
  const agent = agentOf(state, id);
  for (const [index, held] of [...agent.holds]) {
    const client = state.clients[index]!;
    unhold(state, agent, client, parcelOfHold(state, held));
    releaseClient(state, client);
  }
  setTotal(state, agent, []);
  agent.active = false;
  setOfferable(state, agent);
  clearAgent(state.filters, agent.index);
  for (const framework of state.frameworks.values()) framework.inverseFilters.delete(agent.index);
  clearRow(state.space, state.free, agent.index);
  state.agents.delete(id);
  state.agentAt[agent.index] = undefined;
  state.unusedAgents.push(agent.index);
}

export function updateAgent(state: State, id: string, changes: Partial<AgentSettings>): void {
  const agent = agentOf(state, id);
  const before = agent.settings;
  agent.settings = { ...before, ...changes };
  if (changes.unavailability !== undefined && changes.unavailability !== before.unavailability)
    forgetAnswers(state, agent);
  if (changes.active !== undefined) agent.active = changes.active;
  if (
    changes.attributes !== undefined &&
    JSON.stringify(changes.attributes) !== JSON.stringify(before.attributes ?? [])
  ) {
    clearAgent(state.filters, agent.index);
  }
  agent.remote = isRemote(state, agent.settings);
  reblock(state, agent);
  setOfferable(state, agent);
}

/** Everything that follows from another total; what is held stays held. */
export function setTotal(state: State, agent: Agent, total: readonly Resource[]): void {
  const { space, tree } = state;
  const parcel = parcelOf(space, asBag(total));
  const from = agent.index * space.width;
  const old = state.total.data.slice(from, from + space.width);
  accountTotal(tree, withScalars(state, old, agent.totalPieces), -1);
  accountTotal(tree, withScalars(state, parcel.row, parcel.pieces), 1);
  for (let column = 0; column < space.names.length; column++) {
    state.free.data[from + column]! += parcel.row[column]! - old[column]!;
    state.total.data[from + column] = parcel.row[column]!;
  }
  setTotalPieces(state, agent, parcel.pieces);
  setHigh(state, agent);
  markAvailable(state, agent);
  markAgent(state, agent);
}

export function updateUnavailability(state: State, id: string, unavailability: AgentSettings["unavailability"]): void {
  const agent = agentOf(state, id);
  const { unavailability: _, ...settings } = agent.settings;
  agent.settings = unavailability === undefined ? settings : { ...settings, unavailability };
  forgetAnswers(state, agent);
  markAgent(state, agent);
}

export function setAgentActive(state: State, id: string, active: boolean): void {
  const agent = agentOf(state, id);
  agent.active = active;
  setOfferable(state, agent);
}

export function setWhitelist(state: State, hostnames: readonly string[] | undefined): void {
  state.whitelist = hostnames === undefined ? undefined : new Set(hostnames);
  for (const agent of state.agents.values()) setOfferable(state, agent);
}

/** Exchanges within what a client holds, or within the free. False, and nothing done, when something to be consumed is not there. */
export function convert(
  state: State,
  id: string,
  conversions: readonly Conversion[],
  holder: Client | undefined,
): boolean {
  const agent = agentOf(state, id);
  const held = holder === undefined ? undefined : agent.holds.get(holder.index);
  let mine = holder === undefined ? freeOf(state, agent) : held === undefined ? [] : resourcesOfHold(state, held);
  let total = totalOf(state, agent);
  for (const { consumed, converted } of conversions.map(plain)) {
    if (!contains(mine, consumed) || !contains(total, consumed)) return false;
    mine = add(subtract(mine, consumed), converted);
    total = add(subtract(total, consumed), converted);
  }
  if (holder !== undefined && held !== undefined) {
    const before = parcelOfHold(state, held);
    unhold(state, agent, holder, before);
    hold(state, agent, holder, parcelOf(state.space, mine), false);
    returnRow(state, agent, before.row, holder);
  }
  setTotal(state, agent, total);
  return true;
}

export function isFree(state: State, id: string, resources: readonly Resource[]): boolean {
  const agent = agentOf(state, id);
  return contains(freeOf(state, agent), plain({ consumed: resources, converted: [] }).consumed);
}

/** What nobody holds, as on the wire. Shared resources are always free. */
function freeOf(state: State, agent: Agent): Resource[] {
  return [
    ...scalarsAt(state, state.free.data, agent),
    ...resourcesOf(agent.freePieces),
    ...resourcesOf(agent.sharedPieces),
  ];
}

export function agentOf(state: State, id: string): Agent {
  const agent = state.agents.get(id);
  if (agent === undefined) throw new AssertionError(`agent ${id} is not known to the allocator`);
  return agent;
}

/** The plain scalars of a row as on the wire; nothing of what is 0 or less. */
export function scalarsOfRow(state: State, row: ArrayLike<number>, offset = 0): Resource[] {
  const out: Resource[] = [];
  for (let column = 0; column < state.space.names.length; column++) {
    const milli = row[offset + column]!;
    if (milli > 0) out.push({ name: state.space.names[column]!, type: "SCALAR", scalar: { value: milli / 1000 } });
  }
  return out;
}

function totalOf(state: State, agent: Agent): Resource[] {
  return [...scalarsAt(state, state.total.data, agent), ...resourcesOf(agent.totalPieces)];
}

export function resourcesOfHold(state: State, held: Hold): Resource[] {
  return [...scalarsOfRow(state, state.held.data, held.index * state.space.width), ...held.resources];
}

/** Whether offers of it may go out; the headroom counts only such agents. */
function setOfferable(state: State, agent: Agent): void {
  agent.offerable = agent.active && (state.whitelist?.has(agent.settings.hostname) ?? true);
  markAvailable(state, agent);
  if (agent.offerable) markAgent(state, agent);
}

function newAgent(state: State, id: string, settings: AgentSettings): Agent {
  const index = state.unusedAgents.pop() ?? state.agentAt.length;
  for (const rows of [state.total, state.free, state.high, state.counted]) {
    ensureRow(state.space, rows, index);
    clearRow(state.space, rows, index);
  }
  ensureAgent(state.masks, index);
  ensureReady(state, index);
  const agent: Agent = {
    index,
    id,
    salt: hashText(id),
    settings,
    active: settings.active ?? true,
    offerable: false,
    gpu: false,
    remote: isRemote(state, settings),
    dirty: false,
    nonEmpty: false,
    simple: true,
    totalPieces: [],
    freePieces: [],
    sharedPieces: [],
    highResources: [],
    overcommitted: false,
    holds: new Map(),
    sharedOffered: [],
    sharedRun: -1,
    guaranteedRun: -1,
    inverse: undefined,
  };
  state.agents.set(id, agent);
  state.agentAt[index] = agent;
  return agent;
}

function ensureReady(state: State, index: number): void {
  if (index < state.ready.length) return;
  const ready = new Uint8Array(2 * state.ready.length);
  ready.set(state.ready);
  state.ready = ready;
}

function setTotalPieces(state: State, agent: Agent, pieces: Agent["totalPieces"]): void {
  consumeReserved(state, agent.totalPieces, pieces);
  agent.totalPieces = pieces;
  agent.sharedPieces = pieces.filter((piece) => piece.shared);
  const gpus = state.space.columns.get("gpus")!;
  agent.gpu =
    state.total.data[agent.index * state.space.width + gpus]! > 0 || pieces.some((piece) => piece.column === gpus);
  recountPieces(state, agent);
}

// An agent without a domain, and every agent of a master without one, counts as local.
function isRemote(state: State, { domain }: AgentSettings): boolean {
  const region = domain?.fault_domain?.region.name;
  return region !== undefined && state.options.region !== undefined && region !== state.options.region;
}

function forgetAnswers(state: State, agent: Agent): void {
  agent.inverse = undefined;
  state.inverseDirty = true;
}

// What the holder had of the plain scalars before, against what it has of them now.
function returnRow(state: State, agent: Agent, before: Float64Array, holder: Client): void {
  const held = agent.holds.get(holder.index);
  const now = held === undefined ? undefined : parcelOfHold(state, held).row;
  const from = agent.index * state.space.width;
  for (let column = 0; column < state.space.names.length; column++) {
    state.free.data[from + column]! += (before[column] ?? 0) - (now?.[column] ?? 0);
  }
}

function scalarsAt(state: State, data: Float64Array, agent: Agent): Resource[] {
  return scalarsOfRow(state, data, agent.index * state.space.width);
}

function plain({ consumed, converted }: Conversion): Conversion {
  const strip = (resources: readonly Resource[]) => resources.map(({ allocation_info: _, ...rest }): Resource => rest);
  return { consumed: strip(consumed), converted: strip(converted) };
}
