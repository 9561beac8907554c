import type { Request } from "./lane.ts";

/**
 * A part whose acknowledgements are tested. Each of its writers has something of its own, and writes it again and again: write number n changes several things in one
 * request, so that half of it would be seen.
 */
export interface Subject {
  readonly part: "master" | "init" | "cron";
  readonly writers: number;
  /** What `bin/meseta` is called with, beside the folder and the store. */
  flags(port: number, otherPort: number): readonly string[];
  /** To which of the two ports requests go. */
  readonly listens: "first" | "second";
  write(writer: number, number: number): Request;
  /** What there is of a writer after its write of that number, as `found` tells it; number 0: nothing was written yet. */
  shape(writer: number, number: number): string;
  /** What a reader asks for in order to see all of it. */
  readonly reads: readonly Request[];
  /** What the answers say of each writer; those of whom there is nothing are left out. */
  found(answers: readonly string[]): ReadonlyMap<number, string>;
}

/** Of a writer of whom there is nothing. */
export const NOTHING = "nothing";

/** The pieces of each writer as one text: `1 1`, in the order of their names. */
export function gathered(pieces: Iterable<readonly [writer: number, name: string, text: string]>): Map<number, string> {
  const of = new Map<number, [string, string][]>();
  for (const [writer, name, text] of pieces) {
    const all = of.get(writer) ?? [];
    all.push([name, text]);
    of.set(writer, all);
  }
  const inOrder = (all: [string, string][]): string =>
    all
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, text]) => `${name}=${text}`)
      .join(" ");
  return new Map([...of].map(([writer, all]) => [writer, inOrder(all)]));
}
