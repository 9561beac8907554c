import type { Cell } from "./compile.ts";
import { limits } from "./limits.ts";
import type { SharedParts } from "./shared-parts.ts";
import { readUtf8 } from "./utf8.ts";
import { WireError } from "./wire-error.ts";

/**
 * Reads protobuf's basic values from bytes that a peer sent. Every reading method throws a {@link WireError} instead of
 * going beyond the end. 64-bit integers are numbers: exact up to 2^53, rounded beyond.
 */
export class Reader {
  pos = 0;
  /** Set by a decoder when a required field was absent; the caller words the error. */
  missing = false;
  /** Set where parts that were read before are to be used again. */
  readonly shared: SharedParts | undefined;
  readonly #bytes: Uint8Array;
  #view: DataView | undefined;
  #depth = 0;
  #values = 0;
  #low = 0;
  #high = 0;

  constructor(bytes: Uint8Array, shared?: SharedParts) {
    this.#bytes = bytes;
    this.shared = shared;
  }

  /** A field's number and wire type, or any unsigned 32-bit integer. */
  uint32(): number {
    const byte = this.#bytes[this.pos]!;
    if (byte < 0x80) {
      this.pos++;
      return byte;
    }
    this.#varint();
    return this.#low;
  }

  int32(): number {
    return this.uint32() | 0;
  }

  bool(): boolean {
    this.#varint();
    return (this.#low | this.#high) !== 0;
  }

  uint64(): number {
    const byte = this.#bytes[this.pos]!;
    if (byte < 0x80) {
      this.pos++;
      return byte;
    }
    this.#varint();
    return this.#high * 0x1_0000_0000 + this.#low;
  }

  int64(): number {
    this.#varint();
    return (this.#high | 0) * 0x1_0000_0000 + this.#low;
  }

  /** Infinity passes, NaN does not: nothing that Mesos sends means "not a number", and it poisons every sum. */
  double(): number {
    const at = this.#take(8);
    return this.#number(this.#viewed().getFloat64(at, true));
  }

  float(): number {
    const at = this.#take(4);
    return this.#number(this.#viewed().getFloat32(at, true));
  }

  string(): string {
    const length = this.uint32();
    const at = this.#take(length);
    return readUtf8(this.#bytes, at, at + length);
  }

  /** Bytes as base64. */
  bytes(): string {
    const length = this.uint32();
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length).toBase64();
  }

  /** Goes into a length-delimited part that must lie before `end`, and returns where that part ends. */
  part(end: number): number {
    const length = this.uint32();
    const partEnd = this.pos + length;
    if (partEnd > end) this.fail("a part is longer than what holds it");
    return partEnd;
  }

  /** A part until `end` that may have been read before. */
  sharedPart(read: Cell<(reader: Reader, end: number) => object>, end: number): object {
    const [shared, start] = [this.shared!, this.pos];
    const known = shared.find(read, this.#viewed(), start, end);
    if (known !== undefined) {
      this.pos = end;
      this.count();
      return known;
    }
    const value = read.run(this, end);
    if (!this.missing) shared.keep(read, this.#viewed(), start, end, value);
    return value;
  }

  enter(): void {
    if (++this.#depth > limits.depth) this.fail(`nested deeper than ${limits.depth} levels`);
    this.count();
  }

  leave(end: number): void {
    this.#depth--;
    if (this.pos !== end) this.fail("a value goes beyond the end of its message");
  }

  /** Counts one value against the bound of a body. */
  count(): void {
    if (++this.#values > limits.values) this.fail(`more than ${limits.values} values`);
  }

  /** Passes over a field that is not known here. */
  skip(tag: number): void {
    if (tag >>> 3 === 0) this.fail("field number 0");
    switch (tag & 7) {
      case 0:
        return this.#varint();
      case 1:
        return void this.#take(8);
      case 2:
        return void this.#take(this.uint32());
      case 3:
        return this.#skipGroup();
      case 5:
        return void this.#take(4);
    }
    this.fail(`wire type ${tag & 7}`);
  }

  fail(why: string): never {
    throw new WireError("protobuf", `${why} (at byte ${this.pos})`);
  }

  #skipGroup(): void {
    if (++this.#depth > limits.depth) this.fail(`nested deeper than ${limits.depth} levels`);
    for (let tag = this.uint32(); (tag & 7) !== 4; tag = this.uint32()) this.skip(tag);
    this.#depth--;
  }

  #take(length: number): number {
    const at = this.pos;
    if (at + length > this.#bytes.length) this.fail("cut off");
    this.pos = at + length;
    return at;
  }

  #viewed(): DataView {
    return (this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength));
  }

  #number(value: number): number {
    if (Number.isNaN(value)) this.fail("NaN");
    return value + 0; // -0 becomes 0
  }

  /** Reads up to 10 bytes into the low and the high 32 bits. */
  #varint(): void {
    let low = 0;
    let high = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const at = this.#take(1);
      const byte = this.#bytes[at]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high |= bits >> 4;
      } else if (shift < 63) high |= bits << (shift - 32);
      else high |= (bits & 1) << 31;
      if (byte < 0x80) {
        this.#low = low >>> 0;
        this.#high = high >>> 0;
        return;
      }
    }
    this.fail("a number longer than 10 bytes");
  }
}
