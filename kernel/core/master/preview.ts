import type { CallPreviewOffers } from "@meseta/api/mesos/generated/master.ts";
import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import { draftedOffer } from "./offers.ts";
import type { MasterState } from "./state.ts";

/**
 * PREVIEW_OFFERS: the offers that a framework would get in these roles, or in all of its own, if it wanted some now and nothing else changed. What
 * it is offered at this moment counts as free. Their ids name no offer. Undefined when the framework is not known.
 */
export function previewOffers(state: MasterState, call: CallPreviewOffers, nowMs: number): Offer[] | undefined {
  const framework = state.frameworks.get(call.framework_id.value);
  if (framework === undefined) return undefined;
  const offered = [...framework.offers].map((id) => {
    const { offer, role } = state.offers.get(id)!;
    return { role, agentId: offer.agent_id.value, resources: offer.resources ?? [] };
  });
  const roles = call.roles?.length ? call.roles : [...framework.roles];
  const drafts = state.allocator.preview({ frameworkId: framework.id, roles, offered }, nowMs);
  return drafts.map((draft, i) => draftedOffer(state, framework, draft, `preview-${i + 1}`));
}
