import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Daemon } from "./daemons.ts";

const MEMORY_EVERY_MS = 50;

/** A second client, in a thread of its own: it reads now and then, and measures how long the answer takes. */
export class Watcher {
  readonly #worker: Worker;
  readonly #timer: NodeJS.Timeout;
  #peak = 0;

  constructor(daemon: Daemon) {
    const workerData = { port: daemon.port, path: daemon.reading };
    this.#worker = new Worker(new URL("./watching.ts", import.meta.url), { workerData });
    const look = () => void (daemon.isAlive && (this.#peak = Math.max(this.#peak, daemon.memoryMiB)));
    this.#timer = setInterval(look, MEMORY_EVERY_MS);
  }

  /** What was seen since the last time, in milliseconds and MiB. */
  async take(): Promise<Watched> {
    this.#worker.postMessage("take");
    const [{ times, failures }] = (await once(this.#worker, "message")) as [{ times: number[]; failures: number }];
    const sorted = times.sort((a, b) => a - b);
    const at = (part: number) => Math.round((sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN) * 10) / 10;
    const peakMiB = this.#peak;
    this.#peak = 0;
    return { readings: sorted.length, p50: at(0.5), p99: at(0.99), longest: at(1), failures, peakMiB };
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#worker.terminate();
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
