import { ownsMemory } from "../owned.ts";
import { HTTP_BOUNDS } from "./bounds.ts";

/** A body of more bytes is large: to read it would keep everybody else waiting for milliseconds. */
export const LARGE_BYTES = HTTP_BOUNDS.quickBodyBytes.most;

/** Smaller ones are put together: each takes some hundred bytes more than it has. */
const BLOCK_BYTES = 8 * 1024;

/** The bytes of a body as they come, in blocks: one long copy of a large body would keep everybody else waiting. What comes with memory of its own is not copied at all. */
export class Gathered {
  readonly #blocks: Uint8Array[] = [];
  #fresh: Uint8Array[] = [];
  #freshBytes = 0;
  length = 0;

  add(chunk: Uint8Array): void {
    this.length += chunk.length;
    if (chunk.length >= BLOCK_BYTES && ownsMemory(chunk)) {
      this.#close();
      this.#blocks.push(chunk);
      return;
    }
    this.#fresh.push(chunk);
    this.#freshBytes += chunk.length;
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
    this.#close();
    return [...this.#blocks];
  }

  #close(): void {
    if (this.#freshBytes === 0) return;
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
