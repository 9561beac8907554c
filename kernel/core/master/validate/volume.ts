import type {
  OfferOperationCreate,
  OfferOperationDestroy,
  OfferOperationGrowVolume,
  OfferOperationShrinkVolume,
  Resource,
} from "@meseta/api/mesos/generated/mesos.ts";
import { firstRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { withoutAllocation } from "@meseta/api/mesos/resources/allocation.ts";
import { contains } from "@meseta/api/mesos/resources/bag.ts";
import { isIndivisible, reservationRole, sameIdentity } from "@meseta/api/mesos/resources/identity.ts";
import { bareDisk } from "@meseta/api/mesos/resources/operations.ts";
import { printResource } from "@meseta/api/mesos/resources/print.ts";
import { isPersistentVolume, isRefined } from "@meseta/api/mesos/resources/select.ts";
import { validateResources } from "@meseta/api/mesos/resources/validate.ts";
import { isNothing, milliOf } from "@meseta/api/mesos/resources/value.ts";
import { type OperationContext, understands } from "./asker.ts";

import { validateProviders } from "./reservation.ts";

/** CREATE: persistent volumes with ids that their role does not use on the agent, in the asker's own name. */
export function validateCreate({ volumes = [] }: OfferOperationCreate, context: OperationContext): Refusal | undefined {
  if (volumes.length === 0) return refuse("no volumes are given");
  return (
    validateResources(volumes) ??
    validateProviders(volumes) ??
    firstRefusal(volumes, (volume, i) => validateNew(volume, [...context.total, ...volumes.slice(0, i)], context))
  );
}

/** DESTROY: persistent volumes that the agent has and that nobody uses. */
export function validateDestroy(
  { volumes = [] }: OfferOperationDestroy,
  { total, used }: OperationContext,
): Refusal | undefined {
  if (volumes.length === 0) return refuse("no volumes are given");
  return (
    validateResources(volumes) ??
    firstRefusal(volumes, (volume) => {
      if (!isPersistentVolume(volume)) return refuse(`${printResource(volume)} is not a persistent volume`);
      const bare = withoutAllocation(volume);
      if (!contains(total, [bare])) return refuse(`Persistent volume ${printResource(bare)} not found`);
      return used.some((other) => isSameVolume(other, volume))
        ? refuse(`Persistent volume ${printResource(bare)} is in use`)
        : undefined;
    })
  );
}

/** GROW_VOLUME: a volume, and disk of the same reservations and source to be joined to it. */
export function validateGrow(
  { volume, addition }: OfferOperationGrowVolume,
  context: OperationContext,
): Refusal | undefined {
  return (
    validateResources([volume, addition]) ??
    validateResizable(volume, context) ??
    (isNothing(addition) ? refuse("The size of 'addition' must be greater than zero") : undefined) ??
    (isPersistentVolume(addition) ? refuse("'addition' must not be a persistent volume") : undefined) ??
    (sameIdentity(bareDisk(volume), addition)
      ? undefined
      : refuse("'volume' and 'addition' must be disk of the same reservations and source"))
  );
}

/** SHRINK_VOLUME: a volume, and less than its size to be taken away. */
export function validateShrink(
  { volume, subtract }: OfferOperationShrinkVolume,
  context: OperationContext,
): Refusal | undefined {
  const milli = milliOf({ ...volume, scalar: subtract });
  return (
    validateResources([volume]) ??
    validateResizable(volume, context) ??
    (milli > 0 ? undefined : refuse("Value of 'subtract' must be greater than zero")) ??
    (milli < milliOf(volume) ? undefined : refuse("Value of 'subtract' must be smaller than the size of 'volume'"))
  );
}

function validateNew(
  volume: Resource,
  others: readonly Resource[],
  { framework, principal }: OperationContext,
): Refusal | undefined {
  if (!isPersistentVolume(volume)) return refuse("'persistence' is not set in DiskInfo");
  const { id, principal: owner } = volume.disk!.persistence!;
  if (others.some((other) => isSameVolume(other, volume)))
    return refuse(`Persistence ID '${id}' of role '${reservationRole(volume)}' is already in use on the agent`);
  if (volume.shared !== undefined && !understands(framework, "SHARED_RESOURCES"))
    return refuse("The framework lacks the capability SHARED_RESOURCES, without which it cannot create shared volumes");
  if (isRefined(volume) && !understands(framework, "RESERVATION_REFINEMENT"))
    return refuse(
      "The framework lacks the capability RESERVATION_REFINEMENT, without which it cannot use refined reservations",
    );
  if (principal === undefined || owner === principal) return undefined;
  const which = owner === undefined ? "with no principal" : `with principal '${owner}'`;
  return refuse(
    `A create operation was attempted by principal '${principal}', but there is a volume in the operation ${which} set in 'DiskInfo.Persistence'`,
  );
}

function validateResizable(volume: Resource, { agentCapabilities }: OperationContext): Refusal | undefined {
  if (!agentCapabilities.has("RESIZE_VOLUME")) return refuse("The agent lacks the capability RESIZE_VOLUME");
  if (!isPersistentVolume(volume)) return refuse("'volume' is not a persistent volume");
  if (volume.shared !== undefined) return refuse("The size of a shared persistent volume cannot be changed");
  if (volume.provider_id !== undefined) return refuse("The size of a volume of a resource provider cannot be changed");
  return isIndivisible(bareDisk(volume))
    ? refuse(`The size of a volume on a ${volume.disk?.source?.type} disk cannot be changed`)
    : undefined;
}

// An id is unique among the volumes of one role on one agent: it is a folder below the role's.
function isSameVolume(a: Resource, b: Resource): boolean {
  return (
    a.disk?.persistence !== undefined &&
    a.disk.persistence.id === b.disk?.persistence?.id &&
    reservationRole(a) === reservationRole(b)
  );
}
