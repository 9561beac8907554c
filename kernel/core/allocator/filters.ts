import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { contains, sameResource } from "@meseta/api/mesos/resources/bag.ts";
import { Heap } from "@meseta/lib/core/heap.ts";
import type { Space } from "./space.ts";

/**
 * Who refused what, and until when. A filter stands between a client and an agent, and blocks an offer if what was refused contains what
 * would be offered. With 20,000 agents and 2,000 clients there can be 40 million of them, so a filter is two numbers in a page of 32
 * clients of one agent: when it ends, and which of the agent's refused bags it means (most clients of an agent refused the same).
 * The rare pair with two filters that do not imply each other keeps the others in a list aside.
 */
export interface Filters {
  readonly space: Space;
  /** Pages a row, one row an agent. */
  stride: number;
  /** `agent * stride + (client >>> 5)` → page number, 0 = none. */
  pageOf: Int32Array;
  /** By page: a bit for each client that has a filter. */
  present: Uint32Array;
  /** By page * 32 + (client & 31). */
  until: Float64Array;
  bag: Uint16Array;
  pages: number;
  readonly unusedPages: number[];
  readonly refused: (Refused[] | undefined)[];
  readonly aside: Map<number, Map<number, Aside[]>>;
  /** The number of filters by client. */
  readonly active: number[];
  /** By agent, when the next of its filters ends. */
  readonly due: number[];
  readonly wakes: Heap<{ atMs: number; agent: number }>;
}

/** What was refused of an agent, shared by all who refused the same. */
export interface Refused {
  readonly row: Float64Array;
  readonly resources: readonly Resource[];
  users: number;
}

interface Aside {
  readonly untilMs: number;
  readonly refused: Refused;
}

export interface Filter {
  readonly untilMs: number;
  readonly refused: Refused;
}

export function createFilters(space: Space): Filters {
  return {
    space,
    stride: 1,
    pageOf: new Int32Array(16),
    present: new Uint32Array(16),
    until: new Float64Array(16 * 32),
    bag: new Uint16Array(16 * 32),
    pages: 1,
    unusedPages: [],
    refused: [],
    aside: new Map(),
    active: [],
    due: [],
    wakes: new Heap((a, b) => a.atMs < b.atMs),
  };
}

/** Adds a filter; `row` and `resources` are not kept by reference if the agent knows an equal bag. What another filter of the pair implies is not kept. */
export function refuse(
  filters: Filters,
  agent: number,
  client: number,
  row: Float64Array,
  resources: readonly Resource[],
  untilMs: number,
): void {
  const refused = internRefused(filters, agent, row, resources);
  const at = slotOf(filters, agent, client);
  const page = at >> 5;
  const bit = 1 << (client & 31);
  if ((filters.present[page]! & bit) === 0) {
    filters.present[page]! |= bit;
    place(filters, agent, at, refused, untilMs);
    filters.active[client] = (filters.active[client] ?? 0) + 1;
  } else join(filters, agent, client, at, refused, untilMs);
  if (untilMs < (filters.due[agent] ?? Number.POSITIVE_INFINITY)) wakeAt(filters, agent, untilMs);
}

/** Whether a filter of the pair contains the offer. */
export function blocks(
  filters: Filters,
  agent: number,
  client: number,
  row: ArrayLike<number>,
  resources: readonly Resource[],
): boolean {
  const at = findSlot(filters, agent, client);
  if (at < 0) return false;
  if (covers(filters.space, filters.refused[agent]![filters.bag[at]!]!, row, 0, resources)) return true;
  const more = filters.aside.get(agent)?.get(client);
  return more?.some(({ refused }) => covers(filters.space, refused, row, 0, resources)) ?? false;
}

/** Whether the refused bag contains the row (from `offset`) and the resources. */
export function covers(
  space: Space,
  refused: Refused,
  row: ArrayLike<number>,
  offset: number,
  resources: readonly Resource[],
): boolean {
  const known = refused.row.length;
  for (let column = 0; column < space.names.length; column++) {
    if (row[offset + column]! > (column < known ? refused.row[column]! : 0)) return false;
  }
  return resources.length === 0 || sameList(refused.resources, resources) || contains(refused.resources, resources);
}

/** Sets, from word `to` of `blocked` on, the bit of each client with a filter that contains the row (from `offset`) and the resources. */
export function markBlocked(
  filters: Filters,
  agent: number,
  row: Float64Array,
  offset: number,
  resources: readonly Resource[],
  blocked: Uint32Array,
  to: number,
): void {
  const list = filters.refused[agent];
  if (list === undefined || list.length === 0) return;
  const covering = list.map((refused) => refused.users === 0 || covers(filters.space, refused, row, offset, resources));
  if (!covering.includes(true)) return;
  const all = !covering.includes(false);
  for (let column = 0; column < filters.stride; column++) {
    const page = filters.pageOf[agent * filters.stride + column] ?? 0;
    if (page === 0) continue;
    if (all) blocked[to + column]! |= filters.present[page]!;
    else blocked[to + column]! |= coveredIn(filters, page, covering);
  }
}

/** All filters of the pair. */
export function filtersOf(filters: Filters, agent: number, client: number): Filter[] {
  const at = findSlot(filters, agent, client);
  if (at < 0) return [];
  const first = { untilMs: filters.until[at]!, refused: filters.refused[agent]![filters.bag[at]!]! };
  return [first, ...(filters.aside.get(agent)?.get(client) ?? [])];
}

/** Ends what is over by now, and names each pair that has a filter less. */
export function expire(filters: Filters, nowMs: number, ended: (agent: number, client: number) => void): void {
  for (let next = filters.wakes.peek(); next !== undefined && next.atMs <= nowMs; next = filters.wakes.peek()) {
    filters.wakes.pop();
    if (filters.due[next.agent] !== next.atMs) continue;
    expireAgent(filters, next.agent, nowMs, ended);
  }
}

/** When the next filter ends; Infinity if there is none. May be early when filters were cleared, never late. */
export function nextExpiry(filters: Filters): number {
  for (let next = filters.wakes.peek(); next !== undefined; next = filters.wakes.peek()) {
    if (filters.due[next.agent] === next.atMs) return next.atMs;
    filters.wakes.pop();
  }
  return Number.POSITIVE_INFINITY;
}

/** Drops all filters of the client. */
export function clearClient(filters: Filters, client: number, agents: number): void {
  if ((filters.active[client] ?? 0) === 0) return;
  for (let agent = 0; agent < agents; agent++) {
    const at = findSlot(filters, agent, client);
    if (at < 0) continue;
    drop(filters, agent, client, at);
    dropAside(filters, agent, client);
  }
}

/** Drops all filters on the agent. */
export function clearAgent(filters: Filters, agent: number): void {
  eachFilter(filters, agent, (client, at) => {
    drop(filters, agent, client, at);
    dropAside(filters, agent, client);
  });
  filters.refused[agent] = undefined;
  filters.due[agent] = Number.POSITIVE_INFINITY;
}

function coveredIn(filters: Filters, page: number, covering: readonly boolean[]): number {
  let covered = 0;
  for (let word = filters.present[page]!; word !== 0; word &= word - 1) {
    if (covering[filters.bag[page * 32 + 31 - Math.clz32(word & -word)]!]) covered |= word & -word;
  }
  return covered;
}

function expireAgent(
  filters: Filters,
  agent: number,
  nowMs: number,
  ended: (agent: number, client: number) => void,
): void {
  let due = Number.POSITIVE_INFINITY;
  eachFilter(filters, agent, (client, at) => {
    const more = filters.aside.get(agent)?.get(client);
    if (filters.until[at]! > nowMs && more === undefined) {
      due = Math.min(due, filters.until[at]!);
      return;
    }
    if (more !== undefined) expireAside(filters, agent, client, more, nowMs);
    if (filters.until[at]! <= nowMs && !promote(filters, agent, client, at)) drop(filters, agent, client, at);
    for (const { untilMs } of filtersOf(filters, agent, client)) due = Math.min(due, untilMs);
    ended(agent, client);
  });
  filters.due[agent] = Number.POSITIVE_INFINITY;
  if (due !== Number.POSITIVE_INFINITY) wakeAt(filters, agent, due);
}

function wakeAt(filters: Filters, agent: number, atMs: number): void {
  filters.due[agent] = atMs;
  filters.wakes.push({ atMs, agent });
}

// Of two filters one is enough when it holds longer and contains the other.
function join(filters: Filters, agent: number, client: number, at: number, refused: Refused, untilMs: number): void {
  const old = filters.refused[agent]![filters.bag[at]!]!;
  const oldUntil = filters.until[at]!;
  if (untilMs >= oldUntil && covers(filters.space, refused, old.row, 0, old.resources)) {
    place(filters, agent, at, refused, untilMs);
    release(filters, agent, old);
  } else if (oldUntil >= untilMs && covers(filters.space, old, refused.row, 0, refused.resources))
    forget(filters, agent, refused);
  else setAside(filters, agent, client, { untilMs, refused });
}

function setAside(filters: Filters, agent: number, client: number, filter: Aside): void {
  let ofAgent = filters.aside.get(agent);
  if (ofAgent === undefined) filters.aside.set(agent, (ofAgent = new Map()));
  const kept: Aside[] = [];
  // Counted first: the filter that it replaces may be the last other user of the same bag.
  filter.refused.users++;
  for (const old of ofAgent.get(client) ?? []) {
    if (
      filter.untilMs >= old.untilMs &&
      covers(filters.space, filter.refused, old.refused.row, 0, old.refused.resources)
    )
      release(filters, agent, old.refused);
    else kept.push(old);
  }
  kept.push(filter);
  ofAgent.set(client, kept);
}

function expireAside(filters: Filters, agent: number, client: number, list: Aside[], nowMs: number): void {
  const kept = list.filter(({ untilMs, refused }) => {
    if (untilMs <= nowMs) release(filters, agent, refused);
    return untilMs > nowMs;
  });
  if (kept.length > 0) filters.aside.get(agent)!.set(client, kept);
  else filters.aside.get(agent)!.delete(client);
}

function promote(filters: Filters, agent: number, client: number, at: number): boolean {
  const more = filters.aside.get(agent)?.get(client);
  const next = more?.pop();
  if (next === undefined) return false;
  if (more!.length === 0) filters.aside.get(agent)!.delete(client);
  release(filters, agent, filters.refused[agent]![filters.bag[at]!]!);
  place(filters, agent, at, next.refused, next.untilMs);
  next.refused.users--;
  return true;
}

function dropAside(filters: Filters, agent: number, client: number): void {
  const ofAgent = filters.aside.get(agent);
  for (const { refused } of ofAgent?.get(client) ?? []) release(filters, agent, refused);
  ofAgent?.delete(client);
}

function place(filters: Filters, agent: number, at: number, refused: Refused, untilMs: number): void {
  refused.users++;
  filters.until[at] = untilMs;
  filters.bag[at] = filters.refused[agent]!.indexOf(refused);
}

function drop(filters: Filters, agent: number, client: number, at: number): void {
  const page = at >> 5;
  release(filters, agent, filters.refused[agent]![filters.bag[at]!]!);
  filters.active[client]!--;
  filters.present[page]! &= ~(1 << (client & 31));
  if (filters.present[page] !== 0) return;
  filters.pageOf[agent * filters.stride + (client >>> 5)] = 0;
  filters.unusedPages.push(page);
}

/** The slot of the pair's filter, -1 if it has none. */
function findSlot(filters: Filters, agent: number, client: number): number {
  const column = client >>> 5;
  if (column >= filters.stride) return -1;
  const page = filters.pageOf[agent * filters.stride + column];
  if (page === undefined || page === 0 || (filters.present[page]! & (1 << (client & 31))) === 0) return -1;
  return page * 32 + (client & 31);
}

function slotOf(filters: Filters, agent: number, client: number): number {
  const column = client >>> 5;
  if (column >= filters.stride || (agent + 1) * filters.stride > filters.pageOf.length) grow(filters, agent, column);
  const index = agent * filters.stride + column;
  let page = filters.pageOf[index]!;
  if (page === 0) filters.pageOf[index] = page = newPage(filters);
  return page * 32 + (client & 31);
}

function grow(filters: Filters, agent: number, column: number): void {
  let stride = filters.stride;
  while (column >= stride) stride *= 2;
  const agents = filters.pageOf.length / filters.stride;
  const pageOf = new Int32Array((agent < agents ? agents : Math.max(agent + 1, 2 * agents)) * stride);
  for (let row = 0; row < agents; row++) {
    pageOf.set(filters.pageOf.subarray(row * filters.stride, (row + 1) * filters.stride), row * stride);
  }
  filters.pageOf = pageOf;
  filters.stride = stride;
}

function newPage(filters: Filters): number {
  const unused = filters.unusedPages.pop();
  if (unused !== undefined) return unused;
  if (filters.pages === filters.present.length) {
    const capacity = 2 * filters.pages;
    filters.present = copyOf(filters.present, new Uint32Array(capacity));
    filters.until = copyOf(filters.until, new Float64Array(capacity * 32));
    filters.bag = copyOf(filters.bag, new Uint16Array(capacity * 32));
  }
  return filters.pages++;
}

function copyOf<T extends Uint32Array | Float64Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function eachFilter(filters: Filters, agent: number, visit: (client: number, at: number) => void): void {
  const from = agent * filters.stride;
  if (from >= filters.pageOf.length) return;
  for (let column = 0; column < filters.stride; column++) {
    const page = filters.pageOf[from + column]!;
    if (page === 0) continue;
    for (let word = filters.present[page]!; word !== 0; word &= word - 1) {
      const bit = 31 - Math.clz32(word & -word);
      visit(column * 32 + bit, page * 32 + bit);
    }
  }
}

function internRefused(filters: Filters, agent: number, row: Float64Array, resources: readonly Resource[]): Refused {
  const list = (filters.refused[agent] ??= []);
  let free = -1;
  for (let i = list.length - 1; i >= 0; i--) {
    const known = list[i]!;
    if (known.users === 0) free = i;
    else if (equalRow(known.row, row) && sameList(known.resources, resources)) return known;
  }
  const refused = { row: row.slice(), resources, users: 0 };
  if (free >= 0) list[free] = refused;
  else list.push(refused);
  return refused;
}

function release(filters: Filters, agent: number, refused: Refused): void {
  refused.users--;
  forget(filters, agent, refused);
}

// A bag without users stays in its place until the next one takes it, so that the numbers of the others hold.
function forget(filters: Filters, agent: number, refused: Refused): void {
  const list = filters.refused[agent];
  if (refused.users === 0 && list?.at(-1) === refused) list.pop();
}

function equalRow(a: Float64Array, b: Float64Array): boolean {
  for (let column = 0; column < Math.max(a.length, b.length); column++)
    if ((a[column] ?? 0) !== (b[column] ?? 0)) return false;
  return true;
}

function sameList(a: readonly Resource[], b: readonly Resource[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!sameResource(a[i]!, b[i]!)) return false;
  return true;
}
