import type { OfferID } from "@meseta/api/mesos/generated/mesos.ts";
import type { CronOut } from "../out.ts";
import type { CronState } from "../state.ts";
import { askClock } from "../wakes.ts";
import type { HeldOffer } from "./held.ts";
import type { Shape } from "./shape.ts";

/** No offer at hand has room for it: others are to be asked for, if there may be any. */
export function noteUnmet({ offers, master }: CronState, shape: Shape): void {
  if (master.isSuppressed || offers.mayFitRefused(shape)) offers.isHungry = true;
}

/** Launches what was placed on the offers: one ACCEPT each. */
export function acceptUsed(state: CronState, nowMs: number, out: CronOut): void {
  const { offers, config } = state;
  for (const held of offers.values()) {
    if (held.tasks.length === 0) continue;
    // What is left comes back at once where there is more to launch.
    const hasMore = offers.lines.due.size > 0 || firesSoon(state, nowMs) || nowMs < offers.oneByOneUntilMs;
    if (hasMore) offers.remove(held.offer.id.value);
    else offers.refuse(held);
    const operations = [{ type: "LAUNCH" as const, launch: { task_infos: held.tasks } }];
    const filters = { refuse_seconds: hasMore ? 0 : config.declineMs / 1000 };
    out.send({ type: "ACCEPT", accept: { offer_ids: [held.offer.id], operations, filters } });
  }
}

function firesSoon({ firings, config }: CronState, nowMs: number): boolean {
  const nextMs = firings.nextMs();
  return nextMs !== undefined && nextMs <= nowMs + config.aheadMs;
}

/** Gives offers back, for as long as the operator wants. */
export function decline(state: CronState, unneeded: readonly HeldOffer[], out: CronOut): void {
  if (unneeded.length === 0) return;
  for (const held of unneeded) state.offers.refuse(held);
  const ids = unneeded.map(({ offer }) => offer.id);
  sendDecline(ids, state.config.declineMs, out);
}

/** To give these back came to nothing, and the master would keep them for us for ever. */
export function declineLater({ offers }: CronState, ids: readonly OfferID[], nowMs: number): void {
  offers.undeclined.push(...ids);
  offers.declineFromMs = nowMs + MOST_REST_MS;
}

/** Gives back again what did not arrive; what is offered anew is then looked at as any other. */
export function declineAgain(state: CronState, nowMs: number, out: CronOut): void {
  const { offers } = state;
  if (offers.undeclined.length === 0) return;
  offers.declineFromMs = Math.min(offers.declineFromMs, nowMs + MOST_REST_MS);
  if (nowMs < offers.declineFromMs) return askClock(state, offers.declineFromMs, out);
  const ids = offers.undeclined;
  offers.undeclined = [];
  sendDecline(ids, 0, out);
}

function sendDecline(offer_ids: OfferID[], refuseMs: number, out: CronOut): void {
  out.send({ type: "DECLINE", decline: { offer_ids, filters: { refuse_seconds: refuseMs / 1000 } } });
}

/** Asks for offers where something has not been tried on all there are, and for none where nothing waits and nothing fires soon. */
export function askForOffers(state: CronState, nowMs: number, out: CronOut): void {
  const { offers, waiting, isResting } = state;
  const isWanted = !isResting && (waiting.size > 0 || offers.needs.size > 0);
  if (!isWanted) return suppress(state, out);
  if (!offers.isHungry) return;
  // A clock that was set back does not make the rest longer.
  offers.reviveFromMs = Math.min(offers.reviveFromMs, nowMs + MOST_REST_MS);
  if (nowMs < offers.reviveFromMs) return askClock(state, offers.reviveFromMs, out);
  revive(state, nowMs, out);
}

const MOST_REST_MS = 5000;

function revive({ offers, master, config }: CronState, nowMs: number, out: CronOut): void {
  offers.revived(nowMs);
  master.isSuppressed = false;
  out.send({ type: "REVIVE", revive: { roles: [config.role] } });
}

function suppress({ offers, master, config }: CronState, out: CronOut): void {
  offers.isHungry = false;
  // Those that are still held are declined when they are next looked at.
  if (master.isSuppressed || offers.size > 0) return;
  master.isSuppressed = true;
  out.send({ type: "SUPPRESS", suppress: { roles: [config.role] } });
}
