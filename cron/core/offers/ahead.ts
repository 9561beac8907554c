import type { CronState } from "../state.ts";
import { noteUnmet } from "./demand.ts";
import type { HeldOffer } from "./held.ts";
import { amountsOf, roomFor } from "./place.ts";
import type { Shape } from "./shape.ts";

/**
 * Looks at the firings of the next `aheadMs`, and returns the offers at hand that none of them needs, or that have been held for twice as long. When something else is
 * needed, offers are to be asked for. Between two looks nothing is given back, as long as there are such firings.
 */
export function lookAhead(state: CronState, nowMs: number): HeldOffer[] {
  const { offers } = state;
  const isTime = nowMs < offers.lookedMs || nowMs >= nextLookMs(state);
  if (!isTime) return offers.needs.size > 0 ? [] : [...offers.values()];
  offers.lookedMs = nowMs;
  offers.needs = needsUntil(state, nowMs + state.config.aheadMs);
  const { unneeded, unmet } = share(state, nowMs);
  for (const shape of unmet) noteUnmet(state, shape);
  return unneeded;
}

/** When it is time to look ahead again, so that a firing is seen at about `aheadMs` before. */
export function nextLookMs({ offers, config }: CronState): number {
  return offers.lookedMs + Math.max(1, config.aheadMs / LOOKS_AHEAD);
}

const LOOKS_AHEAD = 8;

function needsUntil({ firings, entries, offers }: CronState, untilMs: number): Map<Shape, number> {
  const needs = new Map<Shape, number>();
  let looks = 0;
  for (const { job, schedule, atMs } of firings.until(untilMs)) {
    if (looks++ >= MOST_FIRINGS) break;
    const entry = entries.get(job);
    if (entry?.firings.get(schedule) !== atMs) continue;
    const shape = offers.shapes.of(entry.job);
    if (needs.size < MOST_SHAPES || needs.has(shape)) needs.set(shape, (needs.get(shape) ?? 0) + 1);
  }
  return needs;
}

/** More are not looked at: their offers come when they are nearer. */
const MOST_FIRINGS = 1000;
const MOST_SHAPES = 64;

/** Promises to each firing its part of an offer, the oldest offers first. An offer that is used is away for a moment, so many firings are spread over several. */
function share({ offers, config }: CronState, nowMs: number): { unneeded: HeldOffer[]; unmet: Iterable<Shape> } {
  const missing = new Map(offers.needs);
  const most = Math.ceil(missing.values().reduce((sum, count) => sum + count, 0) / MOST_KEPT);
  const unneeded: HeldOffer[] = [];
  for (const held of offers.values()) {
    const isOld = nowMs - held.sinceMs >= 2 * config.aheadMs;
    if (isOld || !promise(held, missing, most)) unneeded.push(held);
  }
  return { unneeded, unmet: missing.keys() };
}

/** More offers than needed for their resources are kept up to this number. */
const MOST_KEPT = 16;

/** Whether anything of what is missing fits on the offer; that is not missing then. At most so many firings get it. */
function promise(held: HeldOffer, missing: Map<Shape, number>, most: number): boolean {
  if (missing.size === 0) return false;
  const left = amountsOf(held);
  let promised = 0;
  for (const [shape, count] of missing) {
    const room = roomFor(shape, held, left, Math.min(count, most - promised));
    if (room === 0) continue;
    promised += room;
    for (const [name, milli] of shape.scalars) left.set(name, left.get(name)! - room * milli);
    if (room === count) missing.delete(shape);
    else missing.set(shape, count - room);
    if (promised === most) break;
  }
  return promised > 0;
}
