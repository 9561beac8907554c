import { type Format, isOfStore, type Migration, type StoredRecords } from "@meseta/lib/core/format.ts";
import { type FormattedStore, formatted } from "@meseta/lib/core/formatted.ts";
import type { Change, Store } from "@meseta/lib/core/ports/store.ts";

/** Which release a process is of: each knows the formats up to its own number, and writes that one. */
export interface Release {
  readonly number: number;
  /** The most records in one commit while records are brought up: with few, they are laid beside the old ones first. */
  readonly recordsACommit: number;
}

export const NEWEST_RELEASE = 3;
export const FIRST_RELEASE: Release = { number: 1, recordsACommit: 100_000 };

/** Who was refused because the records are newer is replaced by the next release, until one knows them. */
export function nextRelease(release: Release): Release {
  return { ...release, number: release.number + 1 };
}

/** A release has met records of a format that is not its own. */
export class Misread extends Error {}

/**
 * A store as a process of one release has it: production's formats and migrations. What distinguishes the formats of the simulator means nothing to a core or a checker: a record of
 * format n begins with n - 1 spaces, and each format from the second on has a record that no other has.
 */
export function ofRelease(store: Store, release: Release, place: string): FormattedStore {
  const most = Math.min(store.maxRecords, release.recordsACommit);
  const format = formatOf(release.number);
  const own = formatted(bounded(store, most), { format, release: `${release.number}`, place });
  return {
    maxRecords: store.maxRecords,
    open: (above) => own.open(above),
    refuseNewer: () => own.refuseNewer(),
    scan: async (prefix) => ownRecords(await own.scan(prefix), release.number),
    commit: (change, epoch) => own.commit(dressed(change, release.number), epoch),
    close: () => own.close(),
  };
}

/** Of which format a record is, by its text. */
export function formatOfText(text: string): number {
  return text.length - text.trimStart().length + 1;
}

/** The record that only this format has. */
export function markOf(format: number): string {
  return `${MARKS}${format}`;
}

const MARKS = "mark/";

function bounded(store: Store, maxRecords: number): Store {
  return {
    maxRecords,
    open: (above) => store.open(above),
    scan: (prefix) => store.scan(prefix),
    commit: (change, epoch) => store.commit(change, epoch),
    close: () => store.close(),
  };
}

function formatOf(number: number): Format {
  return { part: "simulated", migrations: Array.from({ length: number - 1 }, (_, at) => migrationTo(at + 2)) };
}

function migrationTo(format: number): Migration {
  return (records: StoredRecords) => {
    const next = new Map([...records].map(([key, text]): [string, string] => [key, ` ${text}`]));
    next.delete(markOf(format - 1));
    return next.set(markOf(format), `${" ".repeat(format - 1)}{}`);
  };
}

function ownRecords(records: readonly [string, string][], number: number): [string, string][] {
  const misread = records.find(([key, text]) => !isOfStore(key) && formatOfText(text) !== number);
  if (misread !== undefined)
    throw new Misread(`I5: release ${number} reads ${misread[0]}, which is of format ${formatOfText(misread[1])}`);
  return records.filter(([key]) => !key.startsWith(MARKS));
}

function dressed({ puts, deletes }: Change, number: number): Change {
  if (number === 1) return { puts, deletes };
  const spaces = " ".repeat(number - 1);
  return { puts: new Map([...puts].map(([key, text]) => [key, spaces + text])), deletes };
}
