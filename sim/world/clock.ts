import type { World } from "./world.ts";

/** The clock of one machine, which somebody may set, while the world's time only goes on. */
export class Clock {
  readonly #world: World;
  #skewMs = 0;
  /** How far it has run ahead by its pace alone, until `#pacedAtMs`. */
  #driftMs = 0;
  #pace = 1;
  #pacedAtMs: number;

  constructor(world: World) {
    this.#world = world;
    this.#pacedAtMs = world.nowMs;
  }

  /** From now on its seconds are so long: 1.05 goes fast, 0.95 slow, and so do the timers that go by it. */
  run(pace: number): void {
    [this.#driftMs, this.#pacedAtMs, this.#pace] = [this.#drift(), this.#world.nowMs, pace];
  }

  get pace(): number {
    return this.#pace;
  }

  /** Somebody sets the clock: forward, or back with a negative number. */
  jump(ms: number): void {
    this.#skewMs += ms;
  }

  /** What a process goes by that asks the clock each time, as cron does: it follows when somebody sets it. */
  follow(): ProcessClock {
    const now = (): number => Math.floor(this.#counted() + this.#skewMs);
    return {
      get nowMs() {
        return now();
      },
    };
  }

  /** What a process that starts now goes by: it reads the clock once, and then counts. */
  read(): ProcessClock {
    const skewMs = this.#skewMs;
    const now = (): number => this.#counted() + skewMs;
    return {
      get nowMs() {
        return now();
      },
    };
  }

  #counted(): number {
    return this.#world.nowMs + this.#drift();
  }

  #drift(): number {
    return this.#driftMs + (this.#world.nowMs - this.#pacedAtMs) * (this.#pace - 1);
  }
}

/** The time as a process has it. */
export interface ProcessClock {
  readonly nowMs: number;
}
