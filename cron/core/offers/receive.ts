import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import type { CronOut } from "../out.ts";
import type { CronState } from "../state.ts";

/** Offers have come: at the end of this event they are used, kept or given back. Those that nobody asked for any more as well, so that others get them. */
export function receiveOffers(
  { offers, config, master }: CronState,
  came: readonly Offer[],
  nowMs: number,
  _out: CronOut,
): void {
  offers.add(came, config.role, master.region, nowMs);
}

/** The master has taken the offer back. */
export function rescinded({ offers }: CronState, offerId: string): void {
  offers.remove(offerId);
}
