import type { InverseOffer, Offer, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { withoutAllocation } from "@meseta/api/mesos/resources/allocation.ts";
import { downgradeAll } from "@meseta/api/mesos/resources/formats.ts";
import type { Allocation, InverseOfferDraft, OfferDraft, Refusal } from "../allocator/allocator.ts";
import { countOf } from "./counters.ts";
import { machineOf } from "./machines.ts";
import type { MasterOut } from "./out.ts";
import type { Agent, Framework, MasterState, OutstandingOffer } from "./state.ts";
import { tell } from "./tell.ts";
import { hasCapability } from "./validate/framework.ts";

/** Makes offers of what the allocator divided; each framework gets all of its in one event. */
export function makeOffers(state: MasterState, allocation: Allocation, nowMs: number, out: MasterOut): void {
  for (const { frameworkId, offers: drafts } of allocation.offers) {
    const framework = state.frameworks.get(frameworkId)!;
    const offers = drafts.map((draft) => shownTo(framework, addOffer(state, framework, draft, nowMs)));
    countOf(framework, "offers/sent", offers.length);
    tell(framework, { type: "OFFERS", offers: { offers } }, out);
  }
  for (const [frameworkId, drafts] of Map.groupBy(allocation.inverseOffers, (draft) => draft.frameworkId)) {
    const framework = state.frameworks.get(frameworkId)!;
    const inverse_offers = drafts.map((draft) => addInverseOffer(state, framework, draft, nowMs));
    tell(framework, { type: "INVERSE_OFFERS", inverse_offers: { inverse_offers } }, out);
  }
  awaitTimeout(state, out);
}

/** Takes an offer back: the framework is told, its resources are free again. Unknown ids are ignored. */
export function rescindOffer(state: MasterState, offerId: string, out: MasterOut): void {
  const outstanding = takeOffer(state, offerId);
  if (outstanding === undefined) return;
  giveBack(state, outstanding);
  const framework = state.frameworks.get(outstanding.offer.framework_id.value)!;
  countOf(framework, "offers/rescinded");
  tell(framework, { type: "RESCIND", rescind: { offer_id: outstanding.offer.id } }, out);
}

/** Takes all offers of the agent back. */
export function rescindOffersOfAgent(state: MasterState, agentId: string, out: MasterOut): void {
  for (const offerId of [...(state.agents.get(agentId)?.offers ?? [])]) rescindOffer(state, offerId, out);
}

/** Takes offers of the agent back one by one, until `enough` holds. Returns whether it came to hold. */
export function rescindUntil(state: MasterState, agentId: string, enough: () => boolean, out: MasterOut): boolean {
  for (const offerId of [...(state.agents.get(agentId)?.offers ?? [])]) {
    if (enough()) return true;
    rescindOffer(state, offerId, out);
  }
  return enough();
}

/** Takes back the offers whose resources fulfil the condition. */
export function rescindWhere(
  state: MasterState,
  agentId: string,
  condition: (resources: readonly Resource[]) => boolean,
  out: MasterOut,
): void {
  for (const offerId of [...(state.agents.get(agentId)?.offers ?? [])])
    if (condition(state.offers.get(offerId)!.offer.resources ?? [])) rescindOffer(state, offerId, out);
}

/** Takes all inverse offers of the agent back. */
export function rescindInverseOffersOfAgent(state: MasterState, agentId: string, out: MasterOut): void {
  for (const offerId of [...(state.agents.get(agentId)?.inverseOffers ?? [])]) rescindInverseOffer(state, offerId, out);
}

function rescindInverseOffer(state: MasterState, offerId: string, out: MasterOut): void {
  const outstanding = takeInverseOffer(state, offerId);
  if (outstanding === undefined) return;
  const { id, framework_id, agent_id } = outstanding.offer;
  state.allocator.recallInverse(framework_id.value, agent_id!.value);
  const framework = state.frameworks.get(framework_id.value)!;
  tell(framework, { type: "RESCIND_INVERSE_OFFER", rescind_inverse_offer: { inverse_offer_id: id } }, out);
}

/** Gives back all that the framework was offered, without telling it: its stream is gone. */
export function discardOffers(state: MasterState, framework: Framework): void {
  for (const offerId of [...framework.offers]) giveBack(state, takeOffer(state, offerId)!);
  for (const offerId of [...framework.inverseOffers]) {
    const { agent_id } = takeInverseOffer(state, offerId)!.offer;
    state.allocator.recallInverse(framework.id, agent_id!.value);
  }
}

/** The offer leaves the books; its resources stay charged to the framework until the caller gives them back. */
export function takeOffer(state: MasterState, offerId: string): OutstandingOffer | undefined {
  const outstanding = state.offers.get(offerId);
  if (outstanding === undefined) return undefined;
  const { framework_id, agent_id } = outstanding.offer;
  state.offers.delete(offerId);
  const framework = state.frameworks.get(framework_id.value);
  if (framework?.offers.delete(offerId)) framework.version = ++state.version;
  const agent = state.agents.get(agent_id.value);
  if (agent?.offers.delete(offerId)) agent.viewVersion = ++state.version;
  return outstanding;
}

export function takeInverseOffer(state: MasterState, offerId: string) {
  const outstanding = state.inverseOffers.get(offerId);
  if (outstanding === undefined) return undefined;
  state.inverseOffers.delete(offerId);
  state.frameworks.get(outstanding.offer.framework_id.value)?.inverseOffers.delete(offerId);
  state.agents.get(outstanding.offer.agent_id!.value)?.inverseOffers.delete(offerId);
  return outstanding;
}

export function giveBack(state: MasterState, { offer, role }: OutstandingOffer, refusal?: Refusal): void {
  state.allocator.recover(offer.framework_id.value, role, offer.agent_id.value, offer.resources ?? [], refusal);
}

/** Takes back what has been out for longer than the offer timeout. All offers live equally long, so the oldest stand first. */
export function expireOffers(state: MasterState, nowMs: number, out: MasterOut): void {
  state.offerWakeMs = Number.POSITIVE_INFINITY;
  const timeoutMs = state.config.offerTimeoutMs;
  if (timeoutMs === undefined) return;
  for (const [offerId, { sentMs }] of state.offers) {
    if (sentMs + timeoutMs > nowMs) break;
    rescindOffer(state, offerId, out);
  }
  for (const [offerId, { sentMs }] of state.inverseOffers) {
    if (sentMs + timeoutMs > nowMs) break;
    rescindInverseOffer(state, offerId, out);
  }
  awaitTimeout(state, out);
}

function awaitTimeout(state: MasterState, out: MasterOut): void {
  const timeoutMs = state.config.offerTimeoutMs;
  if (timeoutMs === undefined || state.offerWakeMs !== Number.POSITIVE_INFINITY) return;
  const offer = state.offers.values().next().value;
  const inverse = state.inverseOffers.values().next().value;
  if (offer === undefined && inverse === undefined) return;
  state.offerWakeMs = Math.min(offer?.sentMs ?? Infinity, inverse?.sentMs ?? Infinity) + timeoutMs;
  out.wake(state.offerWakeMs, { for: "offer-timeout" });
}

function addOffer(state: MasterState, framework: Framework, draft: OfferDraft, nowMs: number): Offer {
  const agent = state.agents.get(draft.agentId)!;
  const offer = draftedOffer(state, framework, draft, `${state.id}-O${state.nextOffer++}`);
  state.offers.set(offer.id.value, { offer, role: draft.role, sentMs: nowMs });
  framework.offers.add(offer.id.value);
  agent.offers.add(offer.id.value);
  framework.version = agent.viewVersion = ++state.version;
  return offer;
}

/** The offer that is made of what the allocator divided. */
export function draftedOffer(state: MasterState, framework: Framework, draft: OfferDraft, id: string): Offer {
  const agent = state.agents.get(draft.agentId)!;
  const offer: Offer = {
    id: { value: id },
    framework_id: { value: framework.id },
    agent_id: { value: agent.id },
    hostname: agent.info.hostname,
    url: urlOf(agent),
    resources: draft.resources,
    allocation_info: { role: draft.role },
  };
  if (agent.info.domain !== undefined) offer.domain = agent.info.domain;
  if (agent.info.attributes !== undefined) offer.attributes = agent.info.attributes;
  const executors = agent.executors.get(framework.id);
  if (executors !== undefined) offer.executor_ids = [...executors.keys()].map((value) => ({ value }));
  const unavailability = machineOf(state, agent)?.unavailability;
  if (unavailability !== undefined) offer.unavailability = unavailability;
  return offer;
}

function addInverseOffer(
  state: MasterState,
  framework: Framework,
  { agentId, unavailability }: InverseOfferDraft,
  nowMs: number,
): InverseOffer {
  const agent = state.agents.get(agentId)!;
  const offer: InverseOffer = {
    id: { value: `${state.id}-O${state.nextOffer++}` },
    url: urlOf(agent),
    framework_id: { value: framework.id },
    agent_id: { value: agentId },
    unavailability,
  };
  state.inverseOffers.set(offer.id.value, { offer, sentMs: nowMs });
  framework.inverseOffers.add(offer.id.value);
  agent.inverseOffers.add(offer.id.value);
  return offer;
}

// Frameworks from before roles and reservations grew do not know the fields that came with it.
function shownTo(framework: Framework, offer: Offer): Offer {
  let shown = offer;
  if (!hasCapability(framework.info, "MULTI_ROLE")) {
    const { allocation_info: _, ...rest } = offer;
    shown = { ...rest, resources: (offer.resources ?? []).map(withoutAllocation) };
  }
  if (hasCapability(framework.info, "RESERVATION_REFINEMENT")) return shown;
  return { ...shown, resources: downgradeAll(shown.resources ?? []) };
}

function urlOf(agent: Agent): Offer["url"] {
  const { hostname, port = DEFAULT_AGENT_PORT } = agent.info;
  return { scheme: "http", address: { hostname, ip: agent.address, port }, path: "/slave(1)" };
}

const DEFAULT_AGENT_PORT = 5051;
