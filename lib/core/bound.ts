/**
 * One thing that a peer or a user could otherwise fill, or keep waiting, without end. Each room keeps its own in one table, from which the code
 * takes the number and docs/reference/limits.md its line. Each can be set, by a flag of its own or by name in `--limits`, or says why not; and
 * each can be seen in a metric, or says why not.
 */
export interface Bound {
  /** What is bounded: "Frameworks at a time". */
  readonly what: string;
  /** The bound, or where it can be set its default; Infinity: none unless it is set. */
  readonly most: number;
  readonly unit?: "bytes" | "ms" | undefined;
  /** The flag that sets it, without its dashes. */
  readonly setting?: string | undefined;
  /** Its name in `--limits`. */
  readonly limit?: string | undefined;
  /** Why nobody sets it. */
  readonly fixed?: string | undefined;
  /** The metric of how much there is now. */
  readonly now?: string | undefined;
  /** The metric of how often the bound was met. */
  readonly met?: string | undefined;
  /** Why no metric tells of it. */
  readonly unseen?: string | undefined;
  /** What happens to whoever meets it. */
  readonly outcome: string;
}

/** What several bounds give as their reason. */
export const WHY = {
  slice: "a slice of work: whoever waits is served next",
  cache: "a cache: what falls out is made anew",
  over: "what is forgotten is over, and nobody is refused",
  page: "who asks for more gets it piece by piece",
  told: "whoever it is about sees it at once",
} as const;

export type BoundTable = Readonly<Record<string, Bound>>;

/** The numbers of a table of bounds, by name. */
export function mostOf<Name extends string>(bounds: Readonly<Record<Name, Bound>>): Record<Name, number> {
  const entries = Object.entries<Bound>(bounds).map(([name, { most }]) => [name, most]);
  return Object.fromEntries(entries) as Record<Name, number>;
}

/** The numbers of those bounds of a table that `--limits` sets. */
export type Limits<Table extends BoundTable> = {
  readonly [Name in keyof Table as Table[Name] extends { readonly limit: string } ? Name : never]: number;
};

/** What was given under their names in `--limits`, or else their defaults. */
export function limitsOf<Table extends BoundTable>(
  table: Table,
  given: ReadonlyMap<string, number> = NONE,
): Limits<Table> {
  const entries = Object.entries(table).flatMap(([name, { limit, most }]) =>
    limit === undefined ? [] : [[name, given.get(limit) ?? most]],
  );
  return Object.fromEntries(entries) as Limits<Table>;
}

const NONE: ReadonlyMap<string, number> = new Map();
