import { Timers } from "../core/timers.ts";

/** What is due later than that is looked at again then: somebody may set the clock meanwhile, or the machine may sleep. */
const LONGEST_MS = 10_000;

/** Hands out events when they are due; all of them at once when the clock was set back, since who waits by it may have to wait for something else now. */
export class Alarm<Event> {
  readonly #nowMs: () => number;
  readonly #ring: (event: Event) => void;
  #timers = new Timers<Event>();
  #timeout: NodeJS.Timeout | undefined;
  #atMs = Number.POSITIVE_INFINITY;
  /** When the timeout was set, by the clock. */
  #sinceMs = Number.NEGATIVE_INFINITY;

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
    this.#sinceMs = this.#nowMs();
    const waitMs = Math.min(LONGEST_MS, Math.max(0, nextMs - this.#sinceMs));
    this.#timeout = setTimeout(() => this.#due(), waitMs);
  }

  #due(): void {
    if (this.#nowMs() < this.#sinceMs) this.#ringAll();
    for (;;) {
      const event = this.#timers.takeDue(this.#nowMs());
      if (event === undefined) break;
      this.#ring(event);
    }
    this.#set();
  }

  #ringAll(): void {
    const timers = this.#timers;
    this.#timers = new Timers();
    for (let event = timers.takeDue(Number.POSITIVE_INFINITY); event !== undefined; ) {
      this.#ring(event);
      event = timers.takeDue(Number.POSITIVE_INFINITY);
    }
  }
}
