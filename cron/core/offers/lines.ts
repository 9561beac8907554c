import type { RunRef } from "../state.ts";
import type { Shape } from "./shape.ts";

/** Who waits, in lines of one shape each: where the first of a line finds no place, nobody behind it does, so that thousands cost as much as one. */
export class Lines {
  readonly #urgent = new Map<Shape, Line>();
  readonly #usual = new Map<Shape, Line>();
  /** Lines with somebody who has not been tried on all held offers. */
  readonly due = new Set<Line>();
  #next = 0;
  #size = 0;

  /** How many stand in lines; those that went away may be among them until it is their turn. */
  get size(): number {
    return this.#size;
  }

  add(ref: RunRef, shape: Shape, isUrgent: boolean): void {
    const lines = isUrgent ? this.#urgent : this.#usual;
    let line = lines.get(shape);
    if (line === undefined) lines.set(shape, (line = new Line(shape, isUrgent)));
    line.push({ ref, order: this.#next++ });
    this.#size++;
    this.due.add(line);
  }

  /** The first of the line leaves it. */
  shift(line: Line): void {
    line.shift();
    this.#size--;
    if (line.first !== undefined) return;
    this.due.delete(line);
    (line.isUrgent ? this.#urgent : this.#usual).delete(line.shape);
  }

  /** Something new may fit any of them. */
  allAreDue(): void {
    for (const lines of [this.#urgent, this.#usual]) for (const line of lines.values()) this.due.add(line);
  }

  clear(): void {
    this.#urgent.clear();
    this.#usual.clear();
    this.due.clear();
    this.#size = 0;
  }
}

interface Waiting {
  readonly ref: RunRef;
  /** Who came first has the smaller one. */
  readonly order: number;
}

export class Line {
  readonly shape: Shape;
  readonly isUrgent: boolean;
  #waiting: Waiting[] = [];
  #first = 0;

  constructor(shape: Shape, isUrgent: boolean) {
    this.shape = shape;
    this.isUrgent = isUrgent;
  }

  get first(): Waiting | undefined {
    return this.#waiting[this.#first];
  }

  push(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  shift(): void {
    this.#first++;
    if (this.#first < 1000 || this.#first * 2 < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#first);
    this.#first = 0;
  }
}

/** Which line's turn it is first: what is urgent, then who came first. */
export function isBefore(a: Line, b: Line): boolean {
  return a.isUrgent === b.isUrgent ? a.first!.order < b.first!.order : a.isUrgent;
}
