import type {
  CallAcceptInverseOffers,
  CallDecline,
  CallDeclineInverseOffers,
} from "@meseta/api/mesos/generated/scheduler.ts";
import { count, countOf } from "./counters.ts";
import { giveBack, takeInverseOffer, takeOffer } from "./offers.ts";
import type { MasterOut } from "./out.ts";
import type { Framework, MasterState } from "./state.ts";
import { validateSuppressedRoles } from "./validate/framework.ts";

/** DECLINE: gives offers back, and for a while does not want such again. Unknown ids are ignored. */
export function decline(state: MasterState, framework: Framework, call: CallDecline, nowMs: number): void {
  count(state, "messages_decline_offers");
  for (const { value } of call.offer_ids ?? []) {
    if (!framework.offers.has(value)) continue;
    countOf(framework, "offers/declined");
    giveBack(state, takeOffer(state, value)!, { refuseSeconds: call.filters?.refuse_seconds, nowMs });
  }
}

/** ACCEPT_INVERSE_OFFERS, DECLINE_INVERSE_OFFERS: only recorded, for the operator to see. */
export function answerInverseOffers(
  state: MasterState,
  framework: Framework,
  answer: "ACCEPT" | "DECLINE",
  call: CallAcceptInverseOffers | CallDeclineInverseOffers,
  nowMs: number,
): void {
  for (const { value } of call.inverse_offer_ids ?? []) {
    if (!framework.inverseOffers.has(value)) continue;
    const agentId = takeInverseOffer(state, value)!.offer.agent_id!.value;
    state.allocator.respondInverse(framework.id, agentId, answer, call.filters?.refuse_seconds, nowMs);
  }
}

/** REVIVE: offers again for these roles, or all, whatever was declined before. One bad role drops the whole call. */
export function revive(
  state: MasterState,
  framework: Framework,
  roles: readonly string[] | undefined,
  nowMs: number,
  out: MasterOut,
): void {
  count(state, "messages_revive_offers");
  const wanted = checkedRoles(framework, "REVIVE", roles, out);
  if (wanted === undefined) return;
  for (const role of wanted) framework.suppressed.delete(role);
  framework.version = ++state.version;
  state.allocator.revive(framework.id, wanted, nowMs);
}

/** SUPPRESS: no offers for these roles, or any. */
export function suppress(
  state: MasterState,
  framework: Framework,
  roles: readonly string[] | undefined,
  out: MasterOut,
): void {
  count(state, "messages_suppress_offers");
  const unwanted = checkedRoles(framework, "SUPPRESS", roles, out);
  if (unwanted === undefined) return;
  for (const role of unwanted) framework.suppressed.add(role);
  framework.version = ++state.version;
  state.allocator.suppress(framework.id, unwanted);
}

function checkedRoles(
  framework: Framework,
  call: string,
  roles: readonly string[] = [],
  out: MasterOut,
): readonly string[] | undefined {
  if (roles.length === 0) return [...framework.roles];
  const refusal = validateSuppressedRoles(framework.info, roles);
  if (refusal === undefined) return roles;
  out.log("warn", `A ${call} was dropped`, { framework: framework.id, reason: refusal.message });
  return undefined;
}
