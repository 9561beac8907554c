import type { World } from "./world.ts";

/** What travels on one socket: each takes its time, and none overtakes another. */
export class Lane {
  readonly #world: World;
  #lastMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Runs `task` after `least` to `most` ms, and not before those that were given earlier. */
  after(least: number, most: number, task: () => void): void {
    this.#lastMs = Math.max(this.#lastMs, this.#world.nowMs + this.#world.between(least, most));
    this.#world.after(this.#lastMs - this.#world.nowMs, task);
  }
}
