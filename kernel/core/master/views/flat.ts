import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { type FlatResources, flattenResources } from "@meseta/api/mesos/resources/flatten.ts";
import { printRanges } from "@meseta/api/mesos/resources/print.ts";

/**
 * `flattenResources`, quicker for what tasks and agents mostly have: at most one entry each of cpus, mem, disk, gpus and ports, none
 * revocable or shared. A reading of a large cluster does this several hundred thousand times.
 */
export function flat(resources: readonly Resource[] | undefined): FlatResources {
  let [disk, mem, gpus, cpus]: (number | undefined)[] = [];
  let ports: string | undefined;
  for (const { name, type, scalar, ranges, revocable, shared } of resources ?? NONE) {
    const isPlain = revocable === undefined && shared === undefined;
    if (isPlain && type === "SCALAR" && name === "cpus" && cpus === undefined) cpus = scalar!.value;
    else if (isPlain && type === "SCALAR" && name === "mem" && mem === undefined) mem = scalar!.value;
    else if (isPlain && type === "SCALAR" && name === "disk" && disk === undefined) disk = scalar!.value;
    else if (isPlain && type === "SCALAR" && name === "gpus" && gpus === undefined) gpus = scalar!.value;
    else if (isPlain && type === "RANGES" && name === "ports" && ports === undefined)
      ports = printRanges(ranges?.range ?? []);
    else return flattenResources(resources!);
  }
  const scalars = { disk: disk ?? 0, mem: mem ?? 0, gpus: gpus ?? 0, cpus: cpus ?? 0 };
  return ports === undefined ? scalars : { ...scalars, ports };
}

const NONE: readonly Resource[] = [];
