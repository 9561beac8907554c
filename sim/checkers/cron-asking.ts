import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import type { Cron } from "@meseta/cron/core/cron.ts";
import type { CronEvent } from "@meseta/cron/core/event.ts";
import type { Job } from "@meseta/cron/core/job.ts";
import type { CronOut } from "@meseta/cron/core/out.ts";
import { runsOf } from "./cron-places.ts";
import { Lasting } from "./lasting.ts";

/** It asks again after five seconds, also when that came to nothing; and timers look at a clock that may be set once in ten. */
const MOST_MS = 30_000;
const LOOK_MS = 2_000;

/**
 * That a cron asks for offers again when a run waits that would fit on one which it has given back, and which nobody offers it again for two minutes: also while another
 * run waits that fits nowhere, and so offers were never stopped.
 */
export class AskingChecker {
  /** Offers that were heard of and not answered. */
  readonly #held = new Map<string, Offer>();
  /** The last that each agent offered and that was given back as a whole, since all were asked for. */
  readonly #refused = new Map<string, Offer>();
  readonly #lasting = new Lasting();
  #lookedMs = Number.NEGATIVE_INFINITY;

  /** A life begins, or its connection is lost: the master remembers no refusal. */
  forget(): void {
    this.#held.clear();
    this.#refused.clear();
  }

  applied(event: CronEvent, out: CronOut): void {
    if (event.type === "disconnected" || (event.type === "heard" && event.event.type === "SUBSCRIBED")) this.forget();
    if (event.type === "heard") this.#hear(event.event);
    for (const effect of out.effects) if (effect.type === "send") this.#said(effect.call);
  }

  /** `core`: of a cron that can work; undefined when it cannot. `nowMs`: the world's time; `dayMs`: by cron's clock. */
  look(core: Cron | undefined, nowMs: number, dayMs: number): void {
    if (core === undefined) return this.#lasting.forget();
    if (nowMs - this.#lookedMs < LOOK_MS) return;
    this.#lookedMs = nowMs;
    if (core.state.waiting.size === 0) return this.#lasting.forget();
    for (const { job, id, isWaiting } of runsOf(core, dayMs)) {
      const offer = isWaiting ? this.#refused.values().find((one) => isRoomFor(job, one)) : undefined;
      this.#lasting.check(`${job.id}/${id}`, offer && core, nowMs, MOST_MS, () => {
        return `run ${id} of ${job.id} waits, and offers are not asked for, though one of ${offer!.hostname} was given back`;
      });
    }
  }

  #hear({ offers, rescind }: (CronEvent & { type: "heard" })["event"]): void {
    for (const offer of offers?.offers ?? []) this.#held.set(offer.id.value, offer);
    if (rescind !== undefined) this.#held.delete(rescind.offer_id.value);
  }

  #said({ type, accept, decline }: (CronOut["effects"][number] & { type: "send" })["call"]): void {
    if (type === "REVIVE") this.#refused.clear();
    for (const { value } of accept?.offer_ids ?? []) this.#held.delete(value);
    for (const { value } of decline?.offer_ids ?? []) {
      const offer = this.#held.get(value);
      this.#held.delete(value);
      if (offer !== undefined) this.#refused.set(offer.agent_id.value, offer);
    }
  }
}

function isRoomFor({ run }: Job, { resources = [] }: Offer): boolean {
  if (run.constraints.length > 0) return false;
  return (["cpus", "mem", "disk"] as const).every((name) => {
    const free = resources.filter((one) => one.name === name && one.disk === undefined && !one.reservations?.length);
    return free.reduce((sum, { scalar }) => sum + Math.round((scalar?.value ?? 0) * 1000), 0) >= run[name] * 1000;
  });
}
