import type { Labels, OfferOperation, Resource, ResourceReservationInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { pushReservation } from "@meseta/api/mesos/resources/allocation.ts";
import { bareDisk } from "@meseta/api/mesos/resources/operations.ts";
import type { Pool, Stock } from "@meseta/sdk/core/offer/pool.ts";
import type { Reservation } from "./wish.ts";

/** The labels by which an init knows what it has reserved, and for which instance. The names are Marathon's, so that its tools see them. */
export function reservationLabels(frameworkId: string, instanceId: string): Labels {
  return {
    labels: [
      { key: "marathon_framework_id", value: frameworkId },
      { key: "marathon_task_id", value: instanceId },
    ],
  };
}

/** RESERVE for the instance of what was taken, and CREATE of its volumes on it. */
export function reserveAndCreate(
  taken: readonly Resource[],
  volumes: readonly Resource[],
  role: string,
  reservation: Reservation,
  principal: string | undefined,
): OfferOperation[] {
  const kept: ResourceReservationInfo = {
    type: "DYNAMIC",
    role,
    labels: reservation.labels,
    ...(principal === undefined ? {} : { principal }),
  };
  const volumesKept = pushReservation(volumes, kept);
  const reserve = {
    type: "RESERVE",
    reserve: { resources: [...pushReservation(taken, kept), ...volumesKept.map(bareDisk)] },
  };
  return volumes.length === 0
    ? [reserve as OfferOperation]
    : [reserve as OfferOperation, { type: "CREATE", create: { volumes: volumesKept } }];
}

/** DESTROY and UNRESERVE, the latter by the id, of what the offer still keeps for an instance that is no more; nothing when it keeps nothing. */
export function release(resources: readonly Resource[], labels: Labels, id?: string): OfferOperation[] {
  const kept = resources.filter((resource) => sameLabels(resource.reservations?.at(-1)?.labels, labels));
  const volumes = kept.filter(({ disk }) => disk?.persistence !== undefined);
  const operations: OfferOperation[] = [];
  if (volumes.length > 0) operations.push({ type: "DESTROY", destroy: { volumes } });
  if (kept.length > 0)
    operations.push({
      type: "UNRESERVE",
      ...(id !== undefined && { id: { value: id } }),
      unreserve: { resources: kept.map((one) => (volumes.includes(one) ? bareDisk(one) : one)) },
    });
  return operations;
}

/** Pools reserved for one resident instance, without its volumes. */
export function poolsOf(stock: Stock, reservation: Reservation): Pool[] {
  return stock.pools.filter(
    ({ resource }) =>
      resource.disk === undefined && sameLabels(resource.reservations?.at(-1)?.labels, reservation.labels),
  );
}

/** Whether both hold the same labels, in whatever order. */
export function sameLabels(a: Labels | undefined, b: Labels | undefined): boolean {
  const [left, right] = [a?.labels ?? [], b?.labels ?? []];
  return (
    left.length > 0 &&
    left.length === right.length &&
    left.every(({ key, value }) => right.some((other) => other.key === key && other.value === value))
  );
}

/** Whose reservation this is: the framework and the instance, or undefined when it is none of an init's. */
export function ownerOf(resource: Resource): { readonly frameworkId: string; readonly instanceId: string } | undefined {
  const labels = resource.reservations?.at(-1)?.labels?.labels ?? [];
  const valueOfLabel = (name: string) => labels.find(({ key }) => key === name)?.value;
  const [frameworkId, instanceId] = [valueOfLabel("marathon_framework_id"), valueOfLabel("marathon_task_id")];
  return frameworkId === undefined || instanceId === undefined ? undefined : { frameworkId, instanceId };
}

/**
 * What to do so that nothing that this framework reserved and does not need any more stays on the offered agent: `isWanted` says of an instance
 * whether it keeps anything there, `idOf` by which operation what was kept for it is to go.
 */
export function reclaim(
  resources: readonly Resource[],
  frameworkId: string,
  isWanted: (instanceId: string) => boolean,
  idOf?: (instanceId: string) => string,
): OfferOperation[] {
  const unwanted = new Set<string>();
  for (const resource of resources) {
    const owner = ownerOf(resource);
    if (owner?.frameworkId === frameworkId && !isWanted(owner.instanceId)) unwanted.add(owner.instanceId);
  }
  return [...unwanted].flatMap((instanceId) =>
    release(resources, reservationLabels(frameworkId, instanceId), idOf?.(instanceId)),
  );
}
