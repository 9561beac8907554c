import { Timers } from "../core/timers.ts";

/** What is due later than that is looked at again then: somebody may set the clock meanwhile, or the machine may sleep. */
const LONGEST_MS = 10_000;

/** Hands out events when they are due. */
export class Alarm<Event> {
  readonly #nowMs: () => number;
  readonly #ring: (event: Event) => void;
  #timers = new Timers<Event>();
  #timeout: NodeJS.Timeout | undefined;
  #atMs = Number.POSITIVE_INFINITY;

  constructor(nowMs: () => number, ring: (event: Event) => void) {
    this.#nowMs = nowMs;
    this.#ring = ring;
  }

  add(atMs: number, event: Event): void {
    this.#timers.add(atMs, event);
    if (atMs < this.#atMs) this.#set();
  }

  /** Forgets everything. */
  clear(): void {
    clearTimeout(this.#timeout);
    this.#timers = new Timers();
    this.#atMs = Number.POSITIVE_INFINITY;
  }

  #set(): void {
    clearTimeout(this.#timeout);
    const nextMs = this.#timers.nextMs();
    this.#atMs = nextMs ?? Number.POSITIVE_INFINITY;
    if (nextMs === undefined) return;
    const waitMs = Math.min(LONGEST_MS, Math.max(0, nextMs - this.#nowMs()));
    this.#timeout = setTimeout(() => this.#due(), waitMs);
  }

  #due(): void {
    for (;;) {
      const event = this.#timers.takeDue(this.#nowMs());
      if (event === undefined) break;
      this.#ring(event);
    }
    this.#set();
  }
}
