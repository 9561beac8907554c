import { Agent, get } from "node:http";
import type { Daemon } from "./daemons.ts";

const EVERY_MS = 20;

/** A second client: it reads now and then, and measures how long the answer takes. */
export class Watcher {
  readonly #daemon: Daemon;
  readonly #connections = new Agent({ keepAlive: true, maxSockets: 1 });
  #times: number[] = [];
  #failures = 0;
  #isOver = false;
  #peak = 0;
  readonly #going: Promise<void>;

  constructor(daemon: Daemon) {
    this.#daemon = daemon;
    this.#going = this.#go();
  }

  /** What was seen since the last time, in milliseconds and MiB. */
  take(): Watched {
    const sorted = this.#times.sort((a, b) => a - b);
    const at = (part: number) => Math.round((sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN) * 10) / 10;
    const taken = {
      readings: sorted.length,
      p50: at(0.5),
      p99: at(0.99),
      longest: at(1),
      failures: this.#failures,
      peakMiB: this.#peak,
    };
    this.#times = [];
    this.#failures = this.#peak = 0;
    return taken;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#going;
    this.#connections.destroy();
  }

  async #go(): Promise<void> {
    while (!this.#isOver && this.#daemon.isAlive) {
      const startMs = performance.now();
      const status = await this.#read();
      this.#times.push(performance.now() - startMs);
      if (status !== 200) this.#failures++;
      if (this.#daemon.isAlive) this.#peak = Math.max(this.#peak, this.#daemon.memoryMiB);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  #read(): Promise<number> {
    const { port, reading } = this.#daemon;
    return new Promise((resolve) => {
      get({ host: "127.0.0.1", port, path: reading, agent: this.#connections }, (answer) => {
        answer.resume().once("close", () => resolve(answer.statusCode ?? 0));
      }).once("error", () => resolve(0));
    });
  }
}

export interface Watched {
  readonly readings: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  readonly failures: number;
  readonly peakMiB: number;
}
