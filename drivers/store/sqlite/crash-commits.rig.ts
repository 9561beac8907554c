import type { Change } from "@meseta/lib/core/ports/store.ts";

/** What the commit of that number, from 1, does. Of its records some are new, some replaced, some gone, and one takes several pages. */
export function changeOf(number: number): Change {
  const value = `${number} `.repeat(number % 3 === 0 ? 4_000 : 20);
  const puts = new Map([
    ["last", `${number}`],
    [`new/${number}`, value],
    [`turn/${number % 2}`, value],
  ]);
  return { puts, deletes: new Set(number > 2 ? [`new/${number - 2}`] : []) };
}

/** What is there after so many commits, in order. */
export function recordsAfter(count: number): [string, string][] {
  const records = new Map<string, string>();
  for (let number = 1; number <= count; number++) {
    const { puts, deletes } = changeOf(number);
    for (const [key, value] of puts) records.set(key, value);
    for (const key of deletes) records.delete(key);
  }
  return [...records].sort(([a], [b]) => (a < b ? -1 : 1));
}
