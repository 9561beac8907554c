import { encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import { toJson } from "@meseta/api/mesos/codec/to-json.ts";
import type { WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import { MASTER_BOUNDS } from "../../core/master/bounds.ts";
import type { Look, Shape } from "../../core/master/views/shape.ts";

/** What stands before the encoding within its piece: in JSON a comma, in protobuf the field's tag and the length. */
export type Encoding = { readonly form: "json" } | { readonly form: "protobuf"; readonly tag: number };

export const json: Encoding = { form: "json" };

/** The objects of a list, and where the encoding of each stands: from `starts` to `ends` of `slabs`. Never changed once it is made. */
export interface Row {
  readonly objects: readonly object[];
  readonly versions: readonly number[] | undefined;
  readonly slabs: readonly Buffer<ArrayBufferLike>[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** The bytes that encoded objects may take together before the least used shapes are dropped. */
const BUDGET_BYTES = MASTER_BOUNDS.pieceBytes.most;

/**
 * Encoded objects by (object, version, shape), made at the first reading after a change, and found again by their place in the list that
 * they stand in. Objects that were encoded one after the other stand one after the other, so that an answer of a hundred thousand
 * objects is a few hundred pieces of memory.
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

  /** The encodings of the list known by `key`. */
  shelf(key: object, shape: Shape, encoding: Encoding): Shelf {
    const name = encoding.form === "json" ? shape.name : `${shape.name} ${encoding.tag}`;
    let arena = this.#arenas.get(name);
    if (arena === undefined) arena = new Arena(shape, encoding);
    else this.#arenas.delete(name);
    // Last in the map is the one used last.
    this.#arenas.set(name, arena);
    this.#keepBudget();
    return arena.shelf(key);
  }

  #keepBudget(): void {
    for (let over = this.bytes - this.#budget; over > 0; ) {
      const [name, arena] = this.#arenas.entries().next().value!;
      over -= arena.bytes;
      arena.clear();
      if (this.#arenas.size === 1) return;
      this.#arenas.delete(name);
    }
  }
}

/** The memory in which the objects of one shape are encoded, and the lists that have some. */
class Arena {
  readonly #shape: Shape;
  readonly #encoding: Encoding;
  #shelves = new WeakMap<object, Shelf>();
  #all: WeakRef<Shelf>[] = [];
  #slabs = new Slabs();

  constructor(shape: Shape, encoding: Encoding) {
    this.#shape = shape;
    this.#encoding = encoding;
  }

  get bytes(): number {
    return this.#slabs.bytes;
  }

  shelf(key: object): Shelf {
    let shelf = this.#shelves.get(key);
    if (shelf === undefined) {
      shelf = new Shelf(this.#shape, this.#encoding, this.#slabs);
      this.#shelves.set(key, shelf);
      this.#all.push(new WeakRef(shelf));
    }
    return shelf;
  }

  clear(): void {
    for (const shelf of this.#all) shelf.deref()?.clear();
    this.#all = [];
    this.#shelves = new WeakMap();
    this.#slabs = new Slabs();
  }
}

const EMPTY: Row = { objects: [], versions: undefined, slabs: [], starts: [], ends: [] };
/** How many objects are worked on between two looks at the time. */
const OBJECTS_A_STEP = 32;
/** How far ahead an object is looked for: so many in a row may have left the list. */
const AHEAD = 16;
/** After so many misses in a row many must have left, and an index is worth its making. */
const MISSES = 16;

/** The encodings of one list's objects. Lists mostly stay as they are: objects change in their place, leave, or join at the end. */
export class Shelf {
  readonly #shape: Shape;
  readonly #encoding: Encoding;
  readonly #slabs: Slabs;
  #row: Row = EMPTY;

  constructor(shape: Shape, encoding: Encoding, slabs: Slabs) {
    this.#shape = shape;
    this.#encoding = encoding;
    this.#slabs = slabs;
  }

  clear(): void {
    this.#row = EMPTY;
  }

  /** The encodings of these objects, in their order: those that are known, and the others made now, with a pause now and then. */
  *follow(objects: readonly object[], look: Look): Generator<void, Row> {
    const old = this.#row;
    const { version } = this.#shape;
    const versions: number[] | undefined = typeof version === "function" ? [] : undefined;
    const [slabs, starts, ends]: [Buffer<ArrayBufferLike>[], number[], number[]] = [[], [], []];
    const finder = new Finder(old.objects);
    for (let j = 0; j < objects.length; j++) {
      const object = objects[j]!;
      const now = typeof version === "function" ? version(object) : 0;
      const at = finder.find(object);
      if (at >= 0 && (old.versions === undefined || old.versions[at] === now)) {
        slabs.push(old.slabs[at]!);
        starts.push(old.starts[at]!);
        ends.push(old.ends[at]!);
      } else {
        starts.push(this.#append(this.#shape.view(object, look)));
        slabs.push(this.#slabs.slab);
        ends.push(this.#slabs.at);
      }
      versions?.push(now);
      if (j % OBJECTS_A_STEP === OBJECTS_A_STEP - 1) yield;
    }
    this.#row = { objects, versions, slabs, starts, ends };
    return this.#row;
  }

  #append(view: object): number {
    const { type } = this.#shape;
    if (this.#encoding.form === "protobuf") {
      const bytes = encodeProtobuf(type!, view as WireTypes[NonNullable<typeof type>]);
      return this.#slabs.record(fieldHead(this.#encoding.tag, bytes.length), bytes);
    }
    return this.#slabs.text(type === undefined ? JSON.stringify(view) : toJson(type, view as WireTypes[typeof type]));
  }
}

/** Finds the objects of a list in an older version of it, going through both side by side. */
class Finder {
  readonly #old: readonly object[];
  #next = 0;
  #misses = 0;
  #index: Map<object, number> | undefined;

  constructor(old: readonly object[]) {
    this.#old = old;
  }

  /** Where the object stood, or -1. */
  find(object: object): number {
    const old = this.#old;
    if (this.#next >= old.length && this.#index === undefined) return -1;
    if (old[this.#next] === object) return this.#found(this.#next);
    const end = Math.min(old.length, this.#next + AHEAD);
    for (let at = this.#next + 1; at < end; at++) if (old[at] === object) return this.#found(at);
    if (++this.#misses > MISSES) this.#index ??= new Map(old.map((one, at) => [one, at]));
    const at = this.#index?.get(object);
    if (at !== undefined) return this.#found(at);
    // It stands where another stood that changed.
    this.#next++;
    return -1;
  }

  #found(at: number): number {
    this.#misses = 0;
    this.#next = at + 1;
    return at;
  }
}

const FIRST_SLAB_BYTES = 64 * 1024;
const LARGEST_SLAB_BYTES = 4 * 1024 * 1024;
const COMMA = 0x2c;

/** Memory that is only appended to: what is being sent from it never changes. */
class Slabs {
  slab: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  /** The end of what was appended last. */
  at = 0;
  bytes = 0;

  /** Appends a comma and the text; returns where they begin. */
  text(text: string): number {
    // Three bytes a unit is the most that UTF-8 needs; only near the end of a slab is it worth counting.
    let room = 1 + 3 * text.length;
    if (this.at + room > this.slab.length) room = 1 + Buffer.byteLength(text);
    const start = this.#reserve(room);
    this.slab[start] = COMMA;
    return this.#end(start, start + 1 + this.slab.write(text, start + 1));
  }

  /** Appends both; returns where they begin. */
  record(head: Uint8Array, body: Uint8Array): number {
    const start = this.#reserve(head.length + body.length);
    this.slab.set(head, start);
    this.slab.set(body, start + head.length);
    return this.#end(start, start + head.length + body.length);
  }

  #end(start: number, end: number): number {
    this.at = end;
    this.bytes += end - start;
    return start;
  }

  #reserve(bytes: number): number {
    if (this.at + bytes > this.slab.length) {
      const next = Math.min(LARGEST_SLAB_BYTES, Math.max(FIRST_SLAB_BYTES, 2 * this.slab.length));
      // Shared memory, because the collector takes growth of any other for a reason to go through the whole heap at once.
      this.slab = Buffer.from(new SharedArrayBuffer(Math.max(next, bytes)));
      this.at = 0;
    }
    return this.at;
  }
}

/** A length-delimited protobuf field before its bytes: number and wire type, then the length, both as varints. */
export function fieldHead(field: number, length: number): Uint8Array {
  const out: number[] = [];
  for (let value of [field * 8 + 2, length]) {
    for (; value >= 0x80; value = Math.floor(value / 0x80)) out.push((value & 0x7f) | 0x80);
    out.push(value);
  }
  return Uint8Array.from(out);
}
