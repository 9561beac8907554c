import { expect, test } from "vitest";
import { rateLimitsProblem } from "../../core/master/rate-limits.ts";
import { CallRates } from "./call-rates.ts";

/** Time that passes when told. */
function clock() {
  let nowMs = 0;
  let due: { atMs: number; task: () => void }[] = [];
  const pass = (ms: number) => {
    const untilMs = nowMs + ms;
    for (;;) {
      const next = due.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined) break;
      due = due.filter((one) => one !== next);
      nowMs = Math.max(nowMs, next.atMs);
      next.task();
    }
    nowMs = untilMs;
  };
  const later = (task: () => void, ms: number) => void due.push({ atMs: nowMs + ms, task });
  return { pass, ports: { nowMs: () => nowMs, later } };
}

test("calls of a limited principal pass at its rate and in their order; those of others pass at once", () => {
  const { pass, ports } = clock();
  const rates = new CallRates({ limits: [{ principal: "p", qps: 10 }, { principal: "free" }] }, ports);
  const passed: string[] = [];
  pass(1_000);
  for (const name of ["a", "b", "c"]) expect(rates.take("p", () => passed.push(name))).toBe(true);
  rates.take("free", () => passed.push("free"));
  rates.take("other", () => passed.push("other"));
  rates.take(undefined, () => passed.push("none"));
  expect(passed).toEqual(["a", "free", "other", "none"]);
  expect(rates.waiting).toBe(2);
  pass(99);
  expect(passed).toHaveLength(4);
  pass(1);
  expect(passed.at(-1)).toBe("b");
  pass(100);
  expect(passed.at(-1)).toBe("c");
  expect(rates.samples().map(({ name, value }) => [name, value])).toEqual([
    ["frameworks/p/messages_received", 3],
    ["frameworks/p/messages_processed", 3],
  ]);
});

test("beyond the capacity calls are refused, and counted; when it is their turn others are taken", () => {
  const { pass, ports } = clock();
  const rates = new CallRates({ aggregate_default_qps: 1, aggregate_default_capacity: 2 }, ports);
  const take = () => rates.take("any", () => {});
  pass(5_000);
  expect([take(), take(), take(), take()]).toEqual([true, true, true, false]);
  expect([rates.waiting, rates.refused]).toEqual([2, 1]);
  pass(1_000);
  expect(take()).toBe(true);
});

test("a rate above what timers can hold is held on average, and a rest is not made up for", () => {
  const { pass, ports } = clock();
  const rates = new CallRates({ aggregate_default_qps: 5_000 }, ports);
  let passed = 0;
  pass(60_000);
  for (let i = 0; i < 20_000; i++) rates.take(undefined, () => passed++);
  expect(passed).toBeLessThanOrEqual(101);
  pass(1_000);
  expect(passed).toBeGreaterThan(4_900);
  expect(passed).toBeLessThan(5_200);
});

test.each([
  [{ limits: [{ principal: "a", qps: 1.5, capacity: 0 }], aggregate_default_qps: 3 }, undefined],
  [{}, undefined],
  [[], "it is not an object"],
  [{ limit: [] }, "it knows no 'limit'"],
  [{ limits: {} }, "'limits' is not a list"],
  [{ limits: [{ qps: 1 }] }, "a limit has no 'principal'"],
  [{ limits: [{ principal: "a" }, { principal: "a" }] }, "'a' is limited twice"],
  [{ limits: [{ principal: "a", qps: 0 }] }, "of 'a', the qps is not a number above 0"],
  [{ aggregate_default_capacity: -1 }, "the capacity is not a whole number"],
])("of the rate limits %j it says: %s", (value, problem) => {
  expect(rateLimitsProblem(value)).toBe(problem);
});
