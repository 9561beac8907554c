import type { Random } from "@meseta/lib/core/random.ts";

/** Files by their names. */
export type Files = ReadonlyMap<string, Buffer>;

/** One thing that a disk, a cable or a tired operator does to files. */
export type Harm =
  | "bit flipped"
  | "byte replaced"
  | "sector zeroed"
  | "sector of elsewhere"
  | "cut off"
  | "longer"
  | "older copy"
  | "older sector"
  | "older page"
  | "gone";

export const HARMS: readonly Harm[] = [
  ...(["bit flipped", "byte replaced", "sector zeroed", "sector of elsewhere", "cut off"] as const),
  ...(["longer", "older copy", "older sector", "older page", "gone"] as const),
];

export interface Harmed {
  readonly files: Files;
  /** For a person: which file, and where. */
  readonly what: string;
}

const SECTOR = 512;
const PAGE = 4096;

/** Does this to one file; undefined when it would change nothing. `older` are the same files as they were some time before. */
export function harm(files: Files, name: string, how: Harm, older: Files, random: Random): Harmed | undefined {
  const bytes = files.get(name)!;
  const changed = (at: number, fresh: Buffer | undefined): Harmed | undefined =>
    fresh?.equals(bytes) ? undefined : { files: replaced(files, name, fresh), what: `${name}: ${how} at ${at}` };
  const at = random.below(bytes.length);
  const olderPart = (size: number): Harmed | undefined => {
    const from = at - (at % size);
    const before = older.get(name)?.subarray(from, from + size);
    return before === undefined || before.length === 0 ? undefined : changed(from, written(bytes, from, before));
  };
  switch (how) {
    case "bit flipped":
      return changed(at, written(bytes, at, Buffer.of(bytes[at]! ^ (1 << random.below(8)))));
    case "byte replaced":
      return changed(at, written(bytes, at, Buffer.of(random.below(256))));
    case "sector zeroed":
      return changed(sector(at), written(bytes, sector(at), Buffer.alloc(SECTOR)));
    case "sector of elsewhere":
      return changed(sector(at), written(bytes, sector(at), sectorOf(bytes, random.below(bytes.length))));
    case "cut off":
      return changed(at, bytes.subarray(0, at));
    case "longer":
      return changed(bytes.length, Buffer.concat([bytes, noise(1 + random.below(9_000), random)]));
    case "older copy":
      return older.has(name) ? changed(0, older.get(name)) : undefined;
    case "older sector":
      return olderPart(SECTOR);
    case "older page":
      return olderPart(PAGE);
    case "gone":
      return changed(0, undefined);
  }
}

function replaced(files: Files, name: string, bytes: Buffer | undefined): Files {
  const all = new Map(files);
  if (bytes === undefined) all.delete(name);
  else all.set(name, bytes);
  return all;
}

function sector(at: number): number {
  return at - (at % SECTOR);
}

function sectorOf(bytes: Buffer, at: number): Buffer {
  return bytes.subarray(sector(at), sector(at) + SECTOR);
}

/** What goes beyond the end is left out. */
function written(bytes: Buffer, at: number, fresh: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  fresh.copy(copy, at);
  return copy;
}

function noise(length: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length }, () => random.below(256)));
}
