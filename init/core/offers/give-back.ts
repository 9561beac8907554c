import type { Offer, OfferOperation } from "@meseta/api/mesos/generated/mesos.ts";
import { instanceOf } from "../fleet/lookup.ts";
import type { InitOut } from "../out.ts";
import { reclaim } from "../place/reservation.ts";
import type { InitState } from "../state.ts";
import { noteGivenBack } from "./release.ts";

/** What gives back all that the offer shows as kept for instances that do not need it, whenever that came about. */
export function giveBack(state: InitState, offer: Offer, nowMs: number, out: InitOut): OfferOperation[] {
  const { frameworkId } = state.master;
  if (frameworkId === undefined) return [];
  const agentId = offer.agent_id.value;
  const role = offer.allocation_info?.role ?? "*";
  const isWanted = (id: string) => instanceOf(state, id)?.kept?.host.agent_id.value === agentId;
  const idOf = (instanceId: string) => noteGivenBack(state, { instanceId, agentId, role }, nowMs, out);
  return reclaim(offer.resources ?? [], frameworkId, isWanted, idOf);
}
