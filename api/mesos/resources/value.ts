import type { Resource } from "../generated/mesos.ts";
import { addRanges, containsRanges, countRanges, equalRanges, subtractRanges } from "./ranges.ts";
import { fromMilli, toMilli } from "./scalar.ts";
import { addSets, containsSets, countSets, equalSets, subtractSets } from "./sets.ts";

/** `a` with the value of `b`, which is of the same type, added: sum, or union. */
export function addValue(a: Resource, b: Resource): Resource {
  if (a.type === "SCALAR") return withMilli(a, milliOf(a) + milliOf(b));
  if (a.type === "RANGES") return { ...a, ranges: { range: [...addRanges(rangesOf(a), rangesOf(b))] } };
  return { ...a, set: { item: [...addSets(itemsOf(a), itemsOf(b))] } };
}

/** `a` with the value of `b`, which is of the same type, taken away; never below nothing. */
export function subtractValue(a: Resource, b: Resource): Resource {
  if (a.type === "SCALAR") return withMilli(a, Math.max(0, milliOf(a) - milliOf(b)));
  if (a.type === "RANGES") return { ...a, ranges: { range: [...subtractRanges(rangesOf(a), rangesOf(b))] } };
  return { ...a, set: { item: [...subtractSets(itemsOf(a), itemsOf(b))] } };
}

/** Whether the value of `a` includes the value of `b`, which is of the same type. */
export function containsValue(a: Resource, b: Resource): boolean {
  if (a.type === "SCALAR") return milliOf(a) >= milliOf(b);
  if (a.type === "RANGES") return containsRanges(rangesOf(a), rangesOf(b));
  return containsSets(itemsOf(a), itemsOf(b));
}

export function equalValue(a: Resource, b: Resource): boolean {
  if (a.type === "SCALAR") return milliOf(a) === milliOf(b);
  if (a.type === "RANGES") return equalRanges(rangesOf(a), rangesOf(b));
  return equalSets(itemsOf(a), itemsOf(b));
}

/** How much it is, in thousandths: of the scalar, or 1000 for each number of ranges and each item of a set. */
export function quantityOf(resource: Resource): number {
  if (resource.type === "SCALAR") return milliOf(resource);
  return 1000 * (resource.type === "RANGES" ? countRanges(rangesOf(resource)) : countSets(itemsOf(resource)));
}

/** Nothing of it: a scalar that is 0 in thousandths, no ranges, no items. */
export function isNothing(resource: Resource): boolean {
  if (resource.type === "SCALAR") return milliOf(resource) === 0;
  if (resource.type === "RANGES") return rangesOf(resource).length === 0;
  return itemsOf(resource).length === 0;
}

/** The scalar resource with another amount, in thousandths. */
export function withMilli(resource: Resource, milli: number): Resource {
  return { ...resource, scalar: { value: fromMilli(milli) } };
}

export function milliOf(resource: Resource): number {
  return toMilli(resource.scalar?.value ?? 0);
}

export function rangesOf(resource: Resource) {
  return resource.ranges?.range ?? [];
}

export function itemsOf(resource: Resource) {
  return resource.set?.item ?? [];
}
