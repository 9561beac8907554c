import type { OfferID } from "@meseta/api/mesos/generated/mesos.ts";
import { firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";

/** What an outstanding offer is about. */
export interface OfferSubject {
  readonly frameworkId: string;
  readonly agentId: string;
  readonly role: string;
}

/** The offers of an ACCEPT: at least one, each once, each outstanding and the framework's own, all of one role on one agent. Source: the answers that Mesos was recorded giving. */
export function validateOffers(
  ids: readonly OfferID[],
  frameworkId: string,
  find: (offerId: string) => OfferSubject | undefined,
): Refusal | undefined {
  if (ids.length === 0) return refuse("No offers specified");
  const seen = new Set<string>();
  const first = find(ids[0]!.value);
  return firstRefusal(ids, ({ value }) => {
    if (seen.has(value)) return refuse(`Duplicate offer ${value} in offer list`);
    seen.add(value);
    return validateOffer(value, find(value), first, frameworkId);
  });
}

function validateOffer(
  id: string,
  offer: OfferSubject | undefined,
  first: OfferSubject | undefined,
  frameworkId: string,
): Refusal | undefined {
  if (offer === undefined) return refuse(`Offer ${id} is no longer valid`);
  if (offer.frameworkId !== frameworkId)
    return refuse(`Offer ${id} has invalid framework ${offer.frameworkId} while framework ${frameworkId} is expected`);
  if (offer.role !== first?.role)
    return refuse(
      `Aggregated offers must be allocated to the same role. Offer ${id} uses role '${offer.role}' but another is using role '${first?.role}'`,
    );
  if (offer.agentId !== first.agentId)
    return refuse(
      `Aggregated offers must belong to one single agent. Offer ${id} uses agent ${offer.agentId} and agent ${first.agentId}`,
    );
  return undefined;
}
