import { walk } from "./walk.ts";

/** Something whose use of the disk is measured. */
export interface Watched {
  readonly id: string;
  readonly paths: readonly string[];
  /** Absent: no limit. */
  readonly limitBytes?: number | undefined;
}

export interface DiskWatchOptions {
  /** Between the end of one round and the beginning of the next. */
  readonly intervalMs: number;
  /** What is to be measured in a round. */
  readonly watched: () => readonly Watched[];
  /** It uses more than its limit. May be told again while it does. */
  readonly exceeded: (id: string, usedBytes: number, limitBytes: number) => void;
}

/** Two walk at a time, so that the disk, and the few threads that read it, serve others as well. */
const LANES = 2;
/** A walk that finds no end, because files are made faster than they are counted, is over after this; what it found stands. */
const LONGEST_MS = 5 * 60_000;

interface Measuring {
  /** As it was asked for last: a limit that has changed meanwhile counts. */
  watched: Watched;
  readonly steps: AsyncGenerator<number, number>;
  readonly sinceMs: number;
  readonly bytes: PromiseWithResolvers<number>;
}

/** Measures now and then how much disk its wards use. All have their turn: one with millions of files only takes longer. */
export class DiskWatch {
  readonly #options: DiskWatchOptions;
  readonly #queue: Measuring[] = [];
  readonly #under = new Map<string, Measuring>();
  readonly #used = new Map<string, number>();
  #lanes = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: DiskWatchOptions) {
    this.#options = options;
  }

  /** Begins the rounds; the first is due after the interval. */
  start(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => void this.round().then(() => this.start()), this.#options.intervalMs).unref();
  }

  /** One round now: resolves when all that has a limit was measured. */
  async round(): Promise<void> {
    const wards = this.#options.watched();
    const ids = new Set(wards.map(({ id }) => id));
    for (const id of this.#used.keys()) if (!ids.has(id)) this.#used.delete(id);
    await Promise.all(wards.map((one) => (one.limitBytes === undefined ? undefined : this.measure(one))));
  }

  /** How much it uses; joins the measurement that is under way. */
  measure(watched: Watched): Promise<number> {
    const under = this.#under.get(watched.id);
    if (under !== undefined) {
      under.watched = watched;
      return under.bytes.promise;
    }
    const [steps, bytes] = [walk(watched.paths), Promise.withResolvers<number>()];
    const measuring = { watched, steps, sinceMs: performance.now(), bytes };
    this.#under.set(watched.id, measuring);
    this.#queue.push(measuring);
    if (this.#lanes < LANES) void this.#lane();
    return bytes.promise;
  }

  /** What the last measurement found, in bytes. */
  used(id: string): number | undefined {
    return this.#used.get(id);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #lane(): Promise<void> {
    this.#lanes++;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) await this.#step(next);
    this.#lanes--;
  }

  // One step, and back to the end of the queue. What is over its limit already need not be counted to its end.
  async #step(measuring: Measuring): Promise<void> {
    const { steps, sinceMs, bytes } = measuring;
    const { value, done = false } = await steps.next();
    const { watched } = measuring;
    const isOver = watched.limitBytes !== undefined && value > watched.limitBytes;
    const isLate = performance.now() - sinceMs > LONGEST_MS;
    if (!done && !isOver && !isLate && !this.#closed) return void this.#queue.push(measuring);
    if (!done) await steps.return(value);
    this.#used.set(watched.id, value);
    this.#under.delete(watched.id);
    bytes.resolve(value);
    if (isOver && !this.#closed) this.#options.exceeded(watched.id, value, watched.limitBytes!);
  }
}
