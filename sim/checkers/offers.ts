import type { InitEvent } from "@meseta/init/core/event.ts";
import type { InitOut } from "@meseta/init/core/out.ts";
import { Violation } from "./violation.ts";

/** An offer is used or declined when it comes, or, where many came, a few events later. */
const MOST_EVENTS = 50;

/** That an init keeps no offers to itself: others wait for what it holds, and the master would take it back only after a minute. */
export class OfferChecker {
  /** Those that were heard of and not answered, with the number of the event by which they came. */
  readonly #held = new Map<string, number>();
  #events = 0;

  /** A life begins, or its connection is lost: offers of before are nobody's. */
  forget(): void {
    this.#held.clear();
  }

  applied(event: InitEvent, out: InitOut): void {
    this.#events++;
    if (event.type === "disconnected") this.forget();
    if (event.type === "heard") this.#hear(event.event);
    for (const effect of out.effects) if (effect.type === "send") this.#answered(effect.call);
    const [id, since] = this.#held.entries().next().value ?? [];
    if (since !== undefined && this.#events - since > MOST_EVENTS)
      throw new Violation(`init holds offer ${id} for more than ${MOST_EVENTS} events, and ${this.#held.size} in all`);
  }

  #hear({ type, offers, rescind }: (InitEvent & { type: "heard" })["event"]): void {
    if (type === "SUBSCRIBED") this.forget();
    for (const { id } of offers?.offers ?? []) this.#held.set(id.value, this.#events);
    if (rescind !== undefined) this.#held.delete(rescind.offer_id.value);
  }

  #answered({ accept, decline }: (InitOut["effects"][number] & { type: "send" })["call"]): void {
    for (const { value } of [...(accept?.offer_ids ?? []), ...(decline?.offer_ids ?? [])]) this.#held.delete(value);
  }
}
