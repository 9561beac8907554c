import { Heap } from "./heap.ts";

interface Timer<Event> {
  readonly atMs: number;
  readonly order: number;
  readonly event: Event;
}

/** Events that are due at an instant. Nothing is ever cancelled: a core checks whether a wake still means something. */
export class Timers<Event> {
  readonly #meaningOf: ((event: Event) => string | undefined) | undefined;
  #order = 0;
  #heap = emptyHeap<Event>();
  #mostUntilPurge = LEAST_PURGED;

  /**
   * `meaningOf`: what an event means by now; undefined for nothing. With it, those that mean nothing are forgotten now and then, however far away they are, and of several that mean the
   * same all but the first.
   */
  constructor(meaningOf?: (event: Event) => string | undefined) {
    this.#meaningOf = meaningOf;
  }

  /** So many are about to be added that all mean something: until there are twice as many it is not worth a look at all. */
  expect(count: number): void {
    this.#mostUntilPurge = Math.max(this.#mostUntilPurge, 2 * count);
  }

  get size(): number {
    return this.#heap.size;
  }

  /** Milliseconds of the next due event, or undefined when there is none. */
  nextMs(): number | undefined {
    return this.#heap.peek()?.atMs;
  }

  add(atMs: number, event: Event): void {
    this.#heap.push({ atMs, order: this.#order++, event });
    if (this.#meaningOf !== undefined && this.#heap.size >= this.#mostUntilPurge) this.#purge(this.#meaningOf);
  }

  /** The events that are due at `atMs` or before, in any order; they stay. */
  *until(atMs: number): Generator<Event, undefined> {
    for (const { event } of this.#heap.first((one) => one.atMs <= atMs)) yield event;
  }

  /** Takes out the next event that is due at `nowMs`, in order of time, then of addition. */
  takeDue(nowMs: number): Event | undefined {
    const next = this.#heap.peek();
    return next !== undefined && next.atMs <= nowMs ? this.#heap.pop()!.event : undefined;
  }
  // When there are twice as many as the last time: so each costs little.
  #purge(meaningOf: (event: Event) => string | undefined): void {
    const first = new Map<string, Timer<Event>>();
    for (const timer of this.#heap.first(() => true)) {
      const meaning = meaningOf(timer.event);
      if (meaning === undefined) continue;
      const known = first.get(meaning);
      if (known === undefined || isBefore(timer, known)) first.set(meaning, timer);
    }
    this.#heap = emptyHeap();
    for (const timer of first.values()) this.#heap.push(timer);
    this.#mostUntilPurge = Math.max(LEAST_PURGED, 2 * first.size);
  }
}

const LEAST_PURGED = 1000;

function emptyHeap<Event>(): Heap<Timer<Event>> {
  return new Heap(isBefore<Event>);
}

function isBefore<Event>(a: Timer<Event>, b: Timer<Event>): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
