import type { CronOut } from "../out.ts";
import type { CronState } from "../state.ts";
import { askClock } from "../wakes.ts";
import { lookAhead, nextLookMs } from "./ahead.ts";
import { acceptUsed, askForOffers, decline, declineAgain } from "./demand.ts";
import { fill } from "./fill.ts";

/**
 * At the end of each event: launches who waits on the offers at hand, keeps those that the firings of the next moments need, gives the others back, and asks for more, or for none
 * at all, where that is due.
 */
export function settleOffers(state: CronState, nowMs: number, out: CronOut): void {
  if (!state.master.isConnected) return;
  declineAgain(state, nowMs, out);
  if (state.isResting) return rest(state, nowMs, out);
  fill(state, nowMs, out);
  acceptUsed(state, nowMs, out);
  // The others have their turn with the next event.
  if (state.offers.lines.due.size > 0) return askClock(state, nowMs, out);
  decline(state, lookAhead(state, nowMs), out);
  askForOffers(state, nowMs, out);
  lookAgain(state, nowMs, out);
}

function rest(state: CronState, nowMs: number, out: CronOut): void {
  decline(state, [...state.offers.values()], out);
  askForOffers(state, nowMs, out);
}

/** Has the clock looked at when a firing comes near, and as long as offers are held. */
function lookAgain(state: CronState, nowMs: number, out: CronOut): void {
  const { firings, offers, config } = state;
  const nextMs = (firings.nextMs() ?? Number.POSITIVE_INFINITY) - config.aheadMs;
  const isHolding = offers.size > 0 || offers.needs.size > 0;
  const atMs = Math.ceil(Math.max(isHolding ? nowMs : nextMs, nextLookMs(state)));
  if (atMs > nowMs && atMs < Number.POSITIVE_INFINITY) askClock(state, atMs, out);
}
