import type { ValueScalar } from "@meseta/api/mesos/generated/mesos.ts";
import type { QuotaConfig } from "@meseta/api/mesos/generated/quota.ts";
import { clearRow, createRows, ensureRow, type Rows, rowOf, type Space } from "./space.ts";

/**
 * Guarantees and limits of the top-level roles, and the headroom that guarantees need. A role consumes what is reserved for it or its
 * sub-roles, allocated or not, and the unreserved, not revocable scalars that its frameworks hold.
 */
export interface Quota {
  readonly space: Space;
  readonly tops: Map<string, Top>;
  readonly consumed: Rows;
  /** One row each. What guarantees still lack, summed over the roles; what agents that can be offered have free, unreserved and not revocable. */
  readonly required: Rows;
  readonly available: Rows;
  readonly unused: number[];
  rows: number;
}

/** A top-level role, with quota or without. */
export interface Top {
  readonly role: string;
  readonly index: number;
  config: QuotaConfig | undefined;
  guarantee: Float64Array;
  /** Infinity where there is none; undefined when nothing is limited. */
  limit: Float64Array | undefined;
  /** The clients of the role and its sub-roles. */
  readonly clients: Set<number>;
  /** Some guarantee is not met. */
  unmet: boolean;
  /** Even a whole agent of plain resources would leave too little within the limit to be offered under the default minimum. */
  exhausted: boolean;
  /** Somebody was given less, or nothing, because of the limit. */
  cut: boolean;
}

export function createQuota(space: Space): Quota {
  const [consumed, required, available] = [createRows(space), createRows(space), createRows(space)];
  return { space, tops: new Map(), consumed, required, available, unused: [], rows: 0 };
}

/** The top-level role of a role path. */
export function topOf(quota: Quota, role: string): Top {
  const slash = role.indexOf("/");
  const name = slash < 0 ? role : role.slice(0, slash);
  return quota.tops.get(name) ?? addTop(quota, name);
}

/** Forgets a role that has neither quota nor clients nor reservations. */
export function releaseTop(quota: Quota, top: Top): void {
  if (top.config !== undefined || top.clients.size > 0) return;
  const from = top.index * quota.space.width;
  for (let column = 0; column < quota.space.names.length; column++)
    if (quota.consumed.data[from + column] !== 0) return;
  quota.tops.delete(top.role);
  quota.unused.push(top.index);
}

export function configure(quota: Quota, top: Top, config: QuotaConfig): void {
  const { guarantees = {}, limits = {} } = config;
  const empty = Object.keys(guarantees).length === 0 && Object.keys(limits).length === 0;
  addLack(quota, top, -1);
  top.config = empty ? undefined : config;
  top.guarantee = rowOf(quota.space, valuesOf(guarantees));
  top.limit =
    Object.keys(limits).length === 0 ? undefined : rowOf(quota.space, valuesOf(limits), Number.POSITIVE_INFINITY);
  addLack(quota, top, 1);
}

/** The role consumes a row more (sign 1) or less (-1). */
export function consume(quota: Quota, top: Top, row: ArrayLike<number>, sign: 1 | -1): void {
  const { width, names } = quota.space;
  const consumed = quota.consumed.data;
  const required = quota.required.data;
  const from = top.index * width;
  for (let column = 0; column < names.length; column++) {
    const change = sign * row[column]!;
    if (change === 0) continue;
    const guarantee = column < top.guarantee.length ? top.guarantee[column]! : 0;
    const before = consumed[from + column]!;
    consumed[from + column] = before + change;
    if (guarantee > 0) required[column]! += Math.max(0, guarantee - before - change) - Math.max(0, guarantee - before);
  }
}

/** What the guarantee still lacks. */
export function lackOf(quota: Quota, top: Top, column: number): number {
  const guarantee = column < top.guarantee.length ? top.guarantee[column]! : 0;
  return guarantee === 0 ? 0 : Math.max(0, guarantee - quota.consumed.data[top.index * quota.space.width + column]!);
}

/** How much more the limit allows. */
export function roomOf(quota: Quota, top: Top, column: number): number {
  const { limit } = top;
  if (limit === undefined || column >= limit.length) return Number.POSITIVE_INFINITY;
  return Math.max(0, limit[column]! - quota.consumed.data[top.index * quota.space.width + column]!);
}

/** How much may be given away without touching what guarantees lack. */
export function surplusOf(quota: Quota, column: number): number {
  const required = quota.required.data[column]!;
  return required === 0 ? Number.POSITIVE_INFINITY : Math.max(0, quota.available.data[column]! - required);
}

export function hasLack(quota: Quota, top: Top): boolean {
  for (let column = 0; column < top.guarantee.length; column++) if (lackOf(quota, top, column) > 0) return true;
  return false;
}

function addLack(quota: Quota, top: Top, sign: 1 | -1): void {
  for (let column = 0; column < top.guarantee.length; column++)
    quota.required.data[column]! += sign * lackOf(quota, top, column);
}

function addTop(quota: Quota, role: string): Top {
  const index = quota.unused.pop() ?? quota.rows++;
  ensureRow(quota.space, quota.consumed, index);
  clearRow(quota.space, quota.consumed, index);
  const top: Top = {
    role,
    index,
    config: undefined,
    guarantee: NOTHING,
    limit: undefined,
    clients: new Set(),
    unmet: false,
    exhausted: false,
    cut: false,
  };
  quota.tops.set(role, top);
  return top;
}

function valuesOf(scalars: Readonly<Record<string, ValueScalar>>): Record<string, number> {
  return Object.fromEntries(Object.entries(scalars).map(([name, { value }]) => [name, value]));
}

const NOTHING = new Float64Array(0);
