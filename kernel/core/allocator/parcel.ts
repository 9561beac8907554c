import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { isIndivisible, reservationRole } from "@meseta/api/mesos/resources/identity.ts";
import { isNothing, milliOf } from "@meseta/api/mesos/resources/value.ts";
import { columnOf, type Space } from "./space.ts";

/**
 * Resources taken apart. Nearly all of a cluster is plain scalars (unreserved, not revocable, no disk of its own, no provider): those are
 * a row of numbers. The rest, ports and reservations and volumes, stays what it is on the wire, one piece an entry.
 */
export interface Parcel {
  readonly row: Float64Array;
  pieces: Piece[];
}

/** One entry that is no plain scalar, with what the rules ask about it. */
export interface Piece {
  /** Without allocation_info. */
  readonly resource: Resource;
  readonly column: number;
  /** Thousandths of a scalar; 0 for ranges and sets, which are rarely counted. */
  readonly milli: number;
  readonly scalar: boolean;
  /** The role that it is reserved for, undefined when unreserved. */
  readonly role: string | undefined;
  /** Reserved more than once, so only for frameworks that know refinement. */
  readonly refined: boolean;
  readonly revocable: boolean;
  readonly shared: boolean;
  /** Taken or left whole. */
  readonly whole: boolean;
}

const NO_PIECES: Piece[] = [];

/** Takes a list apart. Equal names of plain scalars are added up; 0 and allocation_info are dropped. */
export function parcelOf(space: Space, resources: readonly Resource[]): Parcel {
  for (const { name } of resources) columnOf(space, name);
  const row = new Float64Array(space.width);
  let pieces = NO_PIECES;
  for (const resource of resources) {
    if (isPlain(resource)) {
      row[columnOf(space, resource.name)]! += Math.round((resource.scalar?.value ?? 0) * 1000);
      continue;
    }
    if (isNothing(resource)) continue;
    if (pieces === NO_PIECES) pieces = [];
    pieces.push(pieceOf(space, withoutAllocation(resource)));
  }
  return { row, pieces };
}

export function piecesOf(space: Space, resources: readonly Resource[]): Piece[] {
  return resources.length === 0 ? NO_PIECES : resources.map((resource) => pieceOf(space, resource));
}

export function pieceOf(space: Space, resource: Resource): Piece {
  return {
    resource,
    column: columnOf(space, resource.name),
    milli: resource.type === "SCALAR" ? milliOf(resource) : 0,
    scalar: resource.type === "SCALAR",
    role: reservationRole(resource),
    refined: (resource.reservations?.length ?? 0) > 1,
    revocable: resource.revocable !== undefined,
    shared: resource.shared !== undefined,
    whole: isIndivisible(resource),
  };
}

export function resourcesOf(pieces: readonly Piece[]): Resource[] {
  return pieces.map((piece) => piece.resource);
}

/** What quota counts and headroom protects. */
export function isOpenScalar(piece: Piece): boolean {
  return piece.scalar && piece.role === undefined && !piece.revocable;
}

function isPlain(resource: Resource): boolean {
  return (
    resource.type === "SCALAR" &&
    resource.disk === undefined &&
    resource.revocable === undefined &&
    resource.shared === undefined &&
    resource.provider_id === undefined &&
    (resource.reservations === undefined || resource.reservations.length === 0)
  );
}

function withoutAllocation(resource: Resource): Resource {
  if (resource.allocation_info === undefined) return resource;
  const { allocation_info: _, ...rest } = resource;
  return rest;
}
