/**
 * A document, of JSON most often, that is written from left to right. What takes time is made later, when the reader has come so far: others are served between, and a
 * reader who goes away costs nothing. What is made later must look at nothing that may have changed by then.
 */
export class Pieces implements Iterable<string> {
  readonly #parts: Part[] = [];

  add(text: string): this {
    this.#parts.push(text);
    return this;
  }

  later(make: () => string): this {
    this.#parts.push({ make });
    return this;
  }

  /** Texts with commas between them, made one by one. */
  laterList(makeAll: () => Iterable<string>): this {
    this.#parts.push({ makeAll });
    return this;
  }

  /** Texts one after the other, made one by one. */
  laterLines(lines: Iterable<string>): this {
    this.#parts.push({ lines });
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

  /** It as the answer to who asked for it. */
  reading(): { readonly status: 200; readonly pieces: Iterable<string> } {
    return { status: 200, pieces: this };
  }

  /** The document in pieces of about PIECE_LENGTH characters. */
  *[Symbol.iterator](): Generator<string> {
    let open: string[] = [];
    let length = 0;
    for (const text of this.#texts()) {
      open.push(text);
      length += text.length;
      if (length < PIECE_LENGTH) continue;
      yield open.join("");
      open = [];
      length = 0;
    }
    if (open.length > 0) yield open.join("");
  }

  *#texts(): Generator<string> {
    for (const part of this.#parts) {
      if (typeof part === "string") yield part;
      else if ("make" in part) yield part.make();
      else if ("lines" in part) yield* part.lines;
      else yield* withCommas(part.makeAll());
    }
  }
}

type Part =
  | string
  | { readonly make: () => string }
  | { readonly makeAll: () => Iterable<string> }
  | { readonly lines: Iterable<string> };

// Large enough that a piece costs little to send, small enough that making one holds nobody up.
const PIECE_LENGTH = 65_536;

function* withCommas(texts: Iterable<string>): Generator<string> {
  let isFirst = true;
  for (const text of texts) {
    if (!isFirst) yield ",";
    isFirst = false;
    yield text;
  }
}
