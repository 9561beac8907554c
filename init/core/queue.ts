import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { has, type Stock } from "@meseta/sdk/core/offer/pool.ts";
import { INIT_BOUNDS } from "./bounds.ts";
import { type FillLimits, fillOffer, type Queued } from "./fill.ts";
import { type Delay, launchableAtMs } from "./instance/backoff.ts";
import { countOffer, newCounters, type OfferCounters } from "./place/counters.ts";
import type { Reason } from "./place/reason.ts";
import type { Match, Seeker } from "./place.ts";

/** What the queue asks others. */
export interface QueueView {
  /** How the instance is to be placed; undefined when nothing is known of it (any more). */
  seekerOf(instanceId: string): Seeker | undefined;
  delayOf(spec: string): Delay | undefined;
  /** Whether it is not known yet how many of the service are to be launched. */
  isHeld?(spec: string): boolean;
  /** How many of the service may be launched now; Infinity unless some of it are ending. */
  roomOf?(spec: string): number;
  /** Thousandths of cpus and MiB of memory that an instance of the service takes. */
  needOf?(spec: string): Need | undefined;
}

export interface Need {
  readonly cpusMilli: number;
  readonly memMilli: number;
}

/** A service with instances to launch. */
export interface Entry {
  readonly spec: string;
  /** In the order in which they came. */
  readonly instances: ReadonlySet<string>;
  readonly sinceMs: number;
  readonly counters: OfferCounters;
  /** The last offers that it left, the newest last, at most MOST_UNUSED. */
  readonly unused: readonly Unused[];
}

export interface Unused {
  readonly offer: Offer;
  readonly reason: Reason;
  readonly atMs: number;
}

export interface Placed {
  readonly instanceId: string;
  readonly match: Match;
}

/** How many unused offers of each service are kept to look at. */
export const MOST_UNUSED = INIT_BOUNDS.unusedOffers.most;

/** The instances that wait for a launch, by service. Who came first is asked first; a service whose delay is not over is passed by, and the others go on. */
export class LaunchQueue {
  readonly #entries = new Map<string, Held>();

  add(spec: string, instanceId: string, nowMs: number): void {
    let entry = this.#entries.get(spec);
    if (entry === undefined) {
      entry = { spec, instances: new Set(), kept: new Set(), sinceMs: nowMs, counters: newCounters(), unused: [] };
      this.#entries.set(spec, entry);
    }
    entry.instances.add(instanceId);
  }

  /** Something is kept for it on one agent: that agent's offers are its own whatever the others of its service find, so it is asked before them. */
  prefer(spec: string, instanceId: string): void {
    this.#entries.get(spec)?.kept.add(instanceId);
  }

  /** It was launched, or is not wanted any more. */
  remove(spec: string, instanceId: string): void {
    const entry = this.#entries.get(spec);
    entry?.instances.delete(instanceId);
    entry?.kept.delete(instanceId);
    if (entry?.instances.size === 0) this.#entries.delete(spec);
  }

  get entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  entryOf(spec: string): Entry | undefined {
    return this.#entries.get(spec);
  }

  get isEmpty(): boolean {
    return this.#entries.size === 0;
  }

  /** When the next service whose delay is not over may launch; undefined when none waits for that. */
  nextLaunchMs(view: QueueView, nowMs: number): number | undefined {
    let soonest: number | undefined;
    for (const { spec } of this.#entries.values()) {
      const atMs = launchableAtMs(view.delayOf(spec));
      if (atMs > nowMs && (soonest === undefined || atMs < soonest)) soonest = atMs;
    }
    return soonest;
  }

  /** Puts what fits on the offer, and counts who looked at it. The launched leave the queue; those for whom something was only reserved stay in it. */
  take(offer: Offer, view: QueueView, limits: FillLimits, random: Random, nowMs: number): Placed[] {
    const { matches, rejections } = fillOffer(offer, this.#turns(view, nowMs), limits, random, nowMs);
    const agentId = offer.agent_id.value;
    for (const { counters } of new Set(matches.map(({ key }) => key))) countOffer(counters, agentId, undefined, nowMs);
    for (const { key, reason } of rejections) {
      countOffer(key.counters, agentId, reason, nowMs);
      key.unused.push({ offer, reason, atMs: nowMs });
      if (key.unused.length > MOST_UNUSED) key.unused.shift();
    }
    for (const { key, item, match } of matches)
      if (match.kind === "launch") this.remove(key.spec, item);
      else this.prefer(key.spec, item);
    return matches.map(({ item, match }) => ({ instanceId: item, match }));
  }

  /** How many services wait. */
  get size(): number {
    return this.#entries.size;
  }

  *#turns(view: QueueView, nowMs: number): Generator<Queued<Held, string>> {
    for (const entry of this.#entries.values()) yield new Turn(entry, view, nowMs);
  }
}

interface Held extends Entry {
  readonly instances: Set<string>;
  /** Those of them for whom something is kept. */
  readonly kept: Set<string>;
  readonly unused: Unused[];
}

/** A service's turn at one offer; without any instance while its delay is not over, or its number is being decided. */
class Turn implements Queued<Held, string> {
  readonly key: Held;
  readonly #view: QueueView;
  readonly #nowMs: number;
  #ids: Iterator<string> | undefined;

  constructor(key: Held, view: QueueView, nowMs: number) {
    this.key = key;
    this.#view = view;
    this.#nowMs = nowMs;
  }

  mayFit({ pools }: Stock): boolean {
    const need = this.#view.needOf?.(this.key.spec);
    return need === undefined || (has(pools, "cpus", need.cpusMilli) && has(pools, "mem", need.memMilli));
  }

  room(): number {
    return this.#view.roomOf?.(this.key.spec) ?? Number.POSITIVE_INFINITY;
  }

  next(): { item: string; seeker: Seeker } | undefined {
    this.#ids ??= this.#begin();
    for (let next = this.#ids.next(); next.done !== true; next = this.#ids.next()) {
      const seeker = this.#view.seekerOf(next.value);
      if (seeker !== undefined) return { item: next.value, seeker };
    }
    return undefined;
  }

  #begin(): Iterator<string> {
    const { spec, instances, kept } = this.key;
    const isDelayed = launchableAtMs(this.#view.delayOf(spec)) > this.#nowMs;
    if (isDelayed || this.#view.isHeld?.(spec)) return [].values();
    return kept.size === 0 ? instances.values() : keptFirst(kept, instances);
  }
}

function* keptFirst(kept: ReadonlySet<string>, instances: ReadonlySet<string>): Generator<string> {
  yield* kept;
  for (const id of instances) if (!kept.has(id)) yield id;
}
