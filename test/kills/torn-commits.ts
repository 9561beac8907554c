import type { Change } from "@meseta/lib/core/ports/store.ts";
import { createRandom, type Random } from "@meseta/lib/core/random.ts";

export const COMMITS_A_LIFE = 8;

/** What the commits of a life do, by seed: some records, some hundreds, some of many pages; and which of them it was. */
export function changesOf(seed: number, count: number): Change[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, at) => changeOf(random, at + 1));
}

/** All records after each of the commits, in order; first of all after none. */
export function recordsAfterEach(changes: readonly Change[]): string[] {
  const records = new Map<string, string>();
  return [
    asText(records),
    ...changes.map(({ puts, deletes }) => {
      for (const [key, value] of puts) records.set(key, value);
      for (const key of deletes) records.delete(key);
      return asText(records);
    }),
  ];
}

function changeOf(random: Random, number: number): Change {
  const count = random.below(5) === 0 ? 40 + random.below(200) : 1 + random.below(6);
  const puts = new Map([["number", `${number}`]]);
  for (let i = 0; i < count; i++) puts.set(`record/${random.below(300)}`, textOf(random, number));
  const deletes = Array.from({ length: random.below(8) }, () => `record/${random.below(300)}`);
  return { puts, deletes: new Set(deletes.filter((key) => !puts.has(key))) };
}

function textOf(random: Random, number: number): string {
  return `${number} `.repeat(1 + random.below(random.below(20) === 0 ? 5_000 : 60));
}

function asText(records: ReadonlyMap<string, string>): string {
  return JSON.stringify([...records].sort(([a], [b]) => (a < b ? -1 : 1)));
}
