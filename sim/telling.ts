import type { World } from "./world/world.ts";

/** Tells a history: its faults to those who read, and, to who asks, every step on a line of its own. */
export class Telling {
  readonly #world: World;
  readonly #startMs: number;
  readonly #tell: (line: string) => void;

  constructor(world: World, tell: (line: string) => void, log: ((line: string) => void) | undefined) {
    this.#world = world;
    this.#startMs = world.nowMs;
    this.#tell = tell;
    if (log !== undefined)
      world.log = (what, from, to) =>
        log(`${this.time()} ${world.steps} ${to === undefined ? from : `${from} > ${to}`} ${what}`);
  }

  /** Seconds since the history began. */
  time(): string {
    return (this.passedMs / 1000).toFixed(3);
  }

  get passedMs(): number {
    return this.#world.nowMs - this.#startMs;
  }

  fault(what: string): void {
    this.#tell(`${this.time()} ${what}`);
    this.#world.log?.(what, "fault");
  }
}
