import type { Store } from "@meseta/lib/core/ports/store.ts";
import { StoreDamaged, StoreFailed } from "@meseta/lib/core/ports/store.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import { digestOf, type Records } from "./digest.ts";
import type { Held } from "./hold.ts";
import { UNFINISHED } from "./place.ts";

export interface Filling {
  readonly records: Records;
  /** Where they come from, for whoever finds the store unfinished. */
  readonly from: string;
  /** The epoch of the store that they come from: whoever obeyed that one is to obey this one. */
  readonly epoch: number;
  /** Whether what is there may be removed. */
  readonly force: boolean;
  /** The command to suggest. */
  readonly again: string;
  /** Told as it goes on: how many of all. */
  progress(done: number, of: number): void;
}

/** A commit is bounded by its records; these bound its bytes, so that progress is seen. */
const BATCH_UNITS = 4 * 1024 * 1024;

/**
 * Puts exactly these records into a store, reads them again, and compares. The first commit marks the store as unfinished and the last one
 * takes the mark away, so a store that was left half way is never started on. A store that was made for this is gone again when it fails. Gives the digest of what is there then.
 */
export async function fill(held: Held, filling: Filling): Promise<string> {
  try {
    return await filled(held, filling);
  } catch (error) {
    await held.undo?.();
    throw error;
  }
}

async function filled(held: Held, filling: Filling): Promise<string> {
  const { url, store } = held;
  // Before it is owned: a refusal changes nothing.
  const there = await keysThere(held, filling);
  if (there.length > 0 && !filling.force) throw notEmpty(url, there, filling.again);
  const { epoch } = await store.open(filling.epoch);
  // It may have been another one's until now.
  const keys = (await store.scan("")).map(([key]) => key);
  if (keys.length > 0 && !filling.force) throw notEmpty(url, keys, filling.again);
  await store.commit(mark(filling.from), epoch);
  await empty(store, keys, epoch);
  await put(store, filling, epoch);
  const digest = digestOf((await store.scan("")).filter(([key]) => key !== UNFINISHED));
  if (digest !== digestOf(filling.records))
    throw new StoreFailed(`${url} does not hold what was written to it. Is its disk sound?`);
  await store.commit({ puts: new Map(), deletes: new Set([UNFINISHED]) }, epoch);
  return digest;
}

/** What is damaged is to go as well, where all may. */
async function keysThere({ store, look, erase }: Held, { force, from }: Filling): Promise<string[]> {
  try {
    await look();
    return (await store.scan("")).map(([key]) => key);
  } catch (error) {
    if (!force || erase === undefined || !(error instanceof StoreDamaged)) throw error;
    await erase(UNFINISHED, JSON.stringify({ from }));
    return [UNFINISHED];
  }
}

function mark(from: string) {
  return { puts: new Map([[UNFINISHED, JSON.stringify({ from })]]), deletes: new Set<string>() };
}

async function empty(store: Store, keys: readonly string[], epoch: number): Promise<void> {
  const old = keys.filter((key) => key !== UNFINISHED);
  for (let at = 0; at < old.length; at += store.maxRecords)
    await store.commit({ puts: new Map(), deletes: new Set(old.slice(at, at + store.maxRecords)) }, epoch);
}

async function put(store: Store, { records, progress }: Filling, epoch: number): Promise<void> {
  let puts = new Map<string, string>();
  let units = 0;
  for (const [at, [key, value]] of records.entries()) {
    puts.set(key, value);
    units += value.length;
    const isLast = at === records.length - 1;
    if (!isLast && units < BATCH_UNITS && puts.size < store.maxRecords) continue;
    await store.commit({ puts, deletes: new Set() }, epoch);
    progress(at + 1, records.length);
    puts = new Map();
    units = 0;
  }
}

function notEmpty(url: string, keys: readonly string[], again: string): Failure {
  const why = keys.includes(UNFINISHED)
    ? "it was being filled before, and that was not finished"
    : `it holds ${keys.length} records`;
  return new Failure("store-not-empty", { url, why, again });
}
