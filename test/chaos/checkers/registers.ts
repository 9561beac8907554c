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
  const byId = new Map<number, Write>();
  for (const entry of history) {
    if (entry.type === "write") {
      const write: Write = { value: entry.value, calledAt: entry.at, doneAt: FOREVER, outcome: "unknown" };
      byId.set(entry.id, write);
      const key = keys.get(entry.key) ?? { writes: [], seen: [] };
      keys.set(entry.key, key);
      key.writes.push(write);
    } else if (entry.type === "written") {
      Object.assign(byId.get(entry.id)!, { doneAt: entry.at, outcome: entry.outcome });
    }
  }
  return keys;
}

function checkRead(name: string, key: Key, read: Read): string[] {
  // Who has written on after a write without an answer has given up the order.
  const gaveUp = key.writes.findIndex(({ outcome }, at) => outcome === "unknown" && at < key.writes.length - 1);
  if (gaveUp !== -1 && key.writes[gaveUp + 1]!.calledAt <= read.at) return [];
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
function leastOf({ writes, seen }: Key, at: number): { readonly place: number; readonly why: string } {
  const read = seen.findLast((one) => one.at < at)?.place ?? -1;
  const written = writes.findLastIndex(({ outcome, doneAt }) => outcome === "done" && doneAt < at);
  return read > written ? { place: read, why: "read" } : { place: written, why: "acknowledged" };
}

/** Where among the writes a value may come from; -1: from before all of them. */
function placesOf({ writes }: Key, value: Value, at: number): number[] {
  const before = value === ABSENT ? [-1] : [];
  const own = writes.flatMap((write, place) =>
    write.value === value && write.calledAt < at && write.outcome !== "refused" ? [place] : [],
  );
  return [...before, ...own];
}

function hasSurfaced({ writes, seen }: Key): boolean {
  const last = seen.at(-1)?.place ?? -1;
  return last >= 0 && writes[last]!.outcome === "unknown";
}

const FOREVER = Number.POSITIVE_INFINITY;
