import type { Resource, ResourceDiskInfo, ResourceReservationInfo, ValueRange } from "../generated/mesos.ts";
import { type Refusal, refuse } from "../refusal.ts";
import { idProblem } from "./ids.ts";
import { printResource } from "./print.ts";
import { rangesOverlap } from "./ranges.ts";
import { isStrictSubrole, roleProblem } from "./roles.ts";
import { LARGEST_SCALAR, toMilli } from "./scalar.ts";

/** What is wrong with the first resource that is wrong, its text in front; undefined when none is. Post-refinement format (`upgrade` first). A scalar of 0 is valid and nothing. */
export function validateResources(resources: readonly Resource[]): Refusal | undefined {
  for (const resource of resources) {
    const refusal = validateResource(resource);
    if (refusal !== undefined) return refuse(`Resource '${printResource(resource)}' is invalid: ${refusal.message}`);
  }
  return undefined;
}

/** What is wrong with the resource, in one sentence; undefined when it is well formed. */
export function validateResource(resource: Resource): Refusal | undefined {
  const problem =
    valueProblem(resource) ?? reservationsProblem(resource) ?? diskProblem(resource) ?? sharingProblem(resource);
  return problem === undefined ? undefined : refuse(problem);
}

type Problem = string | undefined;

function valueProblem(resource: Resource): Problem {
  if (resource.name === "") return "Empty resource name";
  if (resource.name === "gpus" && resource.type !== "SCALAR") return "The 'gpus' resource must be a scalar";
  switch (resource.type) {
    case "SCALAR":
      return scalarProblem(resource);
    case "RANGES":
      return rangesProblem(resource);
    case "SET":
      return setProblem(resource);
    case "TEXT":
      return "Unsupported resource type";
  }
}

function scalarProblem({ name, scalar, ranges, set }: Resource): Problem {
  if (scalar === undefined || ranges !== undefined || set !== undefined) return "Invalid scalar resource";
  const value = scalar.value;
  if (!Number.isFinite(value)) return "Invalid scalar resource: value is not a finite number";
  if (value < 0 || (value > 0 && toMilli(value) === 0)) return "Invalid scalar resource: value <= 0";
  if (value > LARGEST_SCALAR) return `Invalid scalar resource: value > ${LARGEST_SCALAR}`;
  if (name === "gpus" && toMilli(value) % 1000 !== 0) return "The 'gpus' resource must be a whole number";
  return undefined;
}

function rangesProblem({ scalar, ranges, set }: Resource): Problem {
  if (scalar !== undefined || ranges === undefined || set !== undefined) return "Invalid ranges resource";
  const range = ranges.range ?? [];
  if (!range.every(hasWholeBounds)) return "Invalid ranges resource: a bound is not a whole number between 0 and 2^53";
  if (range.some(({ begin, end }) => begin > end)) return "Invalid ranges resource: begin > end";
  if (rangesOverlap(range)) return "Invalid ranges resource: overlapping ranges";
  return undefined;
}

function hasWholeBounds({ begin, end }: ValueRange): boolean {
  return Number.isSafeInteger(begin) && Number.isSafeInteger(end) && begin >= 0;
}

function setProblem({ scalar, ranges, set }: Resource): Problem {
  if (scalar !== undefined || ranges !== undefined || set === undefined) return "Invalid set resource";
  const items = set.item ?? [];
  return new Set(items).size < items.length ? "Invalid set resource: duplicate items" : undefined;
}

function reservationsProblem(resource: Resource): Problem {
  const reservations = resource.reservations ?? [];
  if (reservations.length > 0 && resource.revocable !== undefined) return "Revocable resources cannot be reserved";
  for (let i = 0; i < reservations.length; i++) {
    const problem = reservationProblem(reservations[i]!) ?? refinementProblem(reservations[i - 1], reservations[i]!);
    if (problem !== undefined) return `Invalid reservation: ${problem}`;
  }
  return undefined;
}

function reservationProblem({ type, role }: ResourceReservationInfo): Problem {
  if (type === undefined || type === "UNKNOWN") return "'type' must be STATIC or DYNAMIC";
  if (role === undefined) return "'role' must be set";
  return role === "*" ? "role '*' cannot be reserved for" : roleProblem(role);
}

function refinementProblem(below: ResourceReservationInfo | undefined, above: ResourceReservationInfo): Problem {
  if (below === undefined) return undefined;
  if (above.type !== "DYNAMIC") return "only the first of a stack can be STATIC";
  if (isStrictSubrole(above.role ?? "", below.role ?? "")) return undefined;
  return `role '${above.role}' is not below '${below.role}', which it refines`;
}

function diskProblem(resource: Resource): Problem {
  const disk = resource.disk;
  if (disk === undefined) return undefined;
  if (resource.name !== "disk" || resource.type !== "SCALAR")
    return `DiskInfo should not be set for the '${resource.name}' resource`;
  if (disk.persistence !== undefined) return sourceProblem(disk) ?? persistenceProblem(resource, disk);
  if (disk.volume !== undefined) return "A volume that is not persistent is not supported";
  return disk.source === undefined ? "DiskInfo is set but empty" : sourceProblem(disk);
}

function sourceProblem({ source }: ResourceDiskInfo): Problem {
  if (source === undefined) return undefined;
  if (source.type === "UNKNOWN") return "Unsupported 'DiskInfo.Source.type'";
  if (source.path !== undefined && source.type !== "PATH") return `'path' should not be set for a ${source.type} disk`;
  if (source.mount !== undefined && source.type !== "MOUNT")
    return `'mount' should not be set for a ${source.type} disk`;
  return undefined;
}

function persistenceProblem(resource: Resource, { persistence, volume, source }: ResourceDiskInfo): Problem {
  if (resource.revocable !== undefined) return "Persistent volumes cannot be created from revocable resources";
  if ((resource.reservations?.length ?? 0) === 0)
    return "Persistent volumes cannot be created from unreserved resources";
  if (volume === undefined) return "Expecting 'volume' to be set for persistent volume";
  if (volume.mode === "RO") return "Read-only persistent volume not supported";
  if (volume.host_path !== undefined) return "Expecting 'host_path' to be unset for persistent volume";
  if (source?.type === "RAW" || source?.type === "BLOCK")
    return `Persistent volumes cannot be created on a ${source.type} disk`;
  const problem = idProblem(persistence?.id ?? "");
  return problem === undefined ? undefined : `Invalid persistence ID for persistent volume: ${problem}`;
}

function sharingProblem(resource: Resource): Problem {
  if (resource.shared === undefined || resource.disk?.persistence !== undefined) return undefined;
  return "Only persistent volumes can be shared";
}
