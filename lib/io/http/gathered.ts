import { HTTP_BOUNDS } from "./bounds.ts";

/** A body of more bytes is large: to read it would keep everybody else waiting for milliseconds. */
export const LARGE_BYTES = HTTP_BOUNDS.quickBodyBytes.most;

/** The bytes of a body as they come, in blocks of {@link LARGE_BYTES}: one long copy of a large body would keep everybody else waiting as well. */
export class Gathered {
  readonly #blocks: Uint8Array[] = [];
  #fresh: Uint8Array[] = [];
  #freshBytes = 0;
  length = 0;

  add(chunk: Uint8Array): void {
    this.#fresh.push(chunk);
    this.#freshBytes += chunk.length;
    this.length += chunk.length;
    if (this.#freshBytes >= LARGE_BYTES) this.#close();
  }

  get isLarge(): boolean {
    return this.length > LARGE_BYTES;
  }

  /** All of it. */
  whole(): Uint8Array {
    const parts = [...this.#blocks, ...this.#fresh];
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** The same in blocks, each with memory of its own, for one who keeps them. */
  blocks(): Uint8Array[] {
    if (this.#freshBytes > 0) this.#close();
    return [...this.#blocks];
  }

  #close(): void {
    const block = new Uint8Array(this.#freshBytes);
    let at = 0;
    for (const chunk of this.#fresh) {
      block.set(chunk, at);
      at += chunk.length;
    }
    this.#blocks.push(block);
    this.#fresh = [];
    this.#freshBytes = 0;
  }
}
