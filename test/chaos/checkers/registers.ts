// I5: what was acknowledged is kept, and reads never go back. Each key has one writer, which writes one value after the other, each once, and stops for good when it does not
// know how a write ended: so the order of its writes is the order of its values. Pure.
import { ABSENT, type Entry, type Outcome, type Value } from "../history.ts";

interface Write {
  readonly value: Value;
  readonly calledAt: number;
  doneAt: number;
  outcome: Outcome;
}

interface Key {
  readonly writes: Write[];
  /** Where each value stands among the writes. */
  readonly places: Map<Value, number[]>;
  /** Those that were acknowledged, in order. */
  readonly done: { readonly at: number; readonly place: number }[];
  /** Since when the order is given up: somebody has written on after a write without an answer. */
  gaveUpAt: number;
  /** The newest value that reads have seen, as the place of its write: since when it is that one. */
  readonly seen: { readonly at: number; readonly place: number }[];
}

type Read = Entry & { readonly type: "read" };

export interface RegisterFindings {
  readonly problems: string[];
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  /** Of the unknown ones, how many were seen to be done. */
  readonly surfaced: number;
  readonly reads: number;
}

/** Looks through a history in the order in which it was written down. */
export function checkRegisters(history: readonly Entry[]): RegisterFindings {
  const keys = keysOf(history);
  const reads = history.filter((entry): entry is Read => entry.type === "read");
  const problems: string[] = [];
  for (const read of reads)
    for (const [name, key] of keys) if (name.startsWith(read.prefix)) problems.push(...checkRead(name, key, read));
  const writes = [...keys.values()].flatMap((key) => key.writes);
  const count = (outcome: Outcome): number => writes.filter((write) => write.outcome === outcome).length;
  return {
    problems,
    acknowledged: count("done"),
    refused: count("refused"),
    unknown: count("unknown"),
    surfaced: [...keys.values()].filter(hasSurfaced).length,
    reads: reads.length,
  };
}

function keysOf(history: readonly Entry[]): Map<string, Key> {
  const keys = new Map<string, Key>();
  const byId = new Map<number, { readonly key: Key; readonly place: number }>();
  for (const entry of history) {
    if (entry.type === "write") {
      const key = keys.get(entry.key) ?? { writes: [], places: new Map(), done: [], seen: [], gaveUpAt: FOREVER };
      keys.set(entry.key, key);
      byId.set(entry.id, { key, place: add(key, entry.value, entry.at) });
    } else if (entry.type === "written") {
      const { key, place } = byId.get(entry.id)!;
      Object.assign(key.writes[place]!, { doneAt: entry.at, outcome: entry.outcome });
      if (entry.outcome === "done") key.done.push({ at: entry.at, place });
    }
  }
  return keys;
}

function add(key: Key, value: Value, calledAt: number): number {
  if (key.writes.at(-1)?.outcome === "unknown") key.gaveUpAt = Math.min(key.gaveUpAt, calledAt);
  const place = key.writes.push({ value, calledAt, doneAt: FOREVER, outcome: "unknown" }) - 1;
  key.places.set(value, [...(key.places.get(value) ?? []), place]);
  return place;
}

function checkRead(name: string, key: Key, read: Read): string[] {
  if (key.gaveUpAt <= read.at) return [];
  const value = read.values[name] ?? ABSENT;
  const least = leastOf(key, read.calledAt);
  const places = placesOf(key, value, read.at);
  const place = places.find((each) => each >= least.place);
  const where = `${name} is ${value} for ${read.from} at ${read.at}`;
  if (place === undefined) {
    if (places.length === 0) return [`I5: ${where}, which nobody had written, or was refused`];
    return [`I5: ${where}, and was ${key.writes[least.place]!.value} ${least.why} before`];
  }
  if (place > (key.seen.at(-1)?.place ?? -1)) key.seen.push({ at: read.at, place });
  return [];
}

/** The oldest value that somebody who asks at that moment may be told. */
function leastOf({ done, seen }: Key, at: number): { readonly place: number; readonly why: string } {
  const [read, written] = [lastBefore(seen, at), lastBefore(done, at)];
  return read > written ? { place: read, why: "read" } : { place: written, why: "acknowledged" };
}

/** The place of the last of these that was before that moment; -1 where there was none. */
function lastBefore(marks: readonly { readonly at: number; readonly place: number }[], at: number): number {
  let [from, to] = [0, marks.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (marks[middle]!.at < at) from = middle + 1;
    else to = middle;
  }
  return marks[from - 1]?.place ?? -1;
}

/** Where among the writes a value may come from; -1: from before all of them. */
function placesOf({ writes, places }: Key, value: Value, at: number): number[] {
  const own = (places.get(value) ?? []).filter(
    (place) => writes[place]!.calledAt < at && writes[place]!.outcome !== "refused",
  );
  return value === ABSENT ? [-1, ...own] : own;
}

function hasSurfaced({ writes, seen }: Key): boolean {
  const last = seen.at(-1)?.place ?? -1;
  return last >= 0 && writes[last]!.outcome === "unknown";
}

const FOREVER = Number.POSITIVE_INFINITY;
