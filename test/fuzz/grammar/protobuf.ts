import { enumOf, type Field, type Message, mapValueOf, messageOf } from "@meseta/api/mesos/codec/schema.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { once, pick, Raw } from "./odd.ts";

/**
 * The bytes of a message. What is no value of its field is written as what it looks like, under another wire type. With `oddity` n, one
 * part in n has a wrong length, a varint that is longer than it need be, or something behind it that nobody knows; 0: never.
 */
export function printProtobuf(type: string, value: unknown, random: Random, oddity: number): Uint8Array {
  const out = new Bytes();
  writeMessage(messageOf(type), value, out, { random, oddity });
  return out.taken();
}

interface How {
  readonly random: Random;
  readonly oddity: number;
}

const VARINT = 0;
const FIXED64 = 1;
const PART = 2;
const FIXED32 = 5;

function writeMessage(message: Message, value: unknown, out: Bytes, how: How): void {
  if (typeof value !== "object" || value === null || value instanceof Raw) return;
  for (const [name, given] of Object.entries(value)) {
    const field = message.fields.find((one) => one.name === name);
    if (field !== undefined) for (const one of listOf(field, given)) writeField(field, one, out, how);
  }
  if (how.oddity > 0 && once(how.random, how.oddity * 2)) writeUnknown(out, how.random);
}

function listOf({ kind, label }: Field, given: unknown): readonly unknown[] {
  if (kind === "map" && typeof given === "object" && given !== null) return Object.entries(given);
  return label === "repeated" && Array.isArray(given) ? given : [given];
}

function writeField(field: Field, value: unknown, out: Bytes, how: How): void {
  const { kind, type, number } = field;
  if (kind === "map" && Array.isArray(value)) return writeEntry(field, value as [string, unknown], out, how);
  if (kind === "message" && typeof value === "object") {
    const inner = new Bytes();
    writeMessage(messageOf(type), value, inner, how);
    return writePart(number, inner.taken(), out, how);
  }
  if (kind === "enum") {
    const known = typeof value === "string" ? enumOf(type).numbers[value] : undefined;
    return writeNumber(number, known ?? (typeof value === "number" ? value : 999), "int32", out, how);
  }
  if (typeof value === "string") return writePart(number, textBytes(value, type), out, how);
  if (typeof value === "boolean") return writeNumber(number, Number(value), "int32", out, how);
  writeNumber(number, typeof value === "number" ? value : 0, type, out, how);
}

function writeEntry(field: Field, [key, value]: [string, unknown], out: Bytes, how: How): void {
  const inner = new Bytes();
  writePart(1, textBytes(key, "string"), inner, how);
  writeField(mapValueOf(field), value, inner, how);
  writePart(field.number, inner.taken(), out, how);
}

function textBytes(value: string, type: string): Uint8Array {
  return type === "bytes" ? Buffer.from(value, "base64") : Buffer.from(value);
}

function writeNumber(number: number, value: number, type: string, out: Bytes, { random, oddity }: How): void {
  if (type === "double") {
    out.varint(BigInt(number * 8 + FIXED64));
    return out.double(value);
  }
  if (type === "float") {
    out.varint(BigInt(number * 8 + FIXED32));
    return out.float(value);
  }
  out.varint(BigInt(number * 8 + VARINT));
  const whole = Number.isFinite(value) ? BigInt(Math.trunc(value)) : 2n ** 64n - 1n;
  out.varint(BigInt.asUintN(64, whole), oddity > 0 && once(random, oddity) ? random.below(4) : 0);
}

function writePart(number: number, bytes: Uint8Array, out: Bytes, { random, oddity }: How): void {
  const isOdd = oddity > 0 && once(random, oddity);
  out.varint(BigInt(number * 8 + PART), isOdd ? random.below(3) : 0);
  const lie = isOdd ? pick(random, [0, 1, -1, 5, 2 ** 31, 2 ** 32 - bytes.length, 1e15]) : 0;
  out.varint(BigInt(Math.max(0, bytes.length + lie)));
  out.bytes(bytes);
}

/** A field that the table has not, also of the group's wire types and of none. */
function writeUnknown(out: Bytes, random: Random): void {
  const number = pick(random, [0, 1, 15, 16, 1000, 536_870_911]);
  const wire = random.below(8);
  out.varint(BigInt(number * 8 + wire));
  if (wire === VARINT) out.varint(2n ** 64n - 1n, random.below(3));
  else if (wire === FIXED64) out.double(1);
  else if (wire === PART) writeJunk(out, random);
  else if (wire === 3 && once(random, 2)) out.varint(BigInt(number * 8 + 4));
}

function writeJunk(out: Bytes, random: Random): void {
  const junk = Uint8Array.from({ length: random.below(12) }, () => random.below(256));
  out.varint(BigInt(junk.length));
  out.bytes(junk);
}

/** Bytes that grow. */
class Bytes {
  #bytes = new Uint8Array(256);
  #at = 0;

  taken(): Uint8Array {
    return this.#bytes.slice(0, this.#at);
  }

  /** `longer` more bytes than it needs. */
  varint(value: bigint, longer = 0): void {
    this.#room(14);
    let rest = value;
    while (rest > 0x7fn) {
      this.#bytes[this.#at++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#at++] = Number(rest) | (longer > 0 ? 0x80 : 0);
    for (let left = longer; left > 0; left--) this.#bytes[this.#at++] = left > 1 ? 0x80 : 0;
  }

  double(value: number): void {
    this.#room(8);
    new DataView(this.#bytes.buffer).setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  float(value: number): void {
    this.#room(4);
    new DataView(this.#bytes.buffer).setFloat32(this.#at, value, true);
    this.#at += 4;
  }

  bytes(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #room(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + length));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }
}
