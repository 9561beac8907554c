import type {
  Labels,
  Resource,
  ResourceDiskInfo,
  ResourceDiskInfoSource,
  ResourceReservationInfo,
  ValueRange,
} from "../generated/mesos.ts";
import { fromMilli, toMilli } from "./scalar.ts";
import { itemsOf, rangesOf } from "./value.ts";

/** A resource as Mesos writes it in its messages: `cpus(allocated: web):0.5`, `ports:[31000-32000]`, `disk(reservations: [(DYNAMIC,web)])[vol-1:data]:16`. */
export function printResource(resource: Resource): string {
  const { name, allocation_info, reservations, disk, revocable, shared } = resource;
  let text = name;
  if (allocation_info !== undefined) text += `(allocated: ${allocation_info.role ?? ""})`;
  if (reservations !== undefined && reservations.length > 0)
    text += `(reservations: [${reservations.map(printReservation).join(",")}])`;
  if (disk !== undefined) text += `[${printDisk(disk)}]`;
  if (revocable !== undefined) text += "{REV}";
  if (shared !== undefined) text += "<SHARED>";
  return `${text}:${printValue(resource)}`;
}

/** The resources one after the other: `cpus:4; mem:2048`; `{}` when there are none. */
export function printResources(resources: readonly Resource[]): string {
  return resources.length === 0 ? "{}" : resources.map(printResource).join("; ");
}

/** The value alone: `0.5`, `[31000-31999, 33000-33001]`, `{a, b}`. */
export function printValue(resource: Resource): string {
  if (resource.type === "SCALAR") return printScalar(resource.scalar?.value ?? 0);
  if (resource.type === "RANGES") return printRanges(rangesOf(resource));
  return printSet(itemsOf(resource));
}

export function printRanges(ranges: readonly ValueRange[]): string {
  return `[${ranges.map(({ begin, end }) => `${begin}-${end}`).join(", ")}]`;
}

export function printSet(items: readonly string[]): string {
  return `{${items.join(", ")}}`;
}

/** A scalar with at most three decimals. */
export function printScalar(value: number): string {
  return String(Number.isFinite(value) ? fromMilli(toMilli(value)) : value);
}

function printReservation({ type, role, principal, labels }: ResourceReservationInfo): string {
  const parts = [type ?? "UNKNOWN", role ?? ""];
  if (principal !== undefined) parts.push(principal);
  if (labels !== undefined) parts.push(printLabels(labels));
  return `(${parts.join(",")})`;
}

function printLabels({ labels }: Labels): string {
  return `{${(labels ?? []).map(({ key, value }) => (value === undefined ? key : `${key}: ${value}`)).join(", ")}}`;
}

function printDisk({ source, persistence, volume }: ResourceDiskInfo): string {
  const what = [source && printSource(source), persistence?.id].filter((part) => part !== undefined).join(",");
  return volume === undefined ? what : joined([what, volume.host_path, volume.container_path]);
}

function printSource({ type, id, path, mount, profile }: ResourceDiskInfoSource): string {
  return joined([type, id ?? path?.root ?? mount?.root, profile]);
}

function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(":");
}
