import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { printResources } from "@meseta/api/mesos/resources/print.ts";

/** What was on offer, in the order in which Mesos offers it: ranges and sets, then what is reserved, then the rest. */
export function printAvailable(resources: readonly Resource[]): string {
  return printResources(resources.toSorted((a, b) => rank(a) - rank(b)));
}

function rank({ type, reservations = [] }: Resource): number {
  if (type !== "SCALAR") return 0;
  return reservations.length > 0 ? 1 : 2;
}
