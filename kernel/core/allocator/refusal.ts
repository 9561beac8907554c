import type { Refusal } from "./allocator.ts";
import { blockIfSure } from "./candidates.ts";
import { refuse } from "./filters.ts";
import { type Parcel, resourcesOf } from "./parcel.ts";
import type { Agent, Client, State } from "./state.ts";

/** How long a refusal is meant to hold, in milliseconds: `refuse_seconds` as sent; undefined, negative and NaN mean 5 s, more than a year is a year, 0 is none. */
export function refusalMs(refuseSeconds: number | undefined): number {
  if (refuseSeconds === undefined || !(refuseSeconds >= 0)) return DEFAULT_REFUSAL_MS;
  return Math.min(Math.round(refuseSeconds * 1000), LONGEST_REFUSAL_MS);
}

/** A declined offer, or the unused part of an accepted one: the client is not offered it, or less, for a time. */
export function addRefusal(
  state: State,
  agent: Agent,
  client: Client,
  parcel: Parcel,
  { refuseSeconds, nowMs }: Refusal,
): void {
  client.refusingSinceMs ??= nowMs;
  const lastsMs = effectiveMs(state, refusalMs(refuseSeconds), nowMs - client.refusingSinceMs);
  if (lastsMs <= 0) return;
  refuse(state.filters, agent.index, client.index, parcel.row, resourcesOf(parcel.pieces), nowMs + lastsMs);
  blockIfSure(state, agent, client);
}

/**
 * The back-off: a framework that has only refused for some time is asked again after a twelfth of that time, if this is longer than what it asked for.
 * So one that refuses everything with 0 s settles at one offer per allocation interval instead of as fast as the network goes, and one with 5 s
 * is left alone from its second minute on, up to `backoffMaxMs`. Any use of an offer, REVIVE or new subscription ends it.
 */
function effectiveMs(state: State, wantedMs: number, refusingMs: number): number {
  const { allocationIntervalMs, backoffMaxMs } = state.options;
  const backoffMs = backoffMaxMs === 0 ? 0 : Math.floor(refusingMs / BACKOFF_DIVISOR);
  if (wantedMs === 0) return Math.min(backoffMs, allocationIntervalMs);
  return Math.max(allocationIntervalMs, wantedMs, Math.min(backoffMs, backoffMaxMs));
}

const DEFAULT_REFUSAL_MS = 5_000;
const LONGEST_REFUSAL_MS = 365 * 24 * 3_600_000;
const BACKOFF_DIVISOR = 12;
