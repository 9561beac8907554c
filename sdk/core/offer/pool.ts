import type { Offer, Resource, ValueRange } from "@meseta/api/mesos/generated/mesos.ts";
import { isIndivisible, reservationRole } from "@meseta/api/mesos/resources/identity.ts";
import { subtractRanges } from "@meseta/api/mesos/resources/ranges.ts";
import { isStrictSubrole } from "@meseta/api/mesos/resources/roles.ts";
import { milliOf, rangesOf, withMilli } from "@meseta/api/mesos/resources/value.ts";

/** One resource of an offer, and what is left of it while the offer is filled. */
export interface Pool {
  readonly resource: Resource;
  /** The role for which it is reserved; `*` when it is not. */
  readonly role: string;
  /** Thousandths of a scalar. */
  milli: number;
  /** Numbers of ranges. */
  ranges: readonly ValueRange[];
}

/** An offer while it is filled: what is taken for one task is gone for the next. */
export interface Stock {
  readonly offer: Offer;
  readonly pools: readonly Pool[];
}

/** The offer with all of it left. What may be taken back at any moment (revocable) is never used. */
export function stockOf(offer: Offer): Stock {
  const usable = (offer.resources ?? []).filter(({ revocable }) => revocable === undefined);
  return { offer, pools: usable.map(poolOf) };
}

/** Pools that anybody with these roles may use, reserved ones first, so that the unreserved ones stay for all. Volumes, and what is kept for somebody by labels, are left out. */
export function poolsFor(stock: Stock, roles: readonly string[]): Pool[] {
  const open = stock.pools.filter(
    (pool) => isAccepted(pool.role, roles) && !isKept(pool.resource) && !hasBodyOfItsOwn(pool.resource),
  );
  return [...open.filter(({ role }) => role !== "*"), ...open.filter(({ role }) => role === "*")];
}

/** Whether the amount is there. */
export function has(pools: readonly Pool[], name: string, milli: number): boolean {
  return milli <= 0 || amountOf(pools, name) >= milli;
}

/** How much is there, in thousandths. */
export function amountOf(pools: readonly Pool[], name: string): number {
  let sum = 0;
  for (const pool of pools) if (pool.resource.name === name) sum += pool.milli;
  return sum;
}

/** Takes the amount out of the pools, in their order; it must be there. */
export function takeScalar(pools: readonly Pool[], name: string, milli: number): Resource[] {
  const taken: Resource[] = [];
  for (const pool of pools) {
    if (milli <= 0) break;
    if (pool.resource.name !== name || pool.milli === 0) continue;
    const part = Math.min(pool.milli, milli);
    pool.milli -= part;
    milli -= part;
    taken.push(withMilli(pool.resource, part));
  }
  return taken;
}

/** Takes one port, which must be there. */
export function takePort(pools: readonly Pool[], port: number): Resource {
  const pool = pools.find((one) => one.resource.name === "ports" && holds(one.ranges, port))!;
  const range = [{ begin: port, end: port }];
  pool.ranges = subtractRanges(pool.ranges, range);
  return { ...pool.resource, ranges: { range } };
}

function poolOf(resource: Resource): Pool {
  return {
    resource,
    role: reservationRole(resource) ?? "*",
    milli: resource.type === "SCALAR" ? milliOf(resource) : 0,
    ranges: resource.type === "RANGES" ? rangesOf(resource) : [],
  };
}

function holds(ranges: readonly ValueRange[], port: number): boolean {
  return ranges.some(({ begin, end }) => begin <= port && port <= end);
}

// What is reserved for a role is for the roles below it as well.
function isAccepted(owner: string, roles: readonly string[]): boolean {
  return roles.includes(owner) || (owner !== "*" && roles.some((role) => isStrictSubrole(role, owner)));
}

// A reservation with labels was made for one task, ours or another framework's of the same role.
function isKept({ reservations }: Resource): boolean {
  return (reservations?.at(-1)?.labels?.labels ?? []).length > 0;
}

function hasBodyOfItsOwn(resource: Resource): boolean {
  return isIndivisible(resource) || resource.disk?.source !== undefined;
}
