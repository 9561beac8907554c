import { room } from "@meseta/lib/core/room.ts";
import { writeBase64 } from "./base64.ts";
import { utf8Bound, writeUtf8 } from "./utf8.ts";

/**
 * Writes protobuf's basic values into bytes that grow as needed. Sub-messages are written in place: `open` leaves one byte
 * for the length, and `close` moves the content when it needs more.
 */
export class Writer {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** A copy of what was written; the writer is empty afterwards. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#finishBehind("");
  }

  /** The same behind its length as RecordIO writes it. */
  finishRecord(): Uint8Array<ArrayBuffer> {
    return this.#finishBehind(`${this.#at}\n`);
  }

  #finishBehind(head: string): Uint8Array<ArrayBuffer> {
    const result = room(head.length + this.#at);
    for (let i = 0; i < head.length; i++) result[i] = head.charCodeAt(i);
    result.set(this.#bytes.subarray(0, this.#at), head.length);
    this.#at = 0;
    if (this.#bytes.length > keptBytes) this.#replace(new Uint8Array(keptBytes));
    return result;
  }

  /** Forgets what an encoder wrote before it threw. */
  reset(): void {
    this.#at = 0;
  }

  uint32(value: number): void {
    this.#room(5);
    let rest = value >>> 0;
    while (rest > 0x7f) {
      this.#bytes[this.#at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#at++] = rest;
  }

  /** A negative number takes 10 bytes: protobuf extends its sign to 64 bits. */
  int32(value: number): void {
    if (value >= 0) this.uint32(value);
    else this.#varint(value >>> 0, 0xffff_ffff);
  }

  bool(value: boolean): void {
    this.#room(1);
    this.#bytes[this.#at++] = value ? 1 : 0;
  }

  /** Saturates at 2^64 - 1, which is what the number 2^64 stands for after rounding. */
  uint64(value: number): void {
    if (value < 0x8000_0000) this.uint32(value);
    else if (value >= 2 ** 64) this.#varint(0xffff_ffff, 0xffff_ffff);
    else this.#varint(value >>> 0, Math.floor(value / 0x1_0000_0000) >>> 0);
  }

  int64(value: number): void {
    if (value >= 2 ** 63) this.#varint(0xffff_ffff, 0x7fff_ffff);
    else if (value >= 0) this.uint64(value);
    else this.#varint(value >>> 0, Math.floor(value / 0x1_0000_0000) >>> 0);
  }

  double(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  float(value: number): void {
    this.#room(4);
    this.#view.setFloat32(this.#at, value, true);
    this.#at += 4;
  }

  string(text: string): void {
    this.#room(5 + utf8Bound(text));
    const start = this.#at + 1;
    this.#close(start, writeUtf8(this.#bytes, start, text));
  }

  /** Base64 in, bytes out. */
  bytes(base64: string): void {
    this.#room(1 + base64.length);
    const length = writeBase64(this.#bytes, this.#at + 1, base64);
    if (length >= 0) {
      // A short text: so its length takes one byte.
      this.#bytes[this.#at] = length;
      this.#at += 1 + length;
      return;
    }
    const bytes = Uint8Array.fromBase64(base64);
    this.uint32(bytes.length);
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  /** Begins a length-delimited part; give what it returns to `close`. */
  open(): number {
    this.#room(5);
    return ++this.#at;
  }

  close(start: number): void {
    this.#room(4);
    this.#close(start, this.#at);
  }

  #close(start: number, end: number): void {
    const length = end - start;
    if (length < 0x80) {
      this.#bytes[start - 1] = length;
      this.#at = end;
      return;
    }
    const extra = length < 0x4000 ? 1 : length < 0x20_0000 ? 2 : length < 0x1000_0000 ? 3 : 4;
    this.#bytes.copyWithin(start + extra, start, end);
    this.#at = start - 1;
    this.uint32(length);
    this.#at = end + extra;
  }

  #varint(low: number, high: number): void {
    this.#room(10);
    while (high !== 0 || low > 0x7f) {
      this.#bytes[this.#at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
      high >>>= 7;
    }
    this.#bytes[this.#at++] = low;
  }

  #room(length: number): void {
    if (this.#at + length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + length));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#replace(larger);
  }

  #replace(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

/** One large message should not keep its memory for ever. */
const keptBytes = 1024 * 1024;
