import type { Resource } from "../generated/mesos.ts";
import { isIndivisible } from "./identity.ts";
import type { Quantities } from "./quantities.ts";
import { milliOf, withMilli } from "./value.ts";

/** At most so many thousandths of a scalar resource: cut to them, or undefined when nothing is left or it cannot be cut (MOUNT disk, persistent volume). */
export function shrinkOne(resource: Resource, atMostMilli: number): Resource | undefined {
  const milli = milliOf(resource);
  if (milli <= atMostMilli) return milli > 0 ? resource : undefined;
  return atMostMilli <= 0 || isIndivisible(resource) ? undefined : withMilli(resource, Math.floor(atMostMilli));
}

/**
 * The resources cut so that the scalars of each name together keep within its limit. A name without a limit, ranges and sets are left as
 * they are. Entries are taken in the order given, so a caller who wants no name's first entry preferred shuffles them.
 */
export function shrinkToLimits(resources: readonly Resource[], limits: Quantities): Resource[] {
  const left = new Map(limits);
  const out: Resource[] = [];
  for (const resource of resources) {
    const atMost = resource.type === "SCALAR" ? left.get(resource.name) : undefined;
    const kept = atMost === undefined ? resource : shrinkOne(resource, atMost);
    if (kept === undefined) continue;
    if (atMost !== undefined) left.set(resource.name, atMost - milliOf(kept));
    out.push(kept);
  }
  return out;
}
