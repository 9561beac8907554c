import { quantityOf } from "@meseta/api/mesos/resources/value.ts";
import type { Piece } from "./parcel.ts";
import { columnOf, type Space } from "./space.ts";

/** The least that is worth an offer: alternatives, each with a quantity for some names. No alternatives: anything. */
export type Minimum = readonly Alternative[];

interface Alternative {
  readonly columns: readonly number[];
  readonly needs: readonly number[];
}

export function createMinimum(space: Space, quantities: readonly Readonly<Record<string, number>>[]): Minimum {
  return quantities.map((alternative) => ({
    columns: Object.keys(alternative).map((name) => columnOf(space, name)),
    needs: Object.values(alternative).map((value) => Math.round(value * 1000)),
  }));
}

/** Whether a row (from `offset`) and pieces reach it. Numbers of ranges and items of sets count one each. */
export function reaches(minimum: Minimum, row: Float64Array, offset: number, pieces: readonly Piece[]): boolean {
  if (minimum.length === 0) return true;
  for (const { columns, needs } of minimum) {
    let enough = true;
    for (let i = 0; enough && i < columns.length; i++) {
      const need = needs[i]!;
      const plain = row[offset + columns[i]!]!;
      enough = plain >= need || plain + quantityIn(pieces, columns[i]!) >= need;
    }
    if (enough) return true;
  }
  return false;
}

/** Whether so much of each column could reach it. */
export function reachable(minimum: Minimum, most: (column: number) => number): boolean {
  return (
    minimum.length === 0 ||
    minimum.some(({ columns, needs }) => columns.every((column, i) => most(column) >= needs[i]!))
  );
}

function quantityIn(pieces: readonly Piece[], column: number): number {
  let quantity = 0;
  for (const piece of pieces) if (piece.column === column) quantity += quantityOf(piece.resource);
  return quantity;
}
