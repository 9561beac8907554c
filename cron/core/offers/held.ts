import type { Offer, OfferID, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { fieldValue } from "@meseta/sdk/core/offer/field.ts";
import { poolsFor, stockOf } from "@meseta/sdk/core/offer/pool.ts";
import { Lines } from "./lines.ts";
import { type SeenOffer, SeenOffers } from "./seen.ts";
import { type Shape, Shapes } from "./shape.ts";

/** An offer at hand, and what is left of it. */
export interface HeldOffer extends SeenOffer {
  readonly sinceMs: number;
  /** What does not fit on it any more. */
  readonly refused: Set<Shape>;
  /** What is to be launched on it at the end of this event. */
  readonly tasks: TaskInfo[];
}

/** The offers at hand, who waits for some, and what is known of those that were refused. Nothing of it is stored: a new life is offered all again. */
export class HeldOffers {
  readonly shapes = new Shapes();
  readonly lines = new Lines();
  readonly seen = new SeenOffers();
  readonly #held = new Map<string, HeldOffer>();
  /** What every offer that was refused since all were asked for is too small for; undefined while none was. */
  #tooSmallFor: Set<Shape> | undefined;
  /** Something wants offers that it has not been tried on. */
  isHungry = false;
  /** What the firings of the next moments need, how many of each, as it was at `lookedMs`. */
  needs: ReadonlyMap<Shape, number> = new Map();
  lookedMs = Number.NEGATIVE_INFINITY;
  /** How many offers have come since all were asked for, and when that may be next. */
  #received = 0;
  reviveFromMs = 0;
  /** Given back by calls of which nobody knows whether they arrived: they are given back again, from then on. */
  undeclined: OfferID[] = [];
  declineFromMs = 0;
  /** Until then each task is launched with a call of its own, since the master has refused one for several. */
  oneByOneUntilMs = 0;

  get size(): number {
    return this.#held.size;
  }

  values(): Iterable<HeldOffer> {
    return this.#held.values();
  }

  /** What was found since offers were asked for says how long it takes to look at them all: they are asked for again after a multiple of that. */
  add(offers: readonly Offer[], role: string, region: string | undefined, nowMs: number): void {
    for (const offer of offers) {
      const pools = poolsFor(stockOf(offer), [role, "*"]);
      const there = fieldValue("@region", offer);
      const isFar = region !== undefined && there !== undefined && there !== region;
      this.#held.set(offer.id.value, { offer, pools, isFar, sinceMs: nowMs, refused: new Set(), tasks: [] });
    }
    this.#received += offers.length;
    const restMs = Math.min(LEAST_REST_MS + this.#received * REST_MS_PER_OFFER, MOST_REST_MS);
    this.reviveFromMs = Math.max(this.reviveFromMs, nowMs + Math.ceil(restMs));
    this.lines.allAreDue();
  }

  /** The offer is gone. */
  remove(offerId: string): void {
    this.#held.delete(offerId);
  }

  /** Nobody offers what is left of it again for a while. */
  refuse(held: HeldOffer): void {
    const { offer, refused } = held;
    this.seen.add(held);
    this.#held.delete(offer.id.value);
    this.#tooSmallFor = this.#tooSmallFor?.intersection(refused) ?? new Set(refused);
  }

  /** Whether somewhere there may be room for it that was refused before. */
  mayFitRefused(shape: Shape): boolean {
    return this.#tooSmallFor !== undefined && !this.#tooSmallFor.has(shape);
  }

  /** All are offered again. */
  revived(nowMs: number): void {
    this.#tooSmallFor = undefined;
    this.seen.clear();
    this.#received = 0;
    this.isHungry = false;
    this.reviveFromMs = nowMs + LEAST_REST_MS;
  }

  /** To ask for them came to nothing. */
  reviveLater(nowMs: number): void {
    this.isHungry = true;
    this.reviveFromMs = nowMs + MOST_REST_MS;
  }

  /** Another connection: nothing is held, and the master remembers no refusal. */
  reset(): void {
    this.#held.clear();
    this.undeclined = [];
    this.revived(0);
    this.lines.allAreDue();
  }
}

const REST_MS_PER_OFFER = 0.2;
const LEAST_REST_MS = 20;
const MOST_REST_MS = 5000;
