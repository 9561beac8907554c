/** What is to happen. */
export interface Task {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/**
 * All that is to happen, in order of time, and of one moment in the order in which it was noted. A fifth of all is to happen in the moment in which it is noted, and waits in a list; the
 * rest in a binary heap, which compares for itself: this is asked at every step.
 */
export class Agenda {
  nowMs: number;
  #order = 0;
  readonly #later: Task[] = [];
  /** Of this very moment: all that was noted for it before stands in the heap, and comes first. */
  readonly #now: Task[] = [];
  /** How many of these have happened. */
  #done = 0;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  get size(): number {
    return this.#later.length + this.#now.length - this.#done;
  }

  /** `run` happens `ms` from now. */
  note(ms: number, run: () => void): void {
    const task = { atMs: this.nowMs + Math.max(0, ms), order: this.#order++, run };
    if (task.atMs === this.nowMs) this.#now.push(task);
    else rise(this.#later, task);
  }

  /** Takes what is next, unless that is after `endMs`, and goes on to its time. */
  next(endMs: number): Task | undefined {
    const first = this.#later[0];
    if (this.#now.length > 0 && first?.atMs !== this.nowMs) return this.#nextNow();
    if (first === undefined || first.atMs > endMs) return undefined;
    const last = this.#later.pop()!;
    if (last !== first) sink(this.#later, last);
    this.nowMs = first.atMs;
    return first;
  }

  #nextNow(): Task {
    const task = this.#now[this.#done++]!;
    if (this.#done === this.#now.length) this.#done = this.#now.length = 0;
    return task;
  }
}

const isBefore = (one: Task, other: Task): boolean =>
  one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);

function rise(heap: Task[], task: Task): void {
  let hole = heap.length;
  heap.push(task);
  while (hole > 0) {
    const above = (hole - 1) >> 1;
    if (!isBefore(task, heap[above]!)) break;
    heap[hole] = heap[above]!;
    hole = above;
  }
  heap[hole] = task;
}

/** Puts the task where the first one was. */
function sink(heap: Task[], task: Task): void {
  const half = heap.length >> 1;
  let hole = 0;
  while (hole < half) {
    let below = 2 * hole + 1;
    if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++;
    if (!isBefore(heap[below]!, task)) break;
    heap[hole] = heap[below]!;
    hole = below;
  }
  heap[hole] = task;
}
