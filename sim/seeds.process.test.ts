import { availableParallelism } from "node:os";
import { expect, it } from "vitest";
import { playAll } from "./pool.ts";
import { addPlayed, noTotals, totalsText } from "./totals.ts";

/** Where two minutes are too short for these, they have the time that they need. */
const AT_LEAST = 300;
const BUDGET_MS = 120_000;

// As `npm run sim -- --jobs 2` plays them: all seeds from 1 on, each as it is drawn, none left out. A loaded machine takes its time.
it("no history breaks a promise: I1 to I10 after every step, and rest after the last fault", {
  timeout: 7_200_000,
}, async ({ signal }) => {
  const endMs = performance.now() + BUDGET_MS;
  const totals = noTotals();
  let seeds = 0;
  await playAll(
    {
      from: 1,
      wants: (seed) => seed <= AT_LEAST || performance.now() < endMs,
      choice: {},
      done: (_seed, played) => {
        seeds++;
        for (const one of played) addPlayed(totals, one);
      },
      signal,
    },
    Math.min(2, availableParallelism()),
  );
  console.log(`simulated ${seeds} seeds: ${totalsText(totals)}`);
  expect(totals.violations).toEqual([]);
  expect(seeds).toBeGreaterThanOrEqual(AT_LEAST);
  expect(totals.updates).toBeGreaterThan(totals.histories);
  // Where less is demanded of jobs, it is not seen when they do nothing.
  expect(totals.demanded).toBeGreaterThan(totals.runs * 0.8);
});
