/**
 * Quantities are rows of thousandths, one column a resource name. Names get their column when they are first seen and keep it;
 * when there are more names than columns, every table is laid out anew.
 */
export interface Space {
  readonly columns: Map<string, number>;
  readonly names: string[];
  width: number;
  readonly tables: Rows[];
}

/** A table of rows: row `i` is `data[i * space.width + column]`. */
export interface Rows {
  data: Float64Array;
}

export function createSpace(): Space {
  return { columns: new Map(), names: [], width: 8, tables: [] };
}

export function createRows(space: Space): Rows {
  const rows = { data: new Float64Array(16 * space.width) };
  space.tables.push(rows);
  return rows;
}

export function columnOf(space: Space, name: string): number {
  const known = space.columns.get(name);
  if (known !== undefined) return known;
  const column = space.names.length;
  if (column === space.width) widen(space);
  space.columns.set(name, column);
  space.names.push(name);
  return column;
}

/** Makes room for row `index`. */
export function ensureRow(space: Space, rows: Rows, index: number): void {
  const needed = (index + 1) * space.width;
  if (rows.data.length >= needed) return;
  const data = new Float64Array(Math.max(needed, 2 * rows.data.length));
  data.set(rows.data);
  rows.data = data;
}

export function clearRow(space: Space, rows: Rows, index: number): void {
  rows.data.fill(0, index * space.width, (index + 1) * space.width);
}

/** A row as names and wire units, columns of 0 left out. */
export function quantitiesOf(space: Space, row: ArrayLike<number>, offset = 0): Record<string, number> {
  const quantities: Record<string, number> = {};
  for (let column = 0; column < space.names.length; column++) {
    const milli = row[offset + column] ?? 0;
    if (milli !== 0) quantities[space.names[column]!] = milli / 1000;
  }
  return quantities;
}

/** Names and wire units as a row of thousandths; names that are not given are `otherwise`. */
export function rowOf(space: Space, quantities: Readonly<Record<string, number>>, otherwise = 0): Float64Array {
  for (const name in quantities) columnOf(space, name);
  const row = new Float64Array(space.width).fill(otherwise);
  for (const name in quantities) row[columnOf(space, name)] = Math.round(quantities[name]! * 1000);
  return row;
}

function widen(space: Space): void {
  const { width, tables } = space;
  for (const rows of tables) {
    const data = new Float64Array(2 * rows.data.length);
    for (let from = 0, to = 0; from < rows.data.length; from += width, to += 2 * width) {
      data.set(rows.data.subarray(from, from + width), to);
    }
    rows.data = data;
  }
  space.width = 2 * width;
}
