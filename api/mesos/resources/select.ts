import type { Resource } from "../generated/mesos.ts";
import { reservationRole, sameIdentity } from "./identity.ts";
import { isStrictSubrole } from "./roles.ts";

type Bag = readonly Resource[];

/** Those that carry no reservation. */
export function unreserved(resources: Bag): Resource[] {
  return resources.filter((resource) => !isReserved(resource));
}

/** Those that carry a reservation, of whatever role. */
export function reserved(resources: Bag): Resource[] {
  return resources.filter((resource) => isReserved(resource));
}

/** Reserved ones by the role for which they are reserved. */
export function reservedByRole(resources: Bag): Map<string, Resource[]> {
  return Map.groupBy(reserved(resources), (resource) => reservationRole(resource) ?? "*");
}

export function revocable(resources: Bag): Resource[] {
  return resources.filter((resource) => resource.revocable !== undefined);
}

export function nonRevocable(resources: Bag): Resource[] {
  return resources.filter((resource) => resource.revocable === undefined);
}

export function shared(resources: Bag): Resource[] {
  return resources.filter((resource) => resource.shared !== undefined);
}

export function nonShared(resources: Bag): Resource[] {
  return resources.filter((resource) => resource.shared === undefined);
}

export function persistentVolumes(resources: Bag): Resource[] {
  return resources.filter(isPersistentVolume);
}

/** By the role to which they are allocated; what is not allocated is left out. */
export function allocationsByRole(resources: Bag): Map<string, Resource[]> {
  const allocated = resources.filter((resource) => resource.allocation_info?.role !== undefined);
  return Map.groupBy(allocated, (resource) => resource.allocation_info!.role!);
}

/** Each shared resource one time only, however many use it: what an agent has, as against what is in use on it. */
export function sharedOnce(resources: Bag): Resource[] {
  const seen: Resource[] = [];
  return resources.filter((resource) => {
    if (resource.shared === undefined) return true;
    if (seen.some((other) => sameIdentity(other, resource))) return false;
    seen.push(resource);
    return true;
  });
}

/** Whether it is reserved, for the role when one is given. */
export function isReserved(resource: Resource, role?: string): boolean {
  const owner = reservationRole(resource);
  return owner !== undefined && (role === undefined || owner === role);
}

/** Whether its last reservation was made by an operation, and so can be undone by one. */
export function isDynamicallyReserved(resource: Resource): boolean {
  return resource.reservations?.at(-1)?.type === "DYNAMIC";
}

/** Whether it has more than one reservation, which only frameworks with RESERVATION_REFINEMENT understand. */
export function isRefined(resource: Resource): boolean {
  return (resource.reservations?.length ?? 0) > 1;
}

export function isAllocatableTo(resource: Resource, role: string): boolean {
  const owner = reservationRole(resource);
  return owner === undefined || owner === role || isStrictSubrole(role, owner);
}

export function isPersistentVolume(resource: Resource): boolean {
  return resource.disk?.persistence !== undefined;
}
