/** Runs shorter than this are copied together, because each buffer that is sent costs more than a copy of this many bytes. */
const COPIED_BYTES = 16 * 1024;
const COLLECTOR_BYTES = 64 * 1024;

/** Collects the parts of an answer in order. Neighbours in memory become one buffer without being copied. */
export class Gathering {
  readonly #buffers: Uint8Array[] = [];
  #bytes = 0;
  #run: { slab: Buffer<ArrayBufferLike>; start: number; end: number } | undefined;
  #collector = Buffer.allocUnsafe(0);
  #from = 0;
  #at = 0;

  get bytes(): number {
    return this.#bytes;
  }

  text(text: string): void {
    this.#endRun();
    const bytes = Buffer.byteLength(text);
    this.#room(bytes);
    this.#at += this.#collector.write(text, this.#at);
    this.#bytes += bytes;
  }

  copy(bytes: Uint8Array): void {
    this.#endRun();
    this.#room(bytes.length);
    this.#collector.set(bytes, this.#at);
    this.#at += bytes.length;
    this.#bytes += bytes.length;
  }

  piece(slab: Buffer<ArrayBufferLike>, from: number, to: number): void {
    this.#bytes += to - from;
    const run = this.#run;
    if (run !== undefined && run.slab === slab && run.end === from) run.end = to;
    else {
      this.#endRun();
      this.#run = { slab, start: from, end: to };
    }
  }

  /** Another gathering, whole. */
  append(other: Gathering): void {
    for (const buffer of other.buffers()) this.#whole(buffer);
  }

  /** What is finished; it only grows. */
  get sealed(): readonly Uint8Array[] {
    return this.#buffers;
  }

  buffers(): readonly Uint8Array[] {
    this.#endRun();
    this.#endCollected();
    return this.#buffers;
  }

  #whole(buffer: Uint8Array): void {
    if (buffer.length < COPIED_BYTES) return this.copy(buffer);
    this.#endRun();
    this.#endCollected();
    this.#buffers.push(buffer);
    this.#bytes += buffer.length;
  }

  #endRun(): void {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    const length = run.end - run.start;
    if (length >= COPIED_BYTES) {
      this.#endCollected();
      this.#buffers.push(run.slab.subarray(run.start, run.end));
      return;
    }
    this.#room(length);
    run.slab.copy(this.#collector, this.#at, run.start, run.end);
    this.#at += length;
  }

  #endCollected(): void {
    if (this.#at === this.#from) return;
    this.#buffers.push(this.#collector.subarray(this.#from, this.#at));
    this.#from = this.#at;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#collector.length) return;
    this.#endCollected();
    this.#collector = Buffer.allocUnsafeSlow(Math.max(COLLECTOR_BYTES, bytes));
    this.#from = this.#at = 0;
  }
}
