import { Heap } from "./heap.ts";

/** Events that are due at an instant. Nothing is ever cancelled: a core checks whether a wake still means something. */
export class Timers<Event> {
  #order = 0;
  readonly #heap = new Heap<{ atMs: number; order: number; event: Event }>(
    (a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order),
  );

  /** Milliseconds of the next due event, or undefined when there is none. */
  nextMs(): number | undefined {
    return this.#heap.peek()?.atMs;
  }

  add(atMs: number, event: Event): void {
    this.#heap.push({ atMs, order: this.#order++, event });
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
}
