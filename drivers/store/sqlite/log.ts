import { existsSync, readFileSync } from "node:fs";
import { endianness } from "node:os";

/** Where the log is not as it was written, in bytes from its beginning, and what is wrong there. */
export interface LogDamage {
  readonly at: number;
  readonly what: string;
}

/**
 * Reads a log of SQLite frame by frame. SQLite takes the first frame that does not fit for its end, as what a power cut leaves is, and would forget all commits behind it. But
 * each commit here waits for the one before to be on the disk: where another commit follows in the log, what does not fit was whole, and is damaged now. Of the
 * last commit nobody can say that; the seal beside the file does. Source: sqlite.org/walformat.html.
 */
export function findLogDamage(path: string): LogDamage | undefined {
  let found = lookThrough(path);
  // Another process may write it, or begin it anew, while we read.
  for (let again = 0; found !== undefined && again < 3; again++) {
    const next = lookThrough(path);
    if (next === undefined || next.at !== found.at) found = next;
  }
  return found;
}

const HEADER = 32;
const FRAME = 24;

function lookThrough(path: string): LogDamage | undefined {
  if (!existsSync(path)) return undefined;
  const log = readFileSync(path);
  if (log.length === 0) return undefined;
  const sums = headerSums(log);
  if (sums === undefined) return { at: 0, what: "its header fails its checksum" };
  const pageSize = log.readUInt32BE(8);
  const size = FRAME + pageSize;
  const count = Math.floor((log.length - HEADER) / size);
  const frames = Array.from({ length: count }, (_, at) => log.subarray(HEADER + at * size, HEADER + (at + 1) * size));
  const ours = (frame: Buffer): boolean => frame.compare(log, 16, 24, 8, 16) === 0;
  const bad = frames.findIndex((frame) => !(ours(frame) && continues(frame, sums)));
  if (bad < 0) return undefined;
  const later = frames.slice(bad).filter(ours);
  const end = later.findIndex(isCommit);
  if (end < 0 || end === later.length - 1) return undefined;
  return { at: HEADER + bad * size, what: `frame ${bad + 1} fails its checksum, and later commits follow it` };
}

/** The sums that the first frame continues; undefined when the header is none. */
function headerSums(log: Buffer): Sums | undefined {
  if (log.length < HEADER) return undefined;
  const magic = log.readUInt32BE(0);
  const sums: Sums = { first: 0, second: 0, isBig: (magic & 1) === 1 };
  const pageSize = log.readUInt32BE(8);
  if (magic >>> 1 !== 0x377f0682 >>> 1 || pageSize < 512 || pageSize > 65_536) return undefined;
  add(sums, log.subarray(0, 24));
  return sums.first === log.readUInt32BE(24) && sums.second === log.readUInt32BE(28) ? sums : undefined;
}

function continues(frame: Buffer, sums: Sums): boolean {
  add(sums, frame.subarray(0, 8));
  add(sums, frame.subarray(FRAME));
  return sums.first === frame.readUInt32BE(16) && sums.second === frame.readUInt32BE(20);
}

/** Its last frame says how many pages the database has then. */
function isCommit(frame: Buffer): boolean {
  return frame.readUInt32BE(4) !== 0;
}

interface Sums {
  first: number;
  second: number;
  /** How the writer's machine ordered the bytes of a word. */
  readonly isBig: boolean;
}

function add(sums: Sums, bytes: Buffer): void {
  const isOurs = sums.isBig === (endianness() === "BE");
  const ordered = isOurs ? Buffer.from(bytes) : Buffer.from(bytes).swap32();
  const words = new Uint32Array(ordered.buffer.slice(ordered.byteOffset, ordered.byteOffset + ordered.length));
  let { first, second } = sums;
  for (let at = 0; at < words.length; at += 2) {
    first = (first + words[at]! + second) >>> 0;
    second = (second + words[at + 1]! + first) >>> 0;
  }
  sums.first = first;
  sums.second = second;
}
