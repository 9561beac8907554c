import { Worker } from "node:worker_threads";
import {
  EpochRefused,
  type Opened,
  type Store,
  StoreDamaged,
  StoreFailed,
  StoreNewer,
} from "@meseta/lib/core/ports/store.ts";
import type { Reply, Request } from "./worker.ts";

/** SQLite in a worker thread of its own: the disk is waited for there, and the caller's event loop never blocks. */
export async function openSqlite(path: string): Promise<Store> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { workerData: { path } });
  const calls = new Calls(worker);
  await calls.send({ method: "ready" }).catch(async (error) => {
    await worker.terminate();
    throw error;
  });
  return {
    maxRecords: 100_000,
    open: (above) => calls.send({ method: "open", above }) as Promise<Opened>,
    scan: (prefix) => calls.send({ method: "scan", prefix }) as Promise<[string, string][]>,
    commit: (change, epoch) =>
      calls.send({
        method: "commit",
        puts: [...change.puts].flat(),
        deletes: [...change.deletes],
        epoch,
      }) as Promise<void>,
    close: () => calls.end(),
  };
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

class Calls {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  #ended: Promise<void> | undefined;
  #failure: StoreFailed | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (reply: Reply) => this.#settle(reply));
    worker.on("error", (error: Error) => this.#fail(error));
    worker.on("exit", () => this.#fail(new StoreFailed("the store's thread has ended")));
  }

  send(request: Request): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#worker.postMessage({ id, request });
    });
  }

  /** What was asked for before is answered first. */
  end(): Promise<void> {
    this.#ended ??= (async () => {
      if (this.#failure !== undefined) return;
      const closed = this.send({ method: "close" });
      this.#failure = new StoreFailed("the store is closed");
      await closed;
      await this.#worker.terminate();
    })();
    return this.#ended;
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.error === undefined) waiting?.resolve(reply.value);
    else waiting?.reject(revive(reply.error));
  }

  // A thread that has ended answers nothing any more.
  #fail(error: Error): void {
    this.#failure ??= error instanceof StoreFailed ? error : new StoreFailed(error.message);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

// Errors lose their class on the way between threads.
function revive({ name, message }: { name: string; message: string }): Error {
  if (name === "StoreDamaged") return new StoreDamaged(message);
  if (name === "StoreNewer") return new StoreNewer(message);
  if (name === "EpochRefused") return Object.assign(new EpochRefused(0, 0), { message });
  return new StoreFailed(message);
}
