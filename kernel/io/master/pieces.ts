import { encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import { toJson } from "@meseta/api/mesos/codec/to-json.ts";
import type { WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import type { Look, Shape } from "../../core/master/views/shape.ts";

/** Where the encoding of one object stands. Slabs are only ever appended to, so a piece that is being sent never changes. */
export interface Piece {
  readonly slab: Buffer;
  readonly start: number;
  readonly end: number;
}

/** What stands before the encoding within its piece: in JSON a comma, in protobuf the field's tag and the length. */
export type Encoding = { readonly form: "json" } | { readonly form: "protobuf"; readonly tag: number };

export const json: Encoding = { form: "json" };

/** The bytes that encoded objects may take together before the least used shapes are dropped. */
const BUDGET_BYTES = 384 * 1024 * 1024;

/**
 * Encoded objects by (object, version, shape), made at the first reading after a change. Objects that were encoded one after the other
 * stand one after the other, so that an answer of a hundred thousand objects is a few hundred pieces of memory.
 */
export class Pieces {
  readonly #arenas = new Map<string, Arena>();
  readonly #budget: number;

  constructor(budgetBytes: number = BUDGET_BYTES) {
    this.#budget = budgetBytes;
  }

  /** Bytes in use, those of pieces that were replaced since included. */
  get bytes(): number {
    let bytes = 0;
    for (const arena of this.#arenas.values()) bytes += arena.bytes;
    return bytes;
  }

  /** The pieces of one shape in one encoding, for a reading that looks up many. */
  shelf(shape: Shape, encoding: Encoding): Arena {
    const key = encoding.form === "json" ? shape.name : `${shape.name} ${encoding.tag}`;
    let arena = this.#arenas.get(key);
    if (arena === undefined) arena = new Arena(shape, encoding);
    else this.#arenas.delete(key);
    // Last in the map is the one used last.
    this.#arenas.set(key, arena);
    this.#keepBudget();
    return arena;
  }

  #keepBudget(): void {
    for (let over = this.bytes - this.#budget; over > 0; ) {
      const [key, arena] = this.#arenas.entries().next().value!;
      over -= arena.bytes;
      if (this.#arenas.size > 1) this.#arenas.delete(key);
      else return arena.clear();
    }
  }
}

interface Kept extends Piece {
  readonly version: number;
}

const FIRST_SLAB_BYTES = 64 * 1024;
const LARGEST_SLAB_BYTES = 4 * 1024 * 1024;

/** The encodings of the objects of one shape. */
export class Arena {
  readonly shape: Shape;
  readonly #encoding: Encoding;
  #kept = new WeakMap<object, Kept>();
  #slab = Buffer.alloc(0);
  #at = 0;
  bytes = 0;

  constructor(shape: Shape, encoding: Encoding) {
    this.shape = shape;
    this.#encoding = encoding;
  }

  /** The object's piece, if it was encoded in its present version. */
  find(object: object): Piece | undefined {
    const kept = this.#kept.get(object);
    return kept !== undefined && kept.version === this.#versionOf(object) ? kept : undefined;
  }

  /** The object's piece, encoded now if need be. */
  get(object: object, look: Look): Piece {
    const found = this.find(object);
    if (found !== undefined) return found;
    const kept = { ...this.#append(this.shape.view(object, look)), version: this.#versionOf(object) };
    if (this.shape.version !== "once") this.#kept.set(object, kept);
    return kept;
  }

  clear(): void {
    this.#kept = new WeakMap();
    this.#slab = Buffer.alloc(0);
    this.#at = 0;
    this.bytes = 0;
  }

  #versionOf(object: object): number {
    const { version } = this.shape;
    return typeof version === "function" ? version(object) : 0;
  }

  #append(view: object): Piece {
    return this.#encoding.form === "json" ? this.#appendJson(view) : this.#appendProtobuf(view, this.#encoding.tag);
  }

  #appendJson(view: object): Piece {
    const { type } = this.shape;
    const text = type === undefined ? JSON.stringify(view) : toJson(type, view as WireTypes[typeof type]);
    // Three bytes a unit is the most that UTF-8 needs; only near the end of a slab is it worth counting.
    let room = 1 + 3 * text.length;
    if (this.#at + room > this.#slab.length) room = 1 + Buffer.byteLength(text);
    const start = this.#reserve(room);
    this.#slab[start] = COMMA;
    this.#at = start + 1 + this.#slab.write(text, start + 1);
    return this.#pieceFrom(start);
  }

  #appendProtobuf(view: object, tag: number): Piece {
    const type = this.shape.type!;
    const bytes = encodeProtobuf(type, view as WireTypes[typeof type]);
    const head = fieldHead(tag, bytes.length);
    const start = this.#reserve(head.length + bytes.length);
    this.#slab.set(head, start);
    this.#slab.set(bytes, start + head.length);
    this.#at = start + head.length + bytes.length;
    return this.#pieceFrom(start);
  }

  #pieceFrom(start: number): Piece {
    this.bytes += this.#at - start;
    return { slab: this.#slab, start, end: this.#at };
  }

  #reserve(bytes: number): number {
    if (this.#at + bytes > this.#slab.length) {
      const next = Math.min(LARGEST_SLAB_BYTES, Math.max(FIRST_SLAB_BYTES, 2 * this.#slab.length));
      this.#slab = Buffer.allocUnsafeSlow(Math.max(next, bytes));
      this.#at = 0;
    }
    return this.#at;
  }
}

const COMMA = 0x2c;

/** A length-delimited protobuf field before its bytes: number and wire type, then the length, both as varints. */
export function fieldHead(field: number, length: number): Uint8Array {
  const out: number[] = [];
  for (let value of [field * 8 + 2, length]) {
    for (; value >= 0x80; value = Math.floor(value / 0x80)) out.push((value & 0x7f) | 0x80);
    out.push(value);
  }
  return Uint8Array.from(out);
}
