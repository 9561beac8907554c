import { expect, it } from "vitest";
import { runSeed } from "./seed.ts";

const AT_LEAST = 200;
const BUDGET_MS = 60_000;

it("no history breaks a promise: I1 to I4 after every step, and rest after the last fault", {
  timeout: 600_000,
}, async () => {
  const endMs = performance.now() + BUDGET_MS;
  const totals = { histories: 0, faults: 0, updates: 0, hours: 0 };
  while (totals.histories < AT_LEAST || performance.now() < endMs) {
    const outcome = await runSeed(++totals.histories);
    totals.faults += outcome.faults;
    totals.updates += outcome.updates;
    totals.hours += outcome.simulatedMs / 3_600_000;
  }
  console.log(
    `simulated ${totals.histories} histories: ${totals.faults} faults, ${totals.updates} updates, ${totals.hours.toFixed(0)} hours`,
  );
  expect(totals.updates).toBeGreaterThan(totals.histories);
});

it("a seed gives the same history every time", async () => {
  const told: string[][] = [[], []];
  const outcomes = [
    await runSeed(4, { tell: (line) => told[0]!.push(line) }),
    await runSeed(4, { tell: (line) => told[1]!.push(line) }),
  ];
  expect(told[1]).toEqual(told[0]);
  expect(outcomes[1]).toEqual(outcomes[0]);
});
