import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { valuesOf } from "./place/field.ts";
import { stockOf } from "./place/pool.ts";
import type { Reason } from "./place/reason.ts";
import { type Match, place, type Seeker, type Settings } from "./place.ts";

/** Instances of one service in the queue. */
export interface Queued<Key> {
  readonly key: Key;
  /** The next instance that wants a place, or undefined when there is none (left). Asked again after each match. */
  next(): Seeker | undefined;
}

export interface Filled<Key> {
  readonly matches: readonly { readonly key: Key; readonly match: Match }[];
  /** For each service that looked at the offer and left without any match: why. */
  readonly rejections: readonly { readonly key: Key; readonly reason: Reason }[];
}

/**
 * Fills one offer in one pass: each service in its turn puts as many instances on it as fit, up to `mostInstances` in all. A service's tallies are
 * counted on as its instances are placed, so that UNIQUE and its like hold within the offer as well.
 */
export function fillOffer<Key>(
  offer: Offer,
  queue: Iterable<Queued<Key>>,
  limits: { readonly mostInstances: number; readonly settings: Settings },
  random: Random,
  nowMs: number,
): Filled<Key> {
  const stock = stockOf(offer);
  const matches: { key: Key; match: Match }[] = [];
  const rejections: { key: Key; reason: Reason }[] = [];
  for (const { key, next } of queue) {
    if (matches.length >= limits.mostInstances) break;
    const before = matches.length;
    for (let seeker = next(); seeker !== undefined && matches.length < limits.mostInstances; seeker = next()) {
      const match = place(seeker, stock, limits.settings, random, nowMs);
      if (typeof match === "string") {
        if (matches.length === before) rejections.push({ key, reason: match });
        break;
      }
      matches.push({ key, match });
      seeker.placed.add(valuesOf(seeker.placed.fields, offer));
    }
  }
  return { matches, rejections };
}
