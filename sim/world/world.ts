import { createRandom, type Random } from "@meseta/lib/core/random.ts";
import { Agenda } from "./agenda.ts";

const START_MS = 1_800_000_000_000;
/** Who asks to be called at once, again and again, lets nothing else happen. */
const MOST_AT_ONCE = 100_000;

/**
 * A world with a clock of its own: a queue of tasks by time, and nothing else moves it. The same seed gives the same
 * history, step by step. Promises of the production code settle between two steps.
 */
export class World {
  readonly random: Random;
  readonly seed: number;
  readonly #time: Time;

  /** It begins at `startMs`, a moment of the year 2027 unless said. */
  constructor(seed: number, startMs: number = START_MS, time: Time = new Time(startMs)) {
    this.seed = seed;
    this.random = createRandom(seed);
    this.#time = time;
  }

  /** The same world for one who takes part in it, with dice of his own: what others throw does not change what he throws. */
  of(name: string): World {
    return new World(mix(this.seed, name), START_MS, this.#time);
  }

  get nowMs(): number {
    return this.#time.agenda.nowMs;
  }

  get steps(): number {
    return this.#time.steps;
  }

  /** How many tasks wait for their time. */
  get waiting(): number {
    return this.#time.agenda.size;
  }

  /** Runs `task` after `ms` of the world's time. */
  after(ms: number, run: () => void): void {
    this.#time.agenda.note(ms, run);
  }

  /** A whole number of milliseconds from `least` to `most`. */
  between(least: number, most: number): number {
    return least + this.random.below(most - least + 1);
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.random.next() * 100 < percent;
  }

  /** Who wants to be told of everything that happens, in order: one line a step. Undefined while nobody does. */
  get log(): Told | undefined {
    this.#time.isTold = true;
    return this.#time.log;
  }

  set log(log: Told | undefined) {
    this.#time.log = log;
  }

  /** Lives for `ms`, calling `afterStep` after every step. */
  async run(ms: number, afterStep: () => void = () => {}): Promise<void> {
    const time = this.#time;
    const { agenda } = time;
    const endMs = agenda.nowMs + ms;
    let atOnce = 0;
    await eachSettled(() => {
      this.#tellTurn();
      const beforeMs = agenda.nowMs;
      const next = agenda.next(endMs);
      if (next === undefined) return false;
      atOnce = next.atMs === beforeMs ? atOnce + 1 : 0;
      if (atOnce > MOST_AT_ONCE) throw new Error(`time stands still: ${atOnce} steps at one moment`);
      time.steps++;
      time.isTold = false;
      next.run();
      afterStep();
      return true;
    });
    agenda.nowMs = endMs;
  }

  // A step of which nobody has told anything is a line all the same.
  #tellTurn(): void {
    if (this.#time.isTold) return;
    this.#time.isTold = true;
    this.#time.log?.("turn", "world");
  }
}

/** Told what happened, where or from where, and to where. */
export type Told = (what: string, from: string, to?: string) => void;

/** What all who take part in a world share. */
class Time {
  readonly agenda: Agenda;
  steps = 0;
  log: Told | undefined;
  /** Whether something was told of this step; nothing has to be before the first. */
  isTold = true;

  constructor(startMs: number) {
    this.agenda = new Agenda(startMs);
  }
}

// FNV-1a over the name.
function mix(seed: number, name: string): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return hash ^ (hash >>> 15);
}

/** So many steps are ordered at a time. */
const STEPS_A_TURN = 256;

/**
 * Takes steps until one says that it was the last; before each, every promise that can settle has settled. Node runs all microtasks between two immediates, also of the same turn of its
 * event loop: a turn each would cost twenty times as much.
 */
function eachSettled(step: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    let isOver = false;
    const end = (settle: () => void): void => {
      isOver = true;
      settle();
    };
    const one = (): void => {
      if (isOver) return;
      try {
        if (!step()) end(resolve);
      } catch (error) {
        end(() => reject(error));
      }
    };
    const turn = (): void => {
      if (isOver) return;
      for (let ordered = 0; ordered < STEPS_A_TURN; ordered++) setImmediate(one);
      setImmediate(turn);
    };
    turn();
  });
}
