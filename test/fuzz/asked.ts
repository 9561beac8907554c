import { EventEmitter } from "node:events";
import type { ServerResponse } from "node:http";
import type { Answer } from "@meseta/lib/io/http/answer.ts";
import { defaultBounds } from "@meseta/lib/io/http/bounds.ts";
import { EventStream } from "@meseta/lib/io/http/event-stream.ts";
import type { Reply } from "@meseta/lib/io/http/request.ts";

/** What became of a request so far. */
export type Fate =
  | { readonly is: "waiting" }
  | { readonly is: "answered"; readonly answer: Answer }
  | { readonly is: "streaming"; readonly headers: Readonly<Record<string, string>>; readonly stream: Listening };

/** The client's side of a handler that is called without a network: it keeps the answer, or what comes down the stream. */
export class Asked implements Reply {
  fate: Fate = { is: "waiting" };
  gone = false;
  #callbacks: (() => void)[] = [];

  answer(answer: Answer): void {
    if (this.fate.is === "waiting") this.fate = { is: "answered", answer };
  }

  open(headers: Readonly<Record<string, string>> = {}): EventStream {
    const stream = new Listening(this.gone || this.fate.is !== "waiting");
    if (this.fate.is === "waiting") this.fate = { is: "streaming", headers, stream };
    return new EventStream(stream as unknown as ServerResponse, defaultBounds);
  }

  onGone(callback: () => void): void {
    if (this.gone) callback();
    else this.#callbacks.push(callback);
  }

  /** The client goes away. */
  leave(): void {
    if (this.gone) return;
    this.gone = true;
    if (this.fate.is === "streaming") this.fate.stream.destroy();
    if (this.fate.is !== "answered") for (const callback of this.#callbacks.splice(0)) callback();
  }
}

/** As much of a ServerResponse as a stream of events uses; its reader takes everything at once. */
export class Listening extends EventEmitter {
  readonly writableLength = 0;
  readonly writableNeedDrain = false;
  readonly socket = null;
  destroyed: boolean;
  bytes = 0;
  /** The last chunks, for those who want to know what they were told. */
  readonly chunks: (Uint8Array | string)[] = [];

  constructor(destroyed: boolean) {
    super();
    this.destroyed = destroyed;
  }

  write(chunk: Uint8Array | string): boolean {
    this.bytes += chunk.length;
    this.chunks.push(chunk);
    if (this.chunks.length > 8) this.chunks.shift();
    return true;
  }

  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.emit("close");
  }
}
