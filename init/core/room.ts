import type { RunSpec } from "@meseta/api/marathon/group.ts";
import type { Offer, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { stockOf } from "@meseta/sdk/core/offer/pool.ts";
import { isResident } from "./definition/spec.ts";
import { isUpToDate } from "./deployment/standing.ts";
import { definitionOf } from "./fleet/lookup.ts";
import { type Instance, placesOf } from "./instance/instance.ts";
import { Tallies } from "./place/tally.ts";
import type { Wish } from "./place/wish.ts";
import { place } from "./place.ts";
import { placementOf } from "./placement.ts";
import type { Entry } from "./queue.ts";
import type { InitState } from "./state.ts";
import { wishOf } from "./wish.ts";

type Places = Pick<InitState, "config" | "master" | "tree" | "olderSpecs" | "services" | "queue">;

/**
 * Whether instances of an older version hold what the queued new ones lack: the place that a constraint allows, or resources of an agent. Tried on the
 * last offers that the service has refused, when for a while none was of use. Resident instances never stand in their own way: each goes on where its volume is.
 */
export function isFilledByOldOnes(state: Places, spec: RunSpec, nowMs: number): boolean {
  const refused = refusedFor(state.queue.entryOf(spec.id), nowMs);
  if (refused.length === 0 || isResident(spec)) return false;
  const instances = [...(state.services.get(spec.id)?.instances.values() ?? [])];
  const isOld = (one: Instance) => one.goal === "Running" && one.host !== undefined && !isUpToDate(one, spec);
  const old = instances.filter(isOld);
  if (old.length === 0) return false;
  const wish = wishOf(spec, state.config.definitions);
  const placed = new Tallies(wish.constraints.map(({ field }) => field));
  for (const one of instances) if (!isOld(one)) placed.add(placesOf(one) ?? {});
  return refused.some((offer) => {
    const leaving = old.find(({ host }) => host?.agent_id.value === offer.agent_id.value);
    const stock = stockOf(leaving === undefined ? offer : withoutIt(state, leaving, offer));
    return typeof place({ wish, placed }, stock, placementOf(state), createRandom(0), nowMs) !== "string";
  });
}

// The last one of each agent: refused it stands, since an agent with more is offered again.
function refusedFor(entry: Entry | undefined, nowMs: number): Offer[] {
  if (entry === undefined) return [];
  const { sinceMs, unused, counters } = entry;
  if (nowMs < Math.max(sinceMs, counters.lastUsedAtMs ?? 0) + PATIENCE_MS) return [];
  const last = new Map(unused.map(({ offer }) => [offer.agent_id.value, offer]));
  return [...last.values()].filter(({ agent_id }) => counters.lastByAgent.get(agent_id.value) !== undefined);
}

const PATIENCE_MS = 10_000;

/** The agent's offer as it would be if the instance were gone. */
function withoutIt(state: Places, instance: Instance, offer: Offer): Offer {
  const spec = definitionOf(state, instance);
  if (spec === undefined) return offer;
  const { parts } = wishOf(spec, state.config.definitions);
  const freed = [...scalarsOf(parts), ...portsOf(instance)];
  const allocation_info = offer.allocation_info;
  return { ...offer, resources: [...(offer.resources ?? []), ...freed.map((one) => ({ ...one, allocation_info }))] };
}

function scalarsOf(parts: Wish["parts"]): Resource[] {
  return (["cpus", "mem", "disk", "gpus"] as const).map((name) => ({
    name,
    type: "SCALAR",
    scalar: { value: parts.reduce((sum, part) => sum + part[name], 0) },
  }));
}

function portsOf({ hostPorts }: Instance): Resource[] {
  const range = (hostPorts ?? []).flatMap((port) => (port === null ? [] : [{ begin: port, end: port }]));
  return range.length === 0 ? [] : [{ name: "ports", type: "RANGES", ranges: { range } }];
}
