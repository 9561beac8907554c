/**
 * One thing that a peer or a user could otherwise fill, or keep waiting, without end. Each room keeps its own in one table, from which the code
 * takes the number and docs/reference/limits.md its line.
 */
export interface Bound {
  /** What is bounded: "Frameworks at a time". */
  readonly what: string;
  /** The bound, or where it can be set its default; Infinity: none unless it is set. */
  readonly most: number;
  readonly unit?: "bytes" | "ms" | undefined;
  /** The flag that sets it, without its dashes. */
  readonly setting?: string | undefined;
  /** The metric of how much there is now. */
  readonly now?: string | undefined;
  /** The metric of how often the bound was met. */
  readonly met?: string | undefined;
  /** What happens to whoever meets it. */
  readonly outcome: string;
}

/** The numbers of a table of bounds, by name. */
export function mostOf<Name extends string>(bounds: Readonly<Record<Name, Bound>>): Record<Name, number> {
  const entries = Object.entries<Bound>(bounds).map(([name, { most }]) => [name, most]);
  return Object.fromEntries(entries) as Record<Name, number>;
}
