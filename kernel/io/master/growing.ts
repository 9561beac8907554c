import type { Gathering } from "./gathering.ts";

/** An answer that is being made: what is finished of it can be sent meanwhile, to any number of readers. */
export class Growing {
  readonly tag: string;
  /** Not known before the end. */
  readonly bytes = undefined;
  readonly #gathering: Gathering;
  #state: "growing" | "whole" | Error = "growing";
  #change = Promise.withResolvers<void>();

  constructor(tag: string, gathering: Gathering) {
    this.tag = tag;
    this.#gathering = gathering;
  }

  /** There is more of it. */
  grow(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  /** There is all of it, or there will never be. */
  end(state: "whole" | Error): void {
    this.#state = state;
    this.grow();
  }

  /** From the beginning to the end, waiting where it has not been made yet. Rejects when it will never be whole. */
  get buffers(): AsyncIterable<Uint8Array> {
    return this.#follow();
  }

  async *#follow(): AsyncGenerator<Uint8Array> {
    for (let at = 0; ; ) {
      const { sealed } = this.#gathering;
      while (at < sealed.length) yield sealed[at++]!;
      if (this.#state instanceof Error) throw this.#state;
      if (this.#state === "whole" && at === sealed.length) return;
      await this.#change.promise;
    }
  }
}
