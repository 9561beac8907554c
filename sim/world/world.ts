import { Heap } from "@meseta/lib/core/heap.ts";
import { createRandom, type Random } from "@meseta/lib/core/random.ts";

interface Task {
  atMs: number;
  order: number;
  run(): void;
}

/**
 * A world with a clock of its own: a queue of tasks by time, and nothing else moves it. The same seed gives the same
 * history, step by step. Promises of the production code settle between two steps.
 */
export class World {
  readonly random: Random;
  readonly seed: number;
  #nowMs = 1_800_000_000_000;
  #order = 0;
  #steps = 0;
  readonly #queue = new Heap<Task>((a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order));

  constructor(seed: number) {
    this.seed = seed;
    this.random = createRandom(seed);
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  get steps(): number {
    return this.#steps;
  }

  /** How many tasks wait for their time. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Runs `task` after `ms` of the world's time. */
  after(ms: number, run: () => void): void {
    this.#queue.push({ atMs: this.#nowMs + Math.max(0, ms), order: this.#order++, run });
  }

  /** A whole number of milliseconds from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.random.below(most - least + 1);
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.random.next() * 100 < percent;
  }

  /** Lives for `ms`, calling `afterStep` after every step. */
  async run(ms: number, afterStep: () => void = () => {}): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      await settled();
      const next = this.#queue.peek();
      if (next === undefined || next.atMs > endMs) break;
      this.#queue.pop();
      this.#nowMs = next.atMs;
      this.#steps++;
      next.run();
      afterStep();
    }
    this.#nowMs = endMs;
  }
}

// All microtasks run before the next macrotask, so one turn of the real event loop settles every promise that can settle.
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
