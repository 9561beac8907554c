import type { Resource, ResourceReservationInfo } from "../generated/mesos.ts";
import { sum } from "./bag.ts";

type Bag = readonly Resource[];

/** The resources marked as allocated to the role, whatever they were marked with. */
export function allocate(resources: Bag, role: string): Resource[] {
  const allocation_info = { role };
  return resources.map((resource) =>
    resource.allocation_info?.role === role ? resource : { ...resource, allocation_info },
  );
}

/** The resources marked as allocated to the role where they do not say for themselves to which. */
export function allocateMissing(resources: Bag, role: string): Resource[] {
  return resources.map((resource) =>
    resource.allocation_info === undefined ? { ...resource, allocation_info: { role } } : resource,
  );
}

/** The resources without the mark of an allocation, merged where only that kept them apart. */
export function unallocate(resources: Bag): Resource[] {
  return sum([resources.map(withoutAllocation)]);
}

export function withoutAllocation(resource: Resource): Resource {
  if (resource.allocation_info === undefined) return resource;
  const { allocation_info: _, ...rest } = resource;
  return rest;
}

/** The resources with one more reservation on top of their stacks. */
export function pushReservation(resources: Bag, reservation: ResourceReservationInfo): Resource[] {
  return resources.map((resource) => ({ ...resource, reservations: [...(resource.reservations ?? []), reservation] }));
}

/** The resource without the last reservation of its stack; an unreserved one as it is. */
export function withoutLastReservation(resource: Resource): Resource {
  return withReservations(resource, (resource.reservations ?? []).slice(0, -1));
}

function withReservations(resource: Resource, reservations: ResourceReservationInfo[]): Resource {
  const { reservations: _, ...rest } = resource;
  return reservations.length === 0 ? rest : { ...rest, reservations };
}
