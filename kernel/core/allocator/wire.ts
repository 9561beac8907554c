import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { Piece } from "./parcel.ts";
import type { Space } from "./space.ts";

/**
 * The wire form of what a role is offered. Machines come in few sizes, so equal scalars of one role are one and the same object: resources
 * are never changed in place. This saves most of the time and memory of a cycle's offers.
 */
export interface Wire {
  readonly info: { readonly role: string };
  /** By column and a hash of the amount, the last resource made. */
  readonly made: (Resource | undefined)[];
}

export function createWire(role: string): Wire {
  return { info: { role }, made: [] };
}

export function wireResources(space: Space, wire: Wire, row: Float64Array, pieces: readonly Piece[]): Resource[] {
  let length = 0;
  for (let column = 0; column < space.names.length; column++) {
    const milli = row[column]!;
    if (milli > 0) scratch[length++] = scalarOf(space, wire, column, milli);
  }
  for (const { resource } of pieces) scratch[length++] = { ...resource, allocation_info: wire.info };
  return scratch.slice(0, length);
}

// A list that grows by pushing keeps room for 17 entries; a slice has exactly its own.
const scratch: Resource[] = [];

const SLOTS = 32;

function scalarOf(space: Space, wire: Wire, column: number, milli: number): Resource {
  const value = milli / 1000;
  const slot = column * SLOTS + ((Math.imul(milli | 0, 0x9e3779b1) >>> 27) & (SLOTS - 1));
  const known = wire.made[slot];
  if (known !== undefined && known.scalar!.value === value) return known;
  const made: Resource = { name: space.names[column]!, type: "SCALAR", scalar: { value }, allocation_info: wire.info };
  wire.made[slot] = made;
  return made;
}
