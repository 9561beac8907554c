import type { JobRun } from "../run.ts";
import type { RunRef } from "../state.ts";

/** The runs that want an offer: those of high priority first, then first come, first served. Each call costs the same however many there are. */
export class WaitingRuns {
  readonly #urgent = new Line();
  readonly #usual = new Line();
  #new: RunRef[] = [];

  get size(): number {
    return this.#urgent.size + this.#usual.size;
  }

  /** Puts a run at the end; one that is there keeps its place. */
  add({ job, id }: Pick<JobRun, "job" | "id">, isHighPriority: boolean): void {
    const ref = { job, run: id };
    if (this.has(ref)) return;
    (isHighPriority ? this.#urgent : this.#usual).add(keyOf(ref), ref);
    this.#new.push(ref);
  }

  remove(ref: RunRef): void {
    const key = keyOf(ref);
    if (!this.#urgent.delete(key)) this.#usual.delete(key);
  }

  has(ref: RunRef): boolean {
    const key = keyOf(ref);
    return this.#urgent.has(key) || this.#usual.has(key);
  }

  /** Those that were added since this was asked last, whether they still wait or not. */
  takeNew(): readonly RunRef[] {
    const taken = this.#new;
    if (taken.length > 0) this.#new = [];
    return taken;
  }

  /** What is removed meanwhile is not met again. */
  *[Symbol.iterator](): Generator<RunRef, undefined> {
    yield* this.#urgent;
    yield* this.#usual;
  }
}

function keyOf({ job, run }: RunRef): string {
  return `${job} ${run}`;
}

interface Place {
  readonly ref: RunRef;
  before: Place | undefined;
  next: Place | undefined;
  isGone: boolean;
}

/** A chain, because a Map whose first members are taken again and again is walked from its beginning through all that have left. */
class Line {
  readonly #places = new Map<string, Place>();
  #first: Place | undefined;
  #last: Place | undefined;

  get size(): number {
    return this.#places.size;
  }

  has(key: string): boolean {
    return this.#places.has(key);
  }

  add(key: string, ref: RunRef): void {
    const place: Place = { ref, before: this.#last, next: undefined, isGone: false };
    if (this.#last === undefined) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
    this.#places.set(key, place);
  }

  delete(key: string): boolean {
    const place = this.#places.get(key);
    if (place === undefined) return false;
    this.#places.delete(key);
    place.isGone = true;
    if (place.before === undefined) this.#first = place.next;
    else place.before.next = place.next;
    if (place.next === undefined) this.#last = place.before;
    else place.next.before = place.before;
    return true;
  }

  *[Symbol.iterator](): Generator<RunRef, undefined> {
    let place = this.#first;
    while (place !== undefined) {
      yield place.ref;
      place = this.#after(place);
    }
  }

  /** The next one that waits. Whoever has left still knows who came after it, and that one may have left as well. */
  #after(place: Place): Place | undefined {
    let next = place.next;
    while (next?.isGone) next = next.next;
    return next;
  }
}
