import type { ServerResponse } from "node:http";
import type { Backlog } from "./backlog.ts";
import type { Bounds } from "./bounds.ts";

/** Why a stream is no more: we ended it, the peer left, or the peer read too slowly. */
export type StreamEnd = "ended" | "left" | "slow";

/** The down side of one connection: each write is one HTTP chunk, and what waits for a slow reader is bounded. */
export class EventStream {
  readonly #response: ServerResponse;
  readonly #bounds: Pick<Bounds, "streamBytes" | "streamSlowBytes" | "streamSlowMs">;
  /** Since when more waits than a reader that keeps up lets wait. */
  #slowSinceMs: number | undefined;
  #end: StreamEnd | undefined;
  #listeners: ((end: StreamEnd) => void)[] = [];
  readonly #backlog: Backlog | undefined;

  /** `backlog`: of all streams together. */
  constructor(
    response: ServerResponse,
    bounds: Pick<Bounds, "streamBytes" | "streamSlowBytes" | "streamSlowMs">,
    backlog?: Backlog,
  ) {
    this.#response = response;
    this.#bounds = bounds;
    this.#backlog = backlog;
    backlog?.add(this);
    if (response.destroyed) this.#close("left");
    else response.once("close", () => this.#close("left"));
  }

  /**
   * Sends a chunk. When more than the bound already waits, or much has waited for long, the reader is cut off instead; so one chunk may be
   * as large as it likes (a snapshot), and memory holds at most the bound and one chunk. False: the stream is closed.
   */
  write(chunk: Uint8Array | string): boolean {
    if (this.#end !== undefined) return false;
    if (this.#isTooSlow()) {
      this.cut();
      return false;
    }
    this.#cork();
    this.#response.write(chunk);
    this.#backlog?.wrote(chunk.length);
    return this.#end === undefined;
  }

  #isTooSlow(): boolean {
    const { streamBytes, streamSlowBytes, streamSlowMs } = this.#bounds;
    const waiting = this.#response.writableLength;
    if (waiting > streamBytes) return true;
    if (waiting <= streamSlowBytes) this.#slowSinceMs = undefined;
    else this.#slowSinceMs ??= performance.now();
    return this.#slowSinceMs !== undefined && performance.now() - this.#slowSinceMs > streamSlowMs;
  }

  /**
   * Node gathers the writes of a turn into one chunk, unless the socket is corked already. Mesos sends each event as a chunk
   * of its own, and there are clients that count on it; so the socket is corked here, which still makes one packet of them.
   */
  #cork(): void {
    const { socket } = this.#response;
    if (socket === null || socket.writableCorked > 0) return;
    socket.cork();
    process.nextTick(() => socket.uncork());
  }

  /** Ends the stream cleanly: what was written still arrives. */
  end(): void {
    if (this.#end !== undefined) return;
    this.#close("ended");
    this.#response.end();
  }

  /** Gives up a reader that is too slow: what waits for it is lost. */
  cut(): void {
    if (this.#end !== undefined) return;
    this.#close("slow");
    this.#response.destroy();
  }

  get closed(): boolean {
    return this.#end !== undefined;
  }

  /** Bytes that wait for the reader. */
  get waiting(): number {
    return this.#response.writableLength;
  }

  /** Resolves when the reader has taken what waits, or is gone. */
  drained(): Promise<void> {
    if (this.closed || !this.#response.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        this.#response.off("drain", done).off("close", done);
        resolve();
      };
      this.#response.on("drain", done).on("close", done);
    });
  }

  /** Calls back once when the stream is closed, at once if it is. */
  onClose(listener: (end: StreamEnd) => void): void {
    if (this.#end !== undefined) listener(this.#end);
    else this.#listeners.push(listener);
  }

  #close(end: StreamEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#backlog?.remove(this);
    for (const listener of this.#listeners) listener(end);
    this.#listeners = [];
  }
}
