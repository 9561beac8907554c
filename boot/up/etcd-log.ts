import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where a member's log is not what was written. */
export interface Place {
  readonly file: string;
  /** Where the frame begins that does not fit. */
  readonly byte: number;
}

/** A frame that is nothing but the sum of what came before, with which each file begins. */
const SUM = 4;
/** The upper byte of a frame's length says how many bytes fill its last eight. */
const FILLED = 0x80;

/**
 * The first frame of a member's log (`member/wal/*.wal` of its folder) whose sum does not fit; undefined when all fit, as far as they can be read. etcd says that one is damaged, and
 * not where. A frame is its length, a record of protobuf (kind, CRC-32C of all data so far, data), and what fills it up to eight bytes (etcd's server/wal).
 */
export function damagedFrame(folder: string): Place | undefined {
  const wal = join(folder, "member", "wal");
  const names = existsSync(wal) ? readdirSync(wal).filter((name) => name.endsWith(".wal")) : [];
  let sum: number | undefined;
  for (const name of names.sort()) {
    const file = join(wal, name);
    const bytes = readFileSync(file);
    for (let at = 0; at + 8 <= bytes.length; ) {
      const length = bytes.readUInt32LE(at) + (bytes.readUInt32LE(at + 4) & 0xff_ffff) * 2 ** 32;
      if (length === 0) break;
      const high = bytes[at + 7]!;
      const fill = high >= FILLED ? high & 7 : 0;
      const end = at + 8 + length;
      const record = end + fill <= bytes.length ? readRecord(bytes.subarray(at + 8, end)) : undefined;
      if (record === undefined) return { file, byte: at };
      const { kind, crc, data } = record;
      if (kind === SUM) {
        if (sum !== undefined && sum !== crc) return { file, byte: at };
        sum = crc;
      } else if ((sum = crc32c(sum ?? 0, data)) !== crc) return { file, byte: at };
      at = end + fill;
    }
  }
  return undefined;
}

interface LogRecord {
  readonly kind: number;
  readonly crc: number;
  readonly data: Uint8Array;
}

function readRecord(bytes: Buffer): LogRecord | undefined {
  let [at, kind, crc, data] = [0, 0, 0, bytes.subarray(0, 0)];
  const varint = (): number => {
    for (let value = 0, shift = 1; at < bytes.length; shift *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (tag === 8) kind = varint();
    else if (tag === 16) crc = varint();
    else if (tag === 26) {
      const length = varint();
      if (!(at + length <= bytes.length)) return undefined;
      data = bytes.subarray(at, (at += length));
    } else return undefined;
  }
  return Number.isNaN(kind + crc) ? undefined : { kind, crc: crc >>> 0, data };
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f6_3b78 : value >>> 1;
  return value;
});

function crc32c(before: number, bytes: Uint8Array): number {
  let crc = ~before >>> 0;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
