import type { Resource, ValueScalar } from "../generated/mesos.ts";
import { fromMilli, toMilli } from "./scalar.ts";
import { sharedOnce } from "./select.ts";
import { quantityOf } from "./value.ts";

/** Name → thousandths. A name that is missing stands for 0 in amounts, and for no bound in limits. */
export type Quantities = ReadonlyMap<string, number>;

/** How much there is of each name: scalars, and 1000 for each number of ranges and each item of a set. A shared resource counts once. */
export function quantities(resources: readonly Resource[]): Map<string, number> {
  const out = new Map<string, number>();
  const once = resources.some((resource) => resource.shared !== undefined) ? sharedOnce(resources) : resources;
  for (const resource of once) out.set(resource.name, (out.get(resource.name) ?? 0) + quantityOf(resource));
  return out;
}

/** As `quantities`, of the scalars alone: what quota and fair shares are about. */
export function scalarQuantities(resources: readonly Resource[]): Map<string, number> {
  return quantities(resources.filter((resource) => resource.type === "SCALAR"));
}

/** A map of scalars as messages carry it ({cpus: {value: 1.5}}) in thousandths. */
export function quantitiesOfScalars(scalars: Readonly<Record<string, ValueScalar>> | undefined): Map<string, number> {
  return new Map(Object.entries(scalars ?? {}).map(([name, { value }]) => [name, toMilli(value)]));
}

export function addQuantities(a: Quantities, b: Quantities): Map<string, number> {
  const out = new Map(a);
  for (const [name, milli] of b) out.set(name, (out.get(name) ?? 0) + milli);
  return out;
}

/** Never below 0; a name of which nothing is left is left out. */
export function subtractQuantities(a: Quantities, b: Quantities): Map<string, number> {
  const out = new Map<string, number>();
  for (const [name, milli] of a) {
    const left = milli - (b.get(name) ?? 0);
    if (left > 0) out.set(name, left);
  }
  return out;
}

/** Whether `a` has at least as much of everything as `b`. */
export function containsQuantities(a: Quantities, b: Quantities): boolean {
  for (const [name, milli] of b) if (milli > (a.get(name) ?? 0)) return false;
  return true;
}

/** Whether the amounts keep the limits; a name without a limit may be anything. */
export function withinLimits(amounts: Quantities, limits: Quantities): boolean {
  for (const [name, milli] of amounts) if (milli > (limits.get(name) ?? Number.POSITIVE_INFINITY)) return false;
  return true;
}

/** As people and error messages write it: `cpus: 2; mem: 64`. */
export function printQuantities(amounts: Quantities): string {
  return [...amounts].map(([name, milli]) => `${name}: ${fromMilli(milli)}`).join("; ");
}
