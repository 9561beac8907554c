import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import type { Pool } from "@meseta/sdk/core/offer/pool.ts";

/** An offer that was given back, with what was left of it. */
export interface SeenOffer {
  readonly offer: Offer;
  readonly pools: readonly Pool[];
  /** In another region than the master. */
  readonly isFar: boolean;
}

/** What each agent offered last, of what was given back since all offers were asked for: it tells people why nothing fits. Nothing is decided by it. */
export class SeenOffers {
  readonly #byAgent = new Map<string, SeenOffer>();

  add({ offer, pools, isFar }: SeenOffer): void {
    const agentId = offer.agent_id.value;
    this.#byAgent.delete(agentId);
    this.#byAgent.set(agentId, { offer, pools, isFar });
    if (this.#byAgent.size > MOST_AGENTS) this.#byAgent.delete(this.#byAgent.keys().next().value!);
  }

  clear(): void {
    this.#byAgent.clear();
  }

  get size(): number {
    return this.#byAgent.size;
  }

  values(): Iterable<SeenOffer> {
    return this.#byAgent.values();
  }
}

const MOST_AGENTS = 1000;
