import type { InverseOffer } from "@meseta/api/mesos/generated/mesos.ts";
import { ASKED_EVERY_MS, type Departure, isLeaving } from "../fleet/departures.ts";
import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";
import { askClock, touch } from "../wakes.ts";

/**
 * The master asks for all that agents have given us, since their maintenance is near. Each is answered: ACCEPT where what runs there can run elsewhere, DECLINE where
 * volumes are kept, which cannot. In maintenance mode what can move does so, when it is time.
 */
export function receiveInverseOffers(
  state: InitState,
  asked: readonly InverseOffer[],
  nowMs: number,
  out: InitOut,
): void {
  const { agents } = state.departures;
  const isNew = asked.some((one) => !isKnown(agents.get(agentOf(one)), one, nowMs));
  if (isNew) lookAt(state, asked, nowMs);
  answer(state, asked, out);
  if (!isNew || state.config.placement.maintenance === undefined) return;
  for (const { id, instances } of state.services.values())
    if (instances.values().some((instance) => isLeaving(state, instance, nowMs))) touch(state, id, nowMs, out);
  askClock(state, nowMs + ASKED_EVERY_MS, out);
}

function agentOf({ agent_id }: InverseOffer): string {
  return agent_id?.value ?? "";
}

// Each REVIVE has the master ask anew; what was found is good for a while.
function isKnown(departure: Departure | undefined, { unavailability }: InverseOffer, nowMs: number): boolean {
  if (departure === undefined || nowMs >= departure.askedMs + ASKED_EVERY_MS / 2) return false;
  return departure.fromMs === unavailability.start.nanoseconds / 1e6;
}

function lookAt(state: InitState, asked: readonly InverseOffer[], nowMs: number): void {
  const holding = agentsOfResidents(state);
  for (const offer of asked) {
    const fromMs = offer.unavailability.start.nanoseconds / 1e6;
    const untilMs = fromMs + (offer.unavailability.duration?.nanoseconds ?? Number.POSITIVE_INFINITY) / 1e6;
    const id = agentOf(offer);
    state.departures.agents.set(id, { fromMs, untilMs, askedMs: nowMs, isFree: !holding.has(id) });
  }
}

function agentsOfResidents({ services }: InitState): ReadonlySet<string> {
  const holding = new Set<string>();
  for (const { instances } of services.values())
    for (const { kept } of instances.values()) if (kept !== undefined) holding.add(kept.host.agent_id.value);
  return holding;
}

function answer({ departures }: InitState, asked: readonly InverseOffer[], out: InitOut): void {
  const filters = { refuse_seconds: ASKED_EVERY_MS / 1000 };
  const [free, held] = [true, false].map((isFree) =>
    asked.filter((one) => departures.agents.get(agentOf(one))?.isFree === isFree).map(({ id }) => id),
  ) as [InverseOffer["id"][], InverseOffer["id"][]];
  if (free.length > 0)
    out.send({ type: "ACCEPT_INVERSE_OFFERS", accept_inverse_offers: { inverse_offer_ids: free, filters } });
  if (held.length > 0)
    out.send({ type: "DECLINE_INVERSE_OFFERS", decline_inverse_offers: { inverse_offer_ids: held, filters } });
}
