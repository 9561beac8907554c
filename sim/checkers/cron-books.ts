import type { CronEvent } from "@meseta/cron/core/event.ts";
import type { CronOut } from "@meseta/cron/core/out.ts";
import type { SavedProgress } from "@meseta/cron/core/saved.ts";
import type { Change } from "@meseta/lib/core/ports/store.ts";
import { Violation } from "./violation.ts";

/** Offers are kept for firings of the next moment, or until it is known what all that came are good for. */
const MOST_HELD_MS = 20_000;
const MOST_EVENTS = 50;

/** That a cron keeps no offers to itself, and that its schedules never stand where they stood before. */
export class CronBooks {
  readonly #nowMs: () => number;
  /** Offers that were heard of and not answered: when, and with which event. */
  readonly #held = new Map<string, { readonly sinceMs: number; readonly event: number }>();
  /** Until when the firings of a schedule are done with, by job and schedule, as it was stored last. */
  readonly #positions = new Map<string, Map<string, number>>();
  #events = 0;

  /** `nowMs`: the world's time. */
  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** A life begins, or its connection is lost: offers of before are nobody's. */
  forget(): void {
    this.#held.clear();
  }

  applied(event: CronEvent, out: CronOut): void {
    this.#events++;
    if (event.type === "disconnected") this.forget();
    if (event.type === "heard") this.#hear(event.event);
    for (const effect of out.effects) if (effect.type === "send") this.#answered(effect.call);
    const [id, since] = this.#held.entries().next().value ?? [];
    if (since === undefined) return;
    const heldMs = this.#nowMs() - since.sinceMs;
    if (heldMs > MOST_HELD_MS && this.#events - since.event > MOST_EVENTS)
      throw new Violation(`cron holds offer ${id} for ${heldMs} ms, and ${this.#held.size} in all`);
  }

  /** A change of its records is on the disk. A new definition may begin anew. */
  committed({ puts, deletes }: Change): void {
    for (const key of [...puts.keys(), ...deletes])
      if (key.startsWith("job/")) this.#positions.delete(key.slice("job/".length));
    for (const [key, text] of puts)
      if (key.startsWith("progress/")) this.#moved(key.slice("progress/".length), JSON.parse(text));
  }

  #moved(job: string, { positions }: SavedProgress): void {
    const before = this.#positions.get(job);
    for (const [schedule, { untilMs }] of Object.entries(positions))
      if (untilMs < (before?.get(schedule) ?? untilMs))
        throw new Violation(`${schedule} of ${job} goes back to ${untilMs} from ${before!.get(schedule)}`);
    this.#positions.set(job, new Map(Object.entries(positions).map(([id, { untilMs }]) => [id, untilMs])));
  }

  #hear({ type, offers, rescind }: (CronEvent & { type: "heard" })["event"]): void {
    if (type === "SUBSCRIBED") this.forget();
    const since = { sinceMs: this.#nowMs(), event: this.#events };
    for (const { id } of offers?.offers ?? []) this.#held.set(id.value, since);
    if (rescind !== undefined) this.#held.delete(rescind.offer_id.value);
  }

  #answered({ accept, decline }: (CronOut["effects"][number] & { type: "send" })["call"]): void {
    for (const { value } of [...(accept?.offer_ids ?? []), ...(decline?.offer_ids ?? [])]) this.#held.delete(value);
  }
}
