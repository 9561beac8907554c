import { closeSync, constants, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import { Socket } from "node:net";
import type { ContainerInput } from "@meseta/kernel/core/agent/ports.ts";
import type { Launcher } from "./launcher.ts";

/**
 * The way into a container without a terminal: a FIFO, which the launcher makes and the container opens as `stdin` of its order.
 *
 * This side holds it open for both ways until the container has opened it, so that neither waits for the other and the container
 * does not find it at its end; then for writing only. So the container sees the end when this side ends, or dies; and this side
 * sees when nobody reads any more.
 */
export class PipeInput implements ContainerInput {
  readonly path: string;
  #held: number | undefined;
  #ended = false;
  #settle: (writer: Socket | undefined) => void = () => {};
  readonly #writer = new Promise<Socket | undefined>((resolve) => {
    this.#settle = resolve;
  });
  #tail: Promise<void> = Promise.resolve();

  /** Before the container is ordered. `path` is in a folder of the agent's own. Rejects when the FIFO cannot be made. */
  static async make(launcher: Launcher, path: string): Promise<PipeInput> {
    await launcher.makeFifo(path);
    return new PipeInput(path, openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
  }

  private constructor(path: string, held: number) {
    this.path = path;
    this.#held = held;
  }

  /** The container has started: its stdin is open. Until then what is written waits. */
  started(): void {
    if (this.#held === undefined) return;
    const fd = openSync(this.path, constants.O_WRONLY | constants.O_NONBLOCK);
    this.#letGo();
    const writer = new Socket({ fd, readable: false, writable: true });
    // Nobody reads any more: what is written is dropped.
    writer.on("error", () => writer.destroy());
    this.#settle(writer);
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#ended ? Promise.resolve() : this.#next((writer) => put(writer, bytes));
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    void this.#next((writer) => writer.end());
  }

  /** A pipe has no size. */
  resize(): void {}

  /** The container has ended, or was never started: what has not arrived is dropped, and the FIFO is removed. */
  async close(): Promise<void> {
    this.#ended = true;
    this.#letGo();
    this.#settle(undefined);
    (await this.#writer)?.destroy();
    await rm(this.path, { force: true });
  }

  #next(work: (writer: Socket) => unknown): Promise<void> {
    this.#tail = this.#tail.then(async () => {
      const writer = await this.#writer;
      if (writer) await work(writer);
    });
    return this.#tail;
  }

  #letGo(): void {
    if (this.#held !== undefined) closeSync(this.#held);
    this.#held = undefined;
  }
}

function put(writer: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => void writer.write(bytes, () => resolve()));
}
