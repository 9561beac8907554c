import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { fieldsAt } from "@meseta/sdk/core/offer/field.ts";
import { type Stock, stockOf } from "@meseta/sdk/core/offer/pool.ts";
import type { Reason } from "./place/reason.ts";
import { type Match, place, type Seeker, type Settings } from "./place.ts";

/** A service with instances to place, asked in its turn. */
export interface Queued<Key, Item> {
  readonly key: Key;
  /** False when what is left of the offer is too little for any of its instances. Quick: asked instead of `next` when many have been refused already. */
  mayFit?(stock: Stock): boolean;
  /** How many of its instances may be placed now. */
  room?(): number;
  /** The next instance that wants a place, or undefined when there is none left. */
  next(): { readonly item: Item; readonly seeker: Seeker } | undefined;
}

export interface Filled<Key, Item> {
  readonly matches: readonly { readonly key: Key; readonly item: Item; readonly match: Match }[];
  /** For each service that looked at the offer and left without any match: why. */
  readonly rejections: readonly { readonly key: Key; readonly reason: Reason }[];
}

export interface FillLimits {
  /** On one offer. */
  readonly mostInstances: number;
  readonly settings: Settings;
}

/** After so many refusals in a row those for whom there is clearly too little are passed over, and not counted: thousands may wait. */
const PATIENCE = 50;

/**
 * Fills one offer in one pass: each service in its turn puts as many instances on it as fit, up to `mostInstances` in all. A service's tallies are
 * counted on as its instances are placed, so that UNIQUE and its like hold within the offer as well.
 */
export function fillOffer<Key, Item>(
  offer: Offer,
  queue: Iterable<Queued<Key, Item>>,
  limits: FillLimits,
  random: Random,
  nowMs: number,
): Filled<Key, Item> {
  const stock = stockOf(offer);
  const matches: { key: Key; item: Item; match: Match }[] = [];
  const rejections: { key: Key; reason: Reason }[] = [];
  let refusedInARow = 0;
  for (const service of queue) {
    const left = limits.mostInstances - matches.length;
    if (left <= 0) break;
    const room = Math.min(left, service.room?.() ?? left);
    if (refusedInARow >= PATIENCE && service.mayFit?.(stock) === false) continue;
    const { found, reason } = fillWith(service, stock, room, limits.settings, random, nowMs);
    for (const one of found) matches.push({ key: service.key, ...one });
    refusedInARow = found.length > 0 ? 0 : refusedInARow + 1;
    if (found.length === 0 && reason !== undefined) rejections.push({ key: service.key, reason });
  }
  return { matches, rejections };
}

// Who has a reservation was counted when it was made.
function count({ placed, reservation }: Seeker, offer: Offer): void {
  if (!reservation?.isMade) placed.add(fieldsAt(placed.fields, offer));
}

// One refusal speaks for all instances of a service, except where it is only that this one's volume is elsewhere.
function fillWith<Key, Item>(
  service: Queued<Key, Item>,
  stock: Stock,
  room: number,
  settings: Settings,
  random: Random,
  nowMs: number,
): { found: { item: Item; match: Match }[]; reason?: Reason } {
  const found: { item: Item; match: Match }[] = [];
  let reason: Reason | undefined;
  while (found.length < room) {
    const next = service.next();
    if (next === undefined) break;
    const match = place(next.seeker, stock, settings, random, nowMs);
    if (typeof match !== "string") {
      found.push({ item: next.item, match });
      count(next.seeker, stock.offer);
    } else {
      reason = match;
      if (reason !== "NoCorrespondingReservationFound") break;
    }
  }
  return reason === undefined ? { found } : { found, reason };
}
