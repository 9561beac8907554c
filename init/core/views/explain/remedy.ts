import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { amountText, type ScalarName } from "@meseta/lib/core/words.ts";
import { stockOf } from "@meseta/sdk/core/offer/pool.ts";
import type { Part } from "../../place/wish.ts";
import { place, type Seeker, type Settings } from "../../place.ts";
import {
  type Case,
  constraintText,
  freeOn,
  isForVolumes,
  isShortage,
  needOf,
  offersLeftFor,
  type Refusal,
  SCALAR_OF,
} from "./refusals.ts";

/** What would help most easily: said of the agents that came nearest to being used, which are those refused last in the funnel. */
export function remedyOf(
  refusals: readonly Refusal[],
  found: Case,
  settings: Settings,
  nowMs: number,
): string | undefined {
  const nearest = refusals.at(-1);
  if (nearest === undefined) return undefined;
  const { reason } = nearest;
  const { wish } = found.seeker;
  if (isForVolumes(reason, found)) return "It fits on one more agent with such disks free, or with smaller volumes.";
  if (isShortage(reason))
    return lessOrMore(SCALAR_OF[reason], offersLeftFor(reason, found), found.seeker, settings, nowMs);
  switch (reason) {
    case "UnfulfilledRole":
      return `It fits when agents have resources for role ${wish.role}, or with other acceptedResourceRoles.`;
    case "UnfulfilledConstraint":
      return wish.constraints.length === 0
        ? "It fits on one more agent in the region of the master, or with a constraint on @region."
        : `It fits on one more agent that fulfils ${wish.constraints.map(constraintText).join(", ")}, or with a looser constraint.`;
    case "NoCorrespondingReservationFound":
      return "It fits when the agent with its volume has offered it again; killing the instance with wipe=true gives the volume up.";
    case "AgentMaintenance":
      return "It fits when the maintenance is over, or on one more agent.";
    case "InsufficientPorts":
      return "It fits when the ports are free on an agent, or with requirePorts false and host ports of any number.";
    case "DeclinedScarceResources":
      return "It fits on an agent without gpus, or when it asks for gpus itself.";
  }
}

function lessOrMore(
  name: ScalarName,
  offers: readonly Offer[],
  seeker: Seeker,
  settings: Settings,
  nowMs: number,
): string {
  const need = needOf(seeker, name);
  const enough = offers.map((offer) => fitsWith(name, offer, seeker, settings, nowMs)).filter((most) => most > 0);
  const more = `on one more agent with ${amountText(name, need)} free`;
  return enough.length === 0
    ? `It fits ${more}.`
    : `It fits if it asks for at most ${amountText(name, Math.max(...enough))}, or ${more}.`;
}

// Tried, because what lacks memory may lack disk as well: how little it must ask for to fit there, 0 when that alone does not help.
function fitsWith(name: ScalarName, offer: Offer, seeker: Seeker, settings: Settings, nowMs: number): number {
  const free = freeOn(offer, seeker, name);
  const parts = reduced(seeker.wish.parts, name, needOf(seeker, name) - free);
  if (parts === undefined) return 0;
  const match = place({ ...seeker, wish: { ...seeker.wish, parts } }, stockOf(offer), settings, createRandom(0), nowMs);
  return typeof match === "string" ? 0 : free;
}

// The largest part gives way; it must keep something.
function reduced(parts: readonly Part[], name: ScalarName, by: number): Part[] | undefined {
  const largest = parts.reduce((most, part) => (part[name] > most[name] ? part : most));
  const left = Math.floor((largest[name] - by) * 1000) / 1000;
  return left > 0 ? parts.map((part) => (part === largest ? { ...part, [name]: left } : part)) : undefined;
}
