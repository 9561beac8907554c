import { LOOP_BOUNDS } from "./bounds.ts";
import { room } from "./room.ts";

/**
 * RecordIO, the framing of Mesos' event streams: the length of a record in decimal digits, a newline, then exactly that many
 * bytes. Chunks of the transport carry no meaning. Source: Mesos documentation, "Scheduler HTTP API", RecordIO format.
 */

/** A record with its length before it, in one piece. */
export function encodeRecord(payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const digits = String(payload.length);
  const framed = room(digits.length + 1 + payload.length);
  for (let i = 0; i < digits.length; i++) framed[i] = digits.charCodeAt(i);
  framed[digits.length] = newline;
  framed.set(payload, digits.length + 1);
  return framed;
}

/** What a peer sent is not RecordIO; the rest of its stream cannot be understood. */
export class RecordError extends Error {
  override name = "RecordError";
}

/**
 * Turns chunks into records as they become whole. Records are views of the chunk where they lie in one; keep a copy, not the
 * view, of what must outlive it. Memory in use never exceeds what the peer really sent, nor `maxRecordBytes` and a chunk.
 */
export class RecordDecoder {
  readonly #maxRecordBytes: number;
  #digits = 0;
  #length = 0;
  /** Bytes still to come of the record; undefined while its length is being read. */
  #rest: number | undefined;
  /** What came of a record that is spread over chunks; it grows with what came, never with what was promised. */
  #held = new Uint8Array(0);
  #heldBytes = 0;
  #broken: RecordError | undefined;

  constructor(maxRecordBytes: number = LOOP_BOUNDS.recordBytes.most) {
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** Bytes of a record that is not whole yet. */
  get held(): number {
    return this.#heldBytes;
  }

  /** The records that this chunk completes. Throws a {@link RecordError}, and again at every later call. */
  push(chunk: Uint8Array): Uint8Array[] {
    if (this.#broken !== undefined) throw this.#broken;
    const records: Uint8Array[] = [];
    let at = 0;
    while (at < chunk.length)
      at = this.#rest === undefined ? this.#readLength(chunk, at) : this.#readBody(chunk, at, records);
    return records;
  }

  /** Call at the end of the stream: throws a {@link RecordError} when it ended inside a record. */
  end(): void {
    if (this.#rest !== undefined || this.#digits > 0) this.#fail("the stream ended inside a record");
  }

  #readLength(chunk: Uint8Array, at: number): number {
    const byte = chunk[at]!;
    if (byte === newline) {
      // Empty lines may stand before a length.
      if (this.#digits > 0) this.#beginBody();
      return at + 1;
    }
    const digit = byte - zero;
    if (digit < 0 || digit > 9) this.#fail(`byte ${byte} where the length of a record was expected`);
    this.#length = this.#length * 10 + digit;
    if (++this.#digits > maxDigits) this.#fail(`a length of more than ${maxDigits} digits`);
    return at + 1;
  }

  #beginBody(): void {
    if (this.#length === 0) this.#fail("a record of length 0");
    if (this.#length > this.#maxRecordBytes) {
      this.#fail(`a record of ${this.#length} bytes, where ${this.#maxRecordBytes} are allowed`);
    }
    this.#rest = this.#length;
    this.#length = 0;
    this.#digits = 0;
  }

  #readBody(chunk: Uint8Array, at: number, records: Uint8Array[]): number {
    const end = Math.min(chunk.length, at + this.#rest!);
    const part = chunk.subarray(at, end);
    this.#rest! -= part.length;
    if (this.#rest === 0) {
      records.push(this.#heldBytes === 0 ? part : this.#hold(part));
      this.#rest = undefined;
      this.#release();
    } else this.#hold(part);
    return end;
  }

  #hold(part: Uint8Array): Uint8Array {
    const needed = this.#heldBytes + part.length;
    if (needed > this.#held.length) {
      const larger = new Uint8Array(Math.min(needed + this.#rest!, Math.max(needed, 2 * this.#held.length)));
      larger.set(this.#held.subarray(0, this.#heldBytes));
      this.#held = larger;
    }
    this.#held.set(part, this.#heldBytes);
    this.#heldBytes = needed;
    return this.#held.subarray(0, needed);
  }

  #release(): void {
    this.#held = new Uint8Array(0);
    this.#heldBytes = 0;
  }

  #fail(why: string): never {
    this.#broken = new RecordError(`malformed RecordIO: ${why}`);
    this.#release();
    throw this.#broken;
  }
}

const newline = 0x0a;
const zero = 0x30;
const maxDigits = 10;
