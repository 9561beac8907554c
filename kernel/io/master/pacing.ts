/** Large enough that sending is quick, small enough that twenty of them do not keep others waiting. */
const CHUNK_BYTES = 256 * 1024;
/** What all big answers together may hand to the sockets before other requests get their turn. */
const BYTES_A_TURN = 4 * 1024 * 1024;

/** Shares the turns of the event loop among all big answers that are being sent. */
export class Pacer {
  #left = BYTES_A_TURN;
  #next: Promise<void> | undefined;

  /** The buffers in chunks, as fast as the turns allow. */
  async *paced(buffers: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const buffer of buffers)
      for (let at = 0; at < buffer.length; at += CHUNK_BYTES) {
        const chunk = buffer.subarray(at, at + CHUNK_BYTES);
        while (this.#left <= 0) await this.#turn();
        this.#left -= chunk.length;
        this.#next ??= this.#turn();
        yield chunk;
      }
  }

  #turn(): Promise<void> {
    this.#next ??= new Promise((resolve) =>
      setImmediate(() => {
        this.#left = BYTES_A_TURN;
        this.#next = undefined;
        resolve();
      }),
    );
    return this.#next;
  }
}
