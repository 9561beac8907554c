import type { World } from "./world.ts";

/** The clock of one machine, which somebody may set, while the world's time only goes on. */
export class Clock {
  readonly #world: World;
  #skewMs = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Somebody sets the clock: forward, or back with a negative number. */
  jump(ms: number): void {
    this.#skewMs += ms;
  }

  /** What a process goes by that asks the clock each time, as cron does: it follows when somebody sets it. */
  follow(): ProcessClock {
    const now = (): number => Math.floor(this.#world.nowMs + this.#skewMs);
    return {
      get nowMs() {
        return now();
      },
    };
  }

  /** What a process that starts now goes by: it reads the clock once, and then counts. */
  read(): ProcessClock {
    const skewMs = this.#skewMs;
    const world = this.#world;
    return {
      get nowMs() {
        return world.nowMs + skewMs;
      },
    };
  }
}

/** The time as a process has it. */
export interface ProcessClock {
  readonly nowMs: number;
}
