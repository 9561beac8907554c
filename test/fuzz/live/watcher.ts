import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Daemon } from "./daemons.ts";
import { raise, WATCHING, waitedMs } from "./priority.ts";

const WATCHING_FILE = fileURLToPath(new URL("watching.ts", import.meta.url));
const MEMORY_EVERY_MS = 50;

/** A second client, a process of its own: it reads now and then, and measures how long the answer takes. */
export class Watcher {
  readonly #daemon: Daemon;
  readonly #process: ChildProcess;
  readonly #timer: NodeJS.Timeout;
  #isToBeRaised: boolean;
  #peak = 0;
  #since: Usage;

  constructor(daemon: Daemon, isRealTime: boolean) {
    const args = [WATCHING_FILE, String(daemon.port), daemon.reading];
    this.#daemon = daemon;
    this.#process = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    this.#isToBeRaised = isRealTime;
    const look = () => void (daemon.isAlive && (this.#peak = Math.max(this.#peak, daemon.memoryMiB)));
    this.#timer = setInterval(look, MEMORY_EVERY_MS);
    this.#since = this.#usage();
  }

  /** What was seen since the last time. */
  async take(): Promise<Watched> {
    this.#process.send("take");
    const [{ times, failures }] = (await once(this.#process, "message")) as [{ times: number[]; failures: number }];
    // All its threads are there by now.
    if (this.#isToBeRaised) raise(this.#process.pid!, WATCHING);
    this.#isToBeRaised = false;
    const sorted = times.sort((a, b) => a - b);
    const at = (part: number) => Math.round((sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN) * 10) / 10;
    const [now, since, peakMiB] = [this.#usage(), this.#since, this.#peak];
    this.#since = now;
    this.#peak = 0;
    const seconds = (now.atMs - since.atMs) / 1_000;
    return {
      ...{ readings: sorted.length, p50: at(0.5), p99: at(0.99), longest: at(1), failures, peakMiB },
      readMiB: (now.readBytes - since.readBytes) / seconds / 1024 / 1024,
      busy: (now.busySeconds - since.busySeconds) / seconds,
      waited: (now.waitedMs - since.waitedMs) / seconds / 1_000,
    };
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const exit = once(this.#process, "exit");
    this.#process.kill();
    await exit;
  }

  #usage(): Usage {
    if (!this.#daemon.isAlive) return this.#since;
    const { readBytes, busySeconds, pid } = this.#daemon;
    return { atMs: performance.now(), readBytes, busySeconds, waitedMs: waitedMs(pid) + waitedMs(this.#process.pid!) };
  }
}

interface Usage {
  readonly atMs: number;
  readonly readBytes: number;
  readonly busySeconds: number;
  readonly waitedMs: number;
}

/** Times in milliseconds. */
export interface Watched {
  readonly readings: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  readonly failures: number;
  readonly peakMiB: number;
  /** MiB a second that the process read, nearly all of them from connections. */
  readonly readMiB: number;
  /** Processors that it took; 2 are two. */
  readonly busy: number;
  /** The part of the time in which its loop, or the second client, was ready and had no processor. */
  readonly waited: number;
}
