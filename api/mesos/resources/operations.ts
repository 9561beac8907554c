import type { OfferOperation, Resource } from "../generated/mesos.ts";
import { isRefusal, type Refusal, refuse } from "../refusal.ts";
import { withoutLastReservation } from "./allocation.ts";
import { add, contains, isEmpty, sameResource, subtract, sum } from "./bag.ts";
import { isIndivisible, sameIdentity } from "./identity.ts";
import { printResources } from "./print.ts";
import { isPersistentVolume } from "./select.ts";
import { addValue, milliOf, withMilli } from "./value.ts";

/** What an operation takes and what it makes of it. */
export interface Conversion {
  readonly consumed: readonly Resource[];
  readonly converted: readonly Resource[];
}

/**
 * The bag after the operation, or why it cannot be done on it. Done are RESERVE (with `source`: what is reserved otherwise now), UNRESERVE, CREATE,
 * DESTROY, GROW_VOLUME and SHRINK_VOLUME; whether the asker may is not asked here. Bag and operation are both allocated or both not, and in the
 * post-refinement format. Source: Mesos' src/common/resources.cpp `apply`.
 */
export function applyOperation(bag: readonly Resource[], operation: OfferOperation): Resource[] | Refusal {
  const conversions = conversionsOf(operation);
  if (isRefusal(conversions)) return conversions;
  let out: readonly Resource[] = bag;
  for (const { consumed, converted } of conversions) {
    if (!contains(out, consumed))
      return refuse(
        `Invalid ${operation.type} operation: ${printResources(out)} does not contain ${printResources(consumed)}`,
      );
    out = add(subtract(out, consumed), converted);
  }
  return stillShared(out, operation) ?? [...out];
}

/** What the operation consumes and converts, one entry for each resource that it names. Refused are operations that change no resources. */
export function conversionsOf(operation: OfferOperation): readonly Conversion[] | Refusal {
  switch (operation.type) {
    case "RESERVE":
      return reserve(operation.reserve?.resources ?? [], operation.reserve?.source ?? []);
    case "UNRESERVE":
      return (operation.unreserve?.resources ?? []).map((resource) =>
        convert(resource, withoutLastReservation(resource)),
      );
    case "CREATE":
      return (operation.create?.volumes ?? []).map((volume) => convert(bareDisk(volume), volume));
    case "DESTROY":
      return (operation.destroy?.volumes ?? []).map((volume) => convert(volume, bareDisk(volume)));
    case "GROW_VOLUME":
      return operation.grow_volume === undefined
        ? refuse("Expecting 'grow_volume' to be present")
        : grow(operation.grow_volume.volume, operation.grow_volume.addition);
    case "SHRINK_VOLUME":
      return operation.shrink_volume === undefined
        ? refuse("Expecting 'shrink_volume' to be present")
        : shrink(operation.shrink_volume.volume, operation.shrink_volume.subtract.value);
    default:
      return refuse(`Operation ${operation.type ?? "of unknown type"} does not convert resources`);
  }
}

/** The volume as it was before CREATE: the disk it stands on, still reserved. */
export function bareDisk(volume: Resource): Resource {
  const { disk, shared: _, ...rest } = volume;
  return disk?.source === undefined ? rest : { ...rest, disk: { source: disk.source } };
}

function convert(consumed: Resource, converted: Resource): Conversion {
  return { consumed: [consumed], converted: [converted] };
}

function reserve(resources: readonly Resource[], source: readonly Resource[]): readonly Conversion[] | Refusal {
  if (source.length === 0) return resources.map((resource) => convert(withoutLastReservation(resource), resource));
  const difference = differenceOfAmounts(source, resources);
  return difference === undefined ? [{ consumed: source, converted: resources }] : refuse(difference);
}

// What is reserved otherwise must be the same things in the same amounts: only the stacks may differ.
function differenceOfAmounts(source: readonly Resource[], resources: readonly Resource[]): string | undefined {
  const bare = (list: readonly Resource[]) => sum([list.map(({ reservations: _, ...rest }) => rest)]);
  const [before, after] = [bare(source), bare(resources)];
  if (isEmpty(subtract(before, after)) && isEmpty(subtract(after, before))) return undefined;
  return `Invalid RESERVE operation: source ${printResources(before)} and resources ${printResources(after)} differ in more than reservations`;
}

function grow(volume: Resource, addition: Resource): readonly Conversion[] | Refusal {
  const bare = bareDisk(volume);
  if (isIndivisible(bare) || !sameIdentity(bare, addition)) {
    return refuse(
      `Invalid GROW_VOLUME operation: ${printResources([addition])} cannot be joined to ${printResources([volume])}`,
    );
  }
  return [{ consumed: [volume, addition], converted: [addValue(volume, addition)] }];
}

function shrink(volume: Resource, amount: number): readonly Conversion[] | Refusal {
  if (isIndivisible(bareDisk(volume)))
    return refuse(`Invalid SHRINK_VOLUME operation: ${printResources([volume])} cannot be divided`);
  const freed = withMilli(bareDisk(volume), milliOf({ ...volume, scalar: { value: amount } }));
  const left = milliOf(volume) - milliOf(freed);
  if (left <= 0) return refuse("Invalid SHRINK_VOLUME operation: the size to take away must be less than the volume");
  return [{ consumed: [volume], converted: [withMilli(volume, left), freed] }];
}

function stillShared(left: readonly Resource[], operation: OfferOperation): Refusal | undefined {
  if (operation.type !== "DESTROY") return undefined;
  const used = (operation.destroy?.volumes ?? [])
    .filter(isPersistentVolume)
    .find((volume) => left.some((other) => sameResource(other, volume)));
  return used && refuse(`Invalid DESTROY operation: persistent volume ${printResources([used])} has other users`);
}
