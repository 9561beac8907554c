import type { Clock } from "@meseta/lib/core/ports/clock.ts";
import { type Log, silentLog } from "@meseta/lib/core/ports/log.ts";
import type { Store } from "@meseta/lib/core/ports/store.ts";
import type { Handler } from "@meseta/lib/io/http/request.ts";
import type { Bench } from "../bench.ts";
import type { Known } from "../grammar/wire.ts";
import type { VirtualTime } from "../virtual-time.ts";
import { CountedDisk } from "./counted-store.ts";

/** What every life of a daemon is given, beside what only this daemon needs. */
export interface LifePorts {
  readonly store: Store;
  readonly log: Log;
  readonly clock: Clock;
  fatal(reason: Error): void;
  seed(): number;
}

/** A daemon's core in its loop. */
interface DaemonLoop {
  start(): Promise<void>;
  stop(): void;
}

/** What the benches of all daemons have in common: lives one after the other, on one disk and in the fuzzer's time. */
export abstract class DaemonBench<L extends DaemonLoop> implements Bench {
  /** Set anew by each life. */
  servers: Readonly<Record<string, Handler>> = {};
  readonly misdeeds: string[] = [];
  protected readonly disk = new CountedDisk();
  protected loop!: L;
  readonly #time: VirtualTime;
  #seed = 7;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  get commits(): number {
    return this.disk.commits;
  }

  async restart(): Promise<void> {
    this.loop?.stop();
    this.loop = this.begin({
      ...{ store: this.disk.open(), log: silentLog, clock: { nowMs: () => this.nowMs } },
      fatal: (reason) => void this.misdeeds.push(`${this.daemon} ends itself: ${reason.stack}`),
      seed: () => this.#seed++,
    });
    await this.loop.start();
  }

  close(): void {
    this.loop.stop();
  }

  abstract known(): Known;
  abstract picture(): string;

  protected get nowMs(): number {
    return this.#time.nowMs;
  }

  /** Its name, for whoever reads of a problem. */
  protected abstract readonly daemon: string;

  /** A new life, not started yet: its loop. Sets `servers` to what answers for it. */
  protected abstract begin(ports: LifePorts): L;
}

/** The bench in its daemon's first life. */
export async function born<B extends Bench>(bench: B): Promise<B> {
  await bench.restart();
  return bench;
}
