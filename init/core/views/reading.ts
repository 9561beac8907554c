import type { Refusal } from "../definition/outcome.ts";
import type { Reading } from "../query.ts";

/** A JSON document that is written from left to right, of texts that may be kept from an earlier reading. */
export class Pieces {
  readonly #done: string[] = [];
  #open: string[] = [];
  #length = 0;

  add(text: string): this {
    this.#open.push(text);
    this.#length += text.length;
    if (this.#length >= PIECE_LENGTH) this.#close();
    return this;
  }

  /** Items with commas between them. */
  list<T>(items: Iterable<T>, write: (item: T) => void): this {
    let isFirst = true;
    for (const item of items) {
      if (!isFirst) this.add(",");
      isFirst = false;
      write(item);
    }
    return this;
  }

  reading(): Reading {
    this.#close();
    return { status: 200, pieces: this.#done };
  }

  #close(): void {
    if (this.#open.length > 0) this.#done.push(this.#open.join(""));
    this.#open = [];
    this.#length = 0;
  }
}

// Large enough that a piece costs little to send, small enough that no piece holds up the others.
const PIECE_LENGTH = 65_536;

export function shown(value: unknown): Reading {
  return { status: 200, pieces: [JSON.stringify(value)] };
}

export function notFound(message: string): Reading {
  return refused({ status: 404, body: { message } });
}

export function refused({ status, body }: Refusal): Reading {
  return { status, pieces: [JSON.stringify(body)] };
}
