import type { Attribute, Resource } from "../generated/mesos.ts";
import { printRanges, printSet } from "./print.ts";
import { addRanges } from "./ranges.ts";
import { fromMilli } from "./scalar.ts";
import { sharedOnce } from "./select.ts";
import { addSets } from "./sets.ts";
import { itemsOf, milliOf, rangesOf } from "./value.ts";

/** Resources as the endpoints older than the v1 API write them. */
export type FlatResources = Record<string, number | string>;

/**
 * One value for each name, whatever its reservations: `{disk, mem, gpus, cpus, ports: "[31000-32000]"}`, the four scalars always there.
 * Revocable ones stand apart, as `cpus_revocable`. Source: the `/state` endpoint of Mesos.
 */
export function flattenResources(resources: readonly Resource[]): FlatResources {
  const milli = new Map<string, number>(["disk", "mem", "gpus", "cpus"].map((name) => [name, 0]));
  const ranges = new Map<string, ReturnType<typeof addRanges>>();
  const items = new Map<string, readonly string[]>();
  for (const resource of sharedOnce(resources)) {
    const name = resource.revocable === undefined ? resource.name : `${resource.name}_revocable`;
    if (resource.type === "SCALAR") milli.set(name, (milli.get(name) ?? 0) + milliOf(resource));
    else if (resource.type === "RANGES") ranges.set(name, addRanges(ranges.get(name) ?? [], rangesOf(resource)));
    else items.set(name, addSets(items.get(name) ?? [], itemsOf(resource)));
  }
  return Object.fromEntries([
    ...[...milli].map(([name, value]) => [name, fromMilli(value)]),
    ...[...ranges].map(([name, value]) => [name, printRanges(value)]),
    ...[...items].map(([name, value]) => [name, printSet(value)]),
  ]);
}

/** Attributes as those endpoints write them: `{rack: "r1", level: 10}`. Of several with one name the last counts. */
export function flattenAttributes(attributes: readonly Attribute[]): FlatResources {
  return Object.fromEntries(attributes.map((attribute) => [attribute.name, flattenAttribute(attribute)]));
}

function flattenAttribute({ type, scalar, ranges, set, text }: Attribute): number | string {
  switch (type) {
    case "SCALAR":
      return scalar?.value ?? 0;
    case "RANGES":
      return printRanges(ranges?.range ?? []);
    case "SET":
      return printSet(set?.item ?? []);
    case "TEXT":
      return text?.value ?? "";
  }
}
