import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
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
      if (this.#child.exitCode !== null) throw new Error(`it ended with ${this.#child.exitCode}; see ${this.#log}`);
      await sleep(5);
    }
  }

  /** An agent ends its tasks and leaves; resolves when it is gone. */
  async endTasks(): Promise<void> {
    this.#child.kill("SIGUSR1");
    await this.#gone;
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#gone;
  }
}
