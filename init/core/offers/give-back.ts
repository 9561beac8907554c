import type { Offer, OfferOperation } from "@meseta/api/mesos/generated/mesos.ts";
import { instanceOf } from "../fleet/lookup.ts";
import { updateRoles } from "../fleet/roles.ts";
import type { InitOut } from "../out.ts";
import { ownerOf, reclaim } from "../place/reservation.ts";
import type { InitState } from "../state.ts";
import { forgetRelease, noteSeen } from "./release.ts";

/** What gives back all that the offer shows as kept for instances that do not need it, whenever that came about. */
export function giveBack(state: InitState, offer: Offer, nowMs: number, out: InitOut): OfferOperation[] {
  const { frameworkId } = state.master;
  if (frameworkId === undefined) return [];
  const resources = offer.resources ?? [];
  const isWanted = (id: string) => instanceOf(state, id)?.kept?.host.agent_id.value === offer.agent_id.value;
  const operations = reclaim(resources, frameworkId, isWanted);
  if (state.releases.size > 0) forgetGone(state, offer, nowMs, out);
  return operations;
}

// What an offer of its agent has shown and does not show any more was given back. What none has shown yet may still be on its way to the agent, or in an
// offer that somebody else holds. One of another role would not show it in any case.
function forgetGone(
  state: InitState,
  { resources, agent_id, allocation_info }: Offer,
  nowMs: number,
  out: InitOut,
): void {
  const shown = new Set((resources ?? []).map((resource) => ownerOf(resource)?.instanceId));
  for (const release of state.releases.values()) {
    if (release.agentId !== agent_id.value || release.role !== allocation_info?.role) continue;
    if (shown.has(release.instanceId)) noteSeen(state, release, nowMs);
    else if (release.isSeen) forgetRelease(state, release, out);
  }
  state.demand.isChanged = true;
  updateRoles(state, out);
}
