/** The records of a store, key to text. */
export type StoredRecords = ReadonlyMap<string, string>;

/** All records of one format, as the next format has them. Pure, and done on a copy: nothing of it is seen before all is there. */
export type Migration = (records: StoredRecords) => StoredRecords;

/**
 * What the records of a part mean. Formats are numbered from 1; `migrations[0]` makes format 2 of format 1, and so on, and none is ever taken away or
 * changed once it was released. A part whose records change so that the release before would misread them gets a migration; one that only learns a field, which
 * the release before leaves alone, needs none.
 */
export interface Format {
  readonly part: string;
  readonly migrations: readonly Migration[];
}

/** The format that a release writes. */
export function newest({ migrations }: Format): number {
  return migrations.length + 1;
}

/** What a store says of its records. Where it says nothing they are of format 1. */
export interface StoredFormat {
  readonly format: number;
  /** Which release has written that. */
  readonly release: string;
  /** The records of that format are not all in their places yet: those beneath {@link NEXT} are put there, and those named beneath {@link GONE} removed. */
  readonly isUnderWay?: true;
}

/** Where it stands. Stores of format 1 have none. */
export const FORMAT_KEY = "store/format";
export const NEXT = "store/next/";
export const GONE = "store/gone/";

/** Records that are about the store itself; whoever loads a part's own passes over them. */
export function isOfStore(key: string): boolean {
  return key.startsWith("store/");
}

/** What one release says that is older than the records; `place` as an operator knows it. */
export function newerText(place: string, { format, release }: StoredFormat, known: number, mine: string): string {
  return `${place} holds records of format ${format}, written by Meseta ${release}; this is Meseta ${mine}, which knows formats up to ${known}. Start that release again, or restore a backup from before the upgrade`;
}

/** What is to be put and deleted so that `after` is there instead of `before`. */
export function difference(
  before: StoredRecords,
  after: StoredRecords,
): { puts: Map<string, string>; deletes: Set<string> } {
  const puts = new Map([...after].filter(([key, text]) => before.get(key) !== text));
  const deletes = new Set([...before.keys()].filter((key) => !after.has(key)));
  return { puts, deletes };
}
