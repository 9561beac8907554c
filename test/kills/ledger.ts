import { NOTHING, type Subject } from "./subject.ts";

type Shapes = Pick<Subject, "writers" | "shape">;

/** What was asked and acknowledged, writer by writer, and the judge of what is found after a kill. */
export class Ledger {
  /** Acknowledgements so far. */
  acknowledged = 0;
  /** Requests that a kill left without an answer: done, and not done. */
  readonly unanswered = { done: 0, notDone: 0 };
  readonly #subject: Shapes;
  /** The last write that is known to be stored. */
  readonly #stored: number[];
  /** The write that was asked for and is not answered. */
  readonly #open: (number | undefined)[];

  constructor(subject: Shapes) {
    this.#subject = subject;
    this.#stored = Array(subject.writers).fill(0);
    this.#open = Array(subject.writers);
  }

  /** The number of the writer's next write, which from now on may be done. */
  ask(writer: number): number {
    const number = this.#stored[writer]! + 1;
    this.#open[writer] = number;
    return number;
  }

  /** The part has said that it is done. */
  acknowledge(writer: number): void {
    this.#stored[writer] = this.#open[writer]!;
    this.#open[writer] = undefined;
    this.acknowledged++;
  }

  /** The part has said that nothing of it happened. */
  refuse(writer: number): void {
    this.#open[writer] = undefined;
  }

  /** Compares with what is there after a restart, and goes on from that. One sentence for each broken promise. */
  compare(found: ReadonlyMap<number, string>): string[] {
    const strangers = [...found.keys()].filter((writer) => !(writer >= 0 && writer < this.#subject.writers));
    const problems = strangers.map((writer) => `there is something of a writer ${writer} that nobody wrote`);
    for (let writer = 0; writer < this.#subject.writers; writer++) {
      const problem = this.#compareOne(writer, found.get(writer) ?? NOTHING);
      if (problem !== undefined) problems.push(problem);
    }
    return problems;
  }

  #compareOne(writer: number, found: string): string | undefined {
    const [stored, open] = [this.#stored[writer]!, this.#open[writer]];
    this.#open[writer] = undefined;
    const before = this.#subject.shape(writer, stored);
    const after = open === undefined ? undefined : this.#subject.shape(writer, open);
    if (found === after && open !== undefined) {
      this.#stored[writer] = open;
      this.unanswered.done++;
      return undefined;
    }
    if (open !== undefined) this.unanswered.notDone++;
    if (found === before) return undefined;
    const asked = after === undefined ? "" : `, or ${after} as of write ${open}, which was not answered`;
    return `writer ${writer} has ${found}, and not ${before} as of write ${stored}, which was acknowledged${asked}`;
  }
}
