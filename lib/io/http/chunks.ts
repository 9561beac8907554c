import type { IncomingMessage } from "node:http";

/**
 * A request's body as it comes, no faster than it is read: at most one chunk waits here. For one reader. Ends with the body or
 * with `release`, and throws when the peer goes away in the middle.
 */
export class BodyChunks implements AsyncIterable<Uint8Array> {
  readonly #incoming: IncomingMessage;
  #waiting: Uint8Array[] = [];
  #end: Error | "ended" | undefined;
  #wake: () => void = () => {};

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
    incoming.on("data", this.#onData).on("end", this.#onEnd).on("close", this.#onClose);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const chunk = this.#waiting.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#end === "ended") return;
      else if (this.#end !== undefined) throw this.#end;
      else await this.#more();
    }
  }

  /** Nobody reads on: the rest may be discarded, and whoever waits here is told that it is over. */
  release(): void {
    this.#incoming.off("data", this.#onData).off("end", this.#onEnd).off("close", this.#onClose);
    this.#waiting = [];
    this.#finish("ended");
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#waiting.push(chunk);
    this.#incoming.pause();
    this.#wake();
  };

  readonly #onEnd = (): void => this.#finish("ended");

  readonly #onClose = (): void => this.#finish(new Error("the peer went away in the middle of its request"));

  #finish(end: Error | "ended"): void {
    this.#end ??= end;
    this.#wake();
  }

  #more(): Promise<void> {
    this.#incoming.resume();
    return new Promise((resolve) => (this.#wake = resolve));
  }
}
