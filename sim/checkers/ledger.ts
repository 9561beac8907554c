import type { MasterState } from "@meseta/kernel/core/master/state.ts";
import { Violation } from "./violation.ts";

/** Something that operators set, and how it is read from a master. */
export interface Fact {
  readonly key: string;
  /** undefined: this master cannot know, or need not (the agent is gone). */
  read(state: MasterState): string | undefined;
}

/**
 * I5 for operators: what they were told is done stays done. A write without an answer may have happened or not; until the
 * next one is answered both are right.
 */
export class Ledger {
  readonly #facts = new Map<string, { fact: Fact; possible: Set<string> }>();

  /** A write is on its way that would make `value` of the fact; `before` is what it was if nobody wrote it yet. */
  begin(fact: Fact, value: string, before: string): void {
    const known = this.#facts.get(fact.key);
    if (known === undefined) this.#facts.set(fact.key, { fact, possible: new Set([before, value]) });
    else known.possible.add(value);
  }

  acknowledged({ key }: Fact, value: string): void {
    this.#facts.get(key)!.possible = new Set([value]);
  }

  /** What each fact may be now. */
  possible(): ReadonlyMap<string, ReadonlySet<string>> {
    return new Map([...this.#facts].map(([key, { possible }]) => [key, new Set(possible)]));
  }

  /** What a master holds of each fact that it can know. */
  values(state: MasterState): Map<string, string> {
    const values = new Map<string, string>();
    for (const { fact } of this.#facts.values()) {
      const value = fact.read(state);
      if (value !== undefined) values.set(fact.key, value);
    }
    return values;
  }

  /** What was read is what it may have been when that was asked for, or may be now. */
  checkRead(values: ReadonlyMap<string, string>, before: ReadonlyMap<string, ReadonlySet<string>>): void {
    for (const [key, value] of values)
      if (before.has(key) && !before.get(key)!.has(value) && !this.#facts.get(key)!.possible.has(value))
        throw new Violation(
          `I5: ${key} was read as ${value}, and had been ${[...before.get(key)!].join(" or ")} before`,
        );
  }

  check(state: MasterState): void {
    for (const { fact, possible } of this.#facts.values()) {
      const value = fact.read(state);
      if (value !== undefined && !possible.has(value))
        throw new Violation(`I5: ${fact.key} is ${value}, and was acknowledged as ${[...possible].join(" or ")}`);
    }
  }
}
