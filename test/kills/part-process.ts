import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Lane, type Request } from "./lane.ts";

const MESETA = fileURLToPath(new URL("../../bin/meseta", import.meta.url));

/** One life of a part, as a process of its own. */
export class PartProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<unknown>;
  readonly #startedMs = performance.now();
  readonly #port: number;
  readonly #log: string;

  /** `words`: what `bin/meseta` is called with. Its log is added to the file. */
  constructor(words: readonly string[], port: number, log: string) {
    const out = openSync(log, "a");
    this.#child = spawn(MESETA, words, { stdio: ["ignore", out, out] });
    closeSync(out);
    this.#gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#port = port;
    this.#log = log;
  }

  /** Resolves to how long it took, in ms, when it has answered this request with 200. Rejects when it has ended by itself. */
  async serves(request: Request): Promise<number> {
    for (;;) {
      const lane = new Lane(this.#port);
      const answer = await lane.ask(request);
      lane.close();
      if (answer?.status === 200) return performance.now() - this.#startedMs;
      if (this.end !== undefined) throw new Error(this.end);
      await sleep(5);
    }
  }

  /** How it ended, if it did: nobody who waits for something of it needs to wait any longer. */
  get end(): string | undefined {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) return undefined;
    return `it ended with ${exitCode ?? signalCode}; the end of its log:\n${readFileSync(this.#log, "utf8").slice(-2_000)}`;
  }

  /** An agent ends its tasks and leaves; resolves when it is gone. One that still starts would not know the signal: it is asked when it serves. */
  async endTasks(): Promise<void> {
    if (this.end !== undefined) return;
    await this.serves({ method: "GET", path: "/health" });
    this.#child.kill("SIGUSR1");
    await this.#gone;
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#gone;
  }
}
