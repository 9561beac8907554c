import { Worker } from "node:worker_threads";
import { HTTP_BOUNDS } from "./http/bounds.ts";
import { owned } from "./owned.ts";

/** Beyond it what was asked fails, and nothing else. */
const MOST_MIB = HTTP_BOUNDS.readerBytes.most / (1024 * 1024);
/** It costs some MiB while it waits for more to do. */
const IDLE_MS = 30_000;

/** What was asked beside the loop did not come to its end: the thread ran out of memory, or threw. */
export class BesideFailed extends Error {
  override name = "BesideFailed";
}

interface Asked {
  readonly question: unknown;
  readonly blocks: Uint8Array[];
  resolve(answer: unknown): void;
  reject(error: BesideFailed): void;
}

/**
 * One thread beside the event loop, for what would keep everybody else waiting. It asks the function `answer(question, bytes)` of a module, which answers with an object, one question after the other; the thread
 * begins with the first question, and ends when there was none for half a minute.
 */
export class Beside<Question, Answer extends object> {
  readonly #module: URL;
  readonly #waiting: Asked[] = [];
  #worker: Worker | undefined;
  #now: Asked | undefined;
  #idle: NodeJS.Timeout | undefined;

  /** `module`: the file that exports `answer`. */
  constructor(module: URL) {
    this.#module = module;
  }

  /** The answer about these bytes, which are taken: whoever asks has them no more. Rejects with {@link BesideFailed}. */
  ask(question: Question, blocks: Uint8Array[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, blocks, resolve: resolve as (answer: unknown) => void, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#now !== undefined) return;
    const asked = this.#waiting.shift();
    if (asked === undefined) return this.#rest();
    clearTimeout(this.#idle);
    this.#now = asked;
    const { question, blocks } = asked;
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#worker.postMessage({ question, blocks }, owned(blocks));
  }

  #start(): Worker {
    const worker = new Worker(new URL("./beside-worker.ts", import.meta.url), {
      workerData: { module: this.#module.href },
      resourceLimits: { maxOldGenerationSizeMb: MOST_MIB },
    });
    worker.on("message", (answer: { value: unknown } | { error: string }) =>
      this.#settle(({ resolve, reject }) =>
        "error" in answer ? reject(new BesideFailed(answer.error)) : resolve(answer.value),
      ),
    );
    worker.on("error", (error: Error) => this.#fail(worker, error.message));
    worker.on("exit", () => this.#fail(worker, "the thread has ended"));
    return worker;
  }

  #fail(worker: Worker, message: string): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#settle(({ reject }) => reject(new BesideFailed(message)));
  }

  #settle(how: (asked: Asked) => void): void {
    const asked = this.#now;
    this.#now = undefined;
    if (asked !== undefined) how(asked);
    this.#next();
  }

  // It must not keep a process that has nothing else to do.
  #rest(): void {
    const worker = this.#worker;
    worker?.unref();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.#worker = undefined;
      void worker?.terminate();
    }, IDLE_MS).unref();
  }
}
