import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { add, contains, sameResource, subtract, sum } from "@meseta/api/mesos/resources/bag.ts";
import { AssertionError } from "@meseta/lib/core/assert.ts";
import { markAvailable, reblock, refreshTop } from "./candidates.ts";
import { isOpenScalar, type Parcel, type Piece, piecesOf, resourcesOf } from "./parcel.ts";
import { consume, releaseTop, type Top, topOf } from "./quota.ts";
import { ensureRow } from "./space.ts";
import type { Agent, Client, Hold, State } from "./state.ts";
import { account } from "./tree.ts";

/** The books: what is free and who holds what. All numbers are integers, so nothing drifts and every sum stays exact. */

/** Moves what is free to the client. The parcel must be free, except for shared pieces, which are never used up. */
export function give(state: State, agent: Agent, client: Client, parcel: Parcel, chosen: boolean): void {
  const { data } = state.free;
  const from = agent.index * state.space.width;
  for (let column = 0; column < state.space.names.length; column++) data[from + column]! -= parcel.row[column]!;
  if (parcel.pieces.length > 0) takePieces(state, agent, parcel.pieces);
  hold(state, agent, client, parcel, chosen);
  markAvailable(state, agent);
}

/** Books what the client holds already, whether it is free or not. */
export function charge(state: State, agent: Agent, client: Client, parcel: Parcel): void {
  const { data } = state.free;
  const from = agent.index * state.space.width;
  for (let column = 0; column < state.space.names.length; column++) data[from + column]! -= parcel.row[column]!;
  hold(state, agent, client, parcel, true);
  if (parcel.pieces.length > 0) recountPieces(state, agent);
  markAvailable(state, agent);
}

/** Moves what the client holds back to the free. */
export function giveBack(state: State, agent: Agent, client: Client, parcel: Parcel): void {
  unhold(state, agent, client, parcel);
  const { data } = state.free;
  const from = agent.index * state.space.width;
  for (let column = 0; column < state.space.names.length; column++) data[from + column]! += parcel.row[column]!;
  if (parcel.pieces.length > 0) returnPieces(state, agent, parcel.pieces);
  raise(state, agent);
  markAvailable(state, agent);
}

/** Adds to what the client holds, and to the shares and the quota above it. */
export function hold(state: State, agent: Agent, client: Client, parcel: Parcel, chosen: boolean): void {
  let held = agent.holds.get(client.index);
  if (held === undefined) agent.holds.set(client.index, (held = newHold(state, client)));
  const { data } = state.held;
  const from = held.index * state.space.width;
  for (let column = 0; column < state.space.names.length; column++) data[from + column]! += parcel.row[column]!;
  const before = held.resources;
  if (parcel.pieces.length > 0)
    held.resources = before.length === 0 ? resourcesOf(parcel.pieces) : add(before, resourcesOf(parcel.pieces));
  account(state.tree, client.node, scalarsOf(state, parcel, before), 1, chosen);
  consumeOpen(state, client.top, parcel, 1);
  if (agent.settings.unavailability !== undefined) state.inverseDirty = true;
}

/** Takes from what the client holds; that it holds it is asserted. */
export function unhold(state: State, agent: Agent, client: Client, parcel: Parcel): void {
  const held = agent.holds.get(client.index);
  if (held === undefined) throw notHeld(agent, client);
  const { data } = state.held;
  const from = held.index * state.space.width;
  let left = 0;
  for (let column = 0; column < state.space.names.length; column++) {
    const rest = data[from + column]! - parcel.row[column]!;
    if (rest < 0) throw notHeld(agent, client);
    data[from + column] = rest;
    left += rest;
  }
  if (parcel.pieces.length > 0) held.resources = without(held.resources, parcel.pieces, client, agent);
  account(state.tree, client.node, scalarsOf(state, parcel, held.resources), -1, false);
  consumeOpen(state, client.top, parcel, -1);
  if (left > 0 || held.resources.length > 0) return;
  agent.holds.delete(client.index);
  state.unusedHolds.push(held.index);
  client.holds--;
}

/** A hold as a parcel of its own. */
export function parcelOfHold({ space, held }: State, { index, resources }: Hold): Parcel {
  return { row: held.data.slice(index * space.width, (index + 1) * space.width), pieces: piecesOf(space, resources) };
}

/** Recomputes what is free of the pieces from the total and all that is held; for everything that is not simply giving and taking. */
export function recountPieces(state: State, agent: Agent): void {
  const total = resourcesOf(agent.totalPieces.filter((piece) => !piece.shared));
  const held = sum(
    [...agent.holds.values()].map(({ resources }) => resources.filter((resource) => resource.shared === undefined)),
  );
  agent.overcommitted = !contains(total, held);
  setFreePieces(agent, piecesOf(state.space, subtract(total, held)));
}

function setFreePieces(agent: Agent, pieces: Piece[]): void {
  agent.freePieces = pieces;
  agent.simple = agent.sharedPieces.length === 0 && pieces.every(isForAnyone);
}

/** When the agent has more free than the masks hold for, nobody is surely blocked any more. */
function raise(state: State, agent: Agent): void {
  if (isHigher(state, agent)) setHigh(state, agent);
}

/** What is free now is the most from now on. */
export function setHigh(state: State, agent: Agent): void {
  const { width, names } = state.space;
  const from = agent.index * width;
  for (let column = 0; column < names.length; column++)
    state.high.data[from + column] = Math.max(0, state.free.data[from + column]!);
  agent.highResources = resourcesOf([...agent.freePieces, ...agent.sharedPieces]);
  reblock(state, agent);
}

/** An agent's reservations are others than before; only what differs is booked, because less consumption wakes up who was cut. */
export function consumeReserved(state: State, before: readonly Piece[], now: readonly Piece[]): void {
  const changes = new Map<Top, Float64Array>();
  addReserved(state, changes, before, -1);
  addReserved(state, changes, now, 1);
  for (const [top, row] of changes) {
    if (row.every((milli) => milli === 0)) continue;
    consume(state.quota, top, row, 1);
    refreshTop(state, top, row.some((milli) => milli < 0) ? -1 : 1);
    releaseTop(state.quota, top);
  }
}

/** All scalars of pieces and a row. */
export function withScalars(state: State, row: Float64Array, pieces: readonly Piece[]): Float64Array {
  const scalars = row.slice();
  for (const piece of pieces) if (piece.scalar) scalars[piece.column]! += piece.milli;
  return scalars.length < state.space.width ? widened(state, scalars) : scalars;
}

function addReserved(state: State, changes: Map<Top, Float64Array>, pieces: readonly Piece[], sign: 1 | -1): void {
  for (const piece of pieces) {
    if (!piece.scalar || piece.role === undefined) continue;
    const top = topOf(state.quota, piece.role);
    const row = changes.get(top) ?? new Float64Array(state.space.width);
    row[piece.column]! += sign * piece.milli;
    changes.set(top, row);
  }
}

function consumeOpen(state: State, top: Top, parcel: Parcel, sign: 1 | -1): void {
  const row = parcel.pieces.some(isOpenScalar)
    ? withScalars(state, parcel.row, parcel.pieces.filter(isOpenScalar))
    : parcel.row;
  consume(state.quota, top, row, sign);
  refreshTop(state, top, sign);
}

// A shared resource counts once for the client, however many of its tasks use it: `others` is what it holds beside the parcel.
function scalarsOf(state: State, parcel: Parcel, others: readonly Resource[]): Float64Array {
  if (!parcel.pieces.some((piece) => piece.scalar)) return parcel.row;
  const counted = parcel.pieces.filter((piece, i) => {
    if (!piece.shared) return true;
    const same = (resource: Resource) => sameResource(resource, piece.resource);
    return !others.some(same) && parcel.pieces.findIndex(({ resource }) => same(resource)) === i;
  });
  return withScalars(state, parcel.row, counted);
}

function takePieces(state: State, agent: Agent, pieces: readonly Piece[]): void {
  const taken = pieces.filter((piece) => !piece.shared);
  if (taken.length === agent.freePieces.length && taken.every((piece, i) => piece === agent.freePieces[i]))
    return setFreePieces(agent, []);
  if (taken.length === 0) return;
  setFreePieces(agent, piecesOf(state.space, subtract(resourcesOf(agent.freePieces), resourcesOf(taken))));
}

function returnPieces(state: State, agent: Agent, pieces: readonly Piece[]): void {
  if (agent.overcommitted) return recountPieces(state, agent);
  const returned = pieces.filter((piece) => !piece.shared);
  if (returned.length === 0) return;
  if (agent.freePieces.length === 0) return setFreePieces(agent, returned);
  setFreePieces(agent, piecesOf(state.space, add(resourcesOf(agent.freePieces), resourcesOf(returned))));
}

function without(
  held: readonly Resource[],
  pieces: readonly Piece[],
  client: Client,
  agent: Agent,
): readonly Resource[] {
  const gone = resourcesOf(pieces);
  if (held.length === gone.length && held.every((resource, i) => sameResource(resource, gone[i]!))) return [];
  if (!contains(held, gone)) throw notHeld(agent, client);
  return subtract(held, gone);
}

function isHigher(state: State, agent: Agent): boolean {
  const { width, names } = state.space;
  const from = agent.index * width;
  for (let column = 0; column < names.length; column++)
    if (state.free.data[from + column]! > state.high.data[from + column]!) return true;
  const { freePieces, highResources } = agent;
  if (freePieces.length === 0) return false;
  if (
    freePieces.length === highResources.length &&
    freePieces.every((piece, i) => sameResource(piece.resource, highResources[i]!))
  )
    return false;
  return !contains(highResources, resourcesOf(freePieces));
}

function isForAnyone(piece: Piece): boolean {
  return !piece.scalar && piece.role === undefined && !piece.revocable;
}

function newHold(state: State, client: Client): Hold {
  const index = state.unusedHolds.pop() ?? state.holds++;
  ensureRow(state.space, state.held, index);
  client.holds++;
  return { index, resources: [] };
}

// Made only when thrown: a message for every check would cost more than all the rest.
function notHeld(agent: Agent, client: Client): AssertionError {
  return new AssertionError(`${client.framework.id} gives back more than it holds of ${agent.id} in ${client.role}`);
}

function widened(state: State, row: Float64Array): Float64Array {
  const wider = new Float64Array(state.space.width);
  wider.set(row);
  return wider;
}
