import type { RunSpec } from "@meseta/api/marathon/group.ts";
import type { Attribute, Offer, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { reservationRole } from "@meseta/api/mesos/resources/identity.ts";
import { Pieces } from "@meseta/lib/core/pieces.ts";
import { isPod } from "../definition/spec.ts";
import { formatTimestamp } from "../definition/version.ts";
import { delayOnWire } from "../instance/backoff.ts";
import { delayOf } from "../offers/seekers.ts";
import { attemptSummary, lastOffersSummary, type OfferCounters } from "../place/counters.ts";
import type { Reading } from "../query.ts";
import type { Entry, Unused } from "../queue.ts";
import { specAt } from "../spec.ts";
import { appText } from "./app.ts";
import type { QueryFor } from "./apps.ts";
import { podText } from "./groups.ts";
import type { Seen } from "./seen.ts";

/** GET /v2/queue: what waits for a launch, and what became of the offers it saw. */
export function readQueue({ embed }: QueryFor<"queue">, state: Seen, nowMs: number): Reading {
  const pieces = new Pieces().add(`{"queue":[`);
  const known = [...state.queue.entries].flatMap((entry) => {
    const spec = specAt(state.tree, entry.spec);
    return spec === undefined ? [] : [{ entry, spec }];
  });
  pieces.list(known, ({ entry, spec }) => {
    const shown = entryOnWire(entry, spec, state, nowMs, embed.includes("lastUnusedOffers"));
    pieces.add(`{${specText(spec)},${JSON.stringify(shown).slice(1)}`);
  });
  return pieces.add("]}").reading();
}

function specText(spec: RunSpec): string {
  return isPod(spec) ? `"pod":${podText(spec)}` : `"app":${appText(spec)}`;
}

// Marathon since 1.9 says the role here too. The definition has it anyway, and marathon-python fails on it.
function entryOnWire(entry: Entry, spec: RunSpec, state: Seen, nowMs: number, withOffers: boolean) {
  return {
    count: entry.instances.size,
    since: formatTimestamp(entry.sinceMs),
    delay: delayOnWire(delayOf(state, spec.id), nowMs),
    processedOffersSummary: summaryOf(entry.counters),
    ...(withOffers && { lastUnusedOffers: entry.unused.map(unusedOnWire) }),
  };
}

function summaryOf(counters: OfferCounters) {
  const { processed, unused, lastUnusedAtMs, lastUsedAtMs } = counters;
  return {
    processedOffersCount: processed,
    unusedOffersCount: unused,
    ...(lastUnusedAtMs !== undefined && { lastUnusedOfferAt: formatTimestamp(lastUnusedAtMs) }),
    ...(lastUsedAtMs !== undefined && { lastUsedOfferAt: formatTimestamp(lastUsedAtMs) }),
    rejectSummaryLastOffers: lastOffersSummary(counters),
    rejectSummaryLaunchAttempt: attemptSummary(counters),
  };
}

function unusedOnWire({ offer, reason, atMs }: Unused) {
  return { offer: offerOnWire(offer), reason: [reason], timestamp: formatTimestamp(atMs) };
}

function offerOnWire(offer: Offer) {
  return {
    id: offer.id.value,
    hostname: offer.hostname,
    agentId: offer.agent_id.value,
    resources: (offer.resources ?? []).map(resourceOnWire),
    attributes: (offer.attributes ?? []).map(attributeOnWire),
  };
}

function resourceOnWire(resource: Resource) {
  return { name: resource.name, role: reservationRole(resource) ?? "*", ...valueOnWire(resource) };
}

function attributeOnWire(attribute: Attribute) {
  const text = attribute.type === "TEXT" ? { text: attribute.text?.value ?? "" } : {};
  return { name: attribute.name, ...valueOnWire(attribute), ...text };
}

function valueOnWire({ type, scalar, ranges, set }: Pick<Attribute, "type" | "scalar" | "ranges" | "set">) {
  switch (type) {
    case "SCALAR":
      return { scalar: scalar?.value ?? 0 };
    case "RANGES":
      return { ranges: (ranges?.range ?? []).map(({ begin, end }) => ({ begin, end })) };
    case "SET":
      return { set: set?.item ?? [] };
    case "TEXT":
      return {};
  }
}
