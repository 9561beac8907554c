import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Circumstances, type HealthRecord, isAlive, withResult } from "./record.ts";

const running = (nowMs: number, gracePeriodSeconds = 0): Circumstances => ({
  runningSinceMs: 0,
  gracePeriodSeconds,
  nowMs,
});

/** What is left of a row of results, a second apart: `+` is a success, `-` a failure. */
function after(results: string, circumstances: (nowMs: number) => Circumstances): HealthRecord | undefined {
  return [...results].reduce<HealthRecord | undefined>((record, sign, i) => {
    const atMs = (i + 1) * 1000;
    const result = { succeeded: sign === "+", atMs, cause: sign === "+" ? undefined : "down" };
    return withResult(record, result, circumstances(atMs)) ?? record;
  }, undefined);
}

describe("a record of a health check", () => {
  it("knows its first and last success, its last failure and why, and how many failures came in a row", () => {
    expect(after("++--", running)).toEqual({
      firstSuccessMs: 1000,
      lastSuccessMs: 2000,
      lastFailureMs: 4000,
      lastFailureCause: "down",
      consecutiveFailures: 2,
    });
    expect(after("+--+", running)).toMatchObject({ firstSuccessMs: 1000, lastSuccessMs: 4000, consecutiveFailures: 0 });
  });

  it("overlooks failures while the instance does not run", () => {
    expect(after("---", (nowMs) => ({ ...running(nowMs), runningSinceMs: undefined }))).toBeUndefined();
  });

  it("overlooks failures within the grace period and before the first success", () => {
    expect(after("--", (nowMs) => running(nowMs, 10))).toBeUndefined();
    expect(after("+-", (nowMs) => running(nowMs, 10))).toMatchObject({ consecutiveFailures: 1 });
    expect(after("---", (nowMs) => running(nowMs, 2))).toMatchObject({ consecutiveFailures: 2 });
  });

  it("is alive when its last word was a success", () => {
    expect(["", "+", "-", "+-", "+-+", "-+"].map((results) => isAlive(after(results, running)))).toEqual([
      false,
      true,
      false,
      false,
      true,
      true,
    ]);
  });

  it("holds to the rules whatever is told, whatever the clocks of agents say", () => {
    const told = fc.record({
      succeeded: fc.boolean(),
      atMs: fc.integer({ min: 0, max: 100_000 }),
      nowMs: fc.integer({ min: 0, max: 100_000 }),
      isRunning: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(told), fc.integer({ min: 0, max: 60 }), (all, gracePeriodSeconds) => {
        let record: HealthRecord | undefined;
        let [successes, row] = [0, 0];
        let last: boolean | undefined;
        for (const { succeeded, atMs, nowMs, isRunning } of all) {
          const circumstances = { runningSinceMs: isRunning ? 0 : undefined, gracePeriodSeconds, nowMs };
          const next = withResult(record, { succeeded, atMs }, circumstances);
          const inGrace = successes === 0 && gracePeriodSeconds * 1000 > nowMs;
          expect(next === undefined).toBe(!succeeded && (!isRunning || inGrace));
          if (next === undefined) continue;
          record = next;
          last = succeeded;
          row = succeeded ? 0 : row + 1;
          if (succeeded) successes++;
          expect(record.consecutiveFailures).toBe(row);
          expect(record.firstSuccessMs !== undefined).toBe(successes > 0);
          expect(isAlive(record)).toBe(last === true);
        }
      }),
    );
  });
});
