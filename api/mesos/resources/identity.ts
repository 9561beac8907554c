import type {
  Labels,
  Resource,
  ResourceDiskInfo,
  ResourceDiskInfoSource,
  ResourceReservationInfo,
} from "../generated/mesos.ts";

/**
 * Whether two resources are of one kind, so that their values may be added: same name, type, disk, stack of reservations, revocable, shared,
 * provider and allocation. Both are in the post-refinement format. The volume of a disk tells how it is used, not what it is, and is not looked at.
 */
export function sameIdentity(a: Resource, b: Resource): boolean {
  if (a === b) return true;
  return (
    a.name === b.name &&
    a.type === b.type &&
    a.allocation_info?.role === b.allocation_info?.role &&
    (a.revocable === undefined) === (b.revocable === undefined) &&
    (a.shared === undefined) === (b.shared === undefined) &&
    a.provider_id?.value === b.provider_id?.value &&
    sameReservations(a.reservations, b.reservations) &&
    sameDisk(a.disk, b.disk)
  );
}

/** One text for each identity: equal exactly when `sameIdentity` holds. Remembered for each object, because resources are never changed in place. */
export function identityKey(resource: Resource): string {
  let key = keys.get(resource);
  if (key === undefined) keys.set(resource, (key = makeKey(resource)));
  return key;
}

/** Whether the resource is only taken or left whole, and never merged with its like: persistent volumes, shared ones, disks with a body of their own. */
export function isIndivisible(resource: Resource): boolean {
  if (resource.shared !== undefined) return true;
  const disk = resource.disk;
  return disk !== undefined && (disk.persistence !== undefined || isWholeDisk(disk.source));
}

/** Two reservations for the same role by the same principal with the same labels, whatever the labels' order. */
function sameReservation(a: ResourceReservationInfo, b: ResourceReservationInfo): boolean {
  return (
    a === b || (a.type === b.type && a.role === b.role && a.principal === b.principal && sameLabels(a.labels, b.labels))
  );
}

/** The role for which the resource is reserved: the last of its stack; undefined when it is unreserved. */
export function reservationRole(resource: Resource): string | undefined {
  return resource.reservations?.at(-1)?.role;
}

const keys = new WeakMap<Resource, string>();

function isWholeDisk(source: ResourceDiskInfoSource | undefined): boolean {
  if (source === undefined) return false;
  return source.type === "MOUNT" || source.type === "BLOCK" || (source.type === "RAW" && source.id !== undefined);
}

function sameReservations(
  a: readonly ResourceReservationInfo[] | undefined,
  b: readonly ResourceReservationInfo[] | undefined,
): boolean {
  if (a === b) return true;
  const length = a?.length ?? 0;
  if (length !== (b?.length ?? 0)) return false;
  for (let i = 0; i < length; i++) if (!sameReservation(a![i]!, b![i]!)) return false;
  return true;
}

function sameDisk(a: ResourceDiskInfo | undefined, b: ResourceDiskInfo | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return a.persistence?.id === b.persistence?.id && sameSource(a.source, b.source);
}

function sameSource(a: ResourceDiskInfoSource | undefined, b: ResourceDiskInfoSource | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  return sourceKey(a) === sourceKey(b);
}

function sameLabels(a: Labels | undefined, b: Labels | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  const [left, right] = [a.labels ?? [], b.labels ?? []];
  if (left.length !== right.length) return false;
  // Most labels come in the order in which they were first given: only when they do not is it worth sorting them.
  return (
    left.every((label, i) => label.key === right[i]!.key && label.value === right[i]!.value) ||
    labelsKey(a) === labelsKey(b)
  );
}

function makeKey(resource: Resource): string {
  const { allocation_info, provider_id, reservations, disk } = resource;
  let key = `${quote(resource.name)}${resource.type}${quote(allocation_info?.role)}${quote(provider_id?.value)}`;
  if (resource.revocable !== undefined) key += "R";
  if (resource.shared !== undefined) key += "S";
  for (const { type, role, principal, labels } of reservations ?? [])
    key += `(${type}${quote(role)}${quote(principal)}${labelsKey(labels)})`;
  if (disk !== undefined)
    key += `D${quote(disk.persistence?.id)}${disk.source === undefined ? "" : sourceKey(disk.source)}`;
  return key;
}

function sourceKey({ type, path, mount, vendor, id, metadata, profile }: ResourceDiskInfoSource): string {
  const roots = `${path === undefined ? "" : `p${quote(path.root)}`}${mount === undefined ? "" : `m${quote(mount.root)}`}`;
  return `${type}${roots}${quote(vendor)}${quote(id)}${quote(profile)}${labelsKey(metadata)}`;
}

function labelsKey(labels: Labels | undefined): string {
  if (labels === undefined) return "-";
  const pairs = (labels.labels ?? []).map(({ key, value }) => `${quote(key)}${quote(value)}`);
  return `L${pairs.sort().join("")}.`;
}

// The length in front of each text keeps any two different rows of texts apart, whatever characters they hold.
function quote(text: string | undefined): string {
  return text === undefined ? "-" : `${text.length}:${text}`;
}
