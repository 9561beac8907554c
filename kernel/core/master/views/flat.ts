import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { type FlatResources, flattenResources } from "@meseta/api/mesos/resources/flatten.ts";
import { printRanges } from "@meseta/api/mesos/resources/print.ts";

/**
 * `flattenResources`, quicker for what tasks and agents mostly have: at most one entry of each name, none revocable or shared. A reading of
 * a large cluster does this several hundred thousand times.
 */
export function flat(resources: readonly Resource[] | undefined): FlatResources {
  const out: FlatResources = { disk: 0, mem: 0, gpus: 0, cpus: 0 };
  for (const resource of resources ?? NONE) {
    const { name, type, scalar, ranges, revocable, shared } = resource;
    const known = out[name];
    if (revocable !== undefined || shared !== undefined || (known !== undefined && known !== 0))
      return flattenResources(resources!);
    if (type === "SCALAR") out[name] = scalar!.value;
    else if (type === "RANGES" && known === undefined) out[name] = printRanges(ranges?.range ?? []);
    else return flattenResources(resources!);
  }
  return out;
}

const NONE: readonly Resource[] = [];
