import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PARTS, PLACES } from "./parts.ts";
import { FAULT_KINDS, LEADERS, planOf, tellBlow } from "./plan.ts";

const wish = fc.record({
  seed: fc.nat(),
  forMs: fc.integer({ min: 1_000, max: 400_000 }),
  kinds: fc.subarray([...FAULT_KINDS], { minLength: 1 }),
});

describe("a plan of faults", () => {
  it("is the same for the same seed", () => {
    fc.assert(fc.property(wish, (one) => void expect(planOf(one)).toEqual(planOf(one))));
  });

  it("is in order, has only the kinds that were asked for, and all is healed in time", () => {
    fc.assert(
      fc.property(wish, (one) => {
        const plan = planOf(one);
        expect(plan.map(({ atMs }) => atMs)).toEqual(plan.map(({ atMs }) => atMs).sort((a, b) => a - b));
        const wrong = plan.filter(
          ({ atMs, forMs, blow }) => atMs + forMs > one.forMs || !one.kinds.includes(blow.kind),
        );
        expect(wrong).toEqual([]);
      }),
    );
  });

  it("names only who is there", () => {
    const known = new Set([...LEADERS, ...PLACES.map(({ name }) => name)]);
    for (const { blow } of planOf({ seed: 1, forMs: 3_600_000, kinds: FAULT_KINDS }))
      for (const name of blow.kind === "partition" ? blow.side : [blow.victim]) expect(known).toContain(name);
  });

  it("has everything within an hour: each kind at each part, each shape of partition, and several at once", () => {
    const plan = planOf({ seed: 2, forMs: 3_600_000, kinds: FAULT_KINDS });
    const told = new Set(plan.map(({ blow }) => tellBlow(blow)));
    for (const { name } of PARTS) expect([...told].some((line) => line === `kill ${name}`)).toBe(true);
    const cuts = plan.flatMap(({ blow }) => (blow.kind === "partition" ? [blow] : []));
    expect(new Set(cuts.map(({ deaf }) => deaf)).size).toBe(3);
    expect(cuts.some(({ everyMs }) => everyMs !== undefined)).toBe(true);
    expect(cuts.some(({ percent }) => percent !== undefined)).toBe(true);
    expect(cuts.some(({ side }) => side.length > 1)).toBe(true);
    const overlapping = plan.some((one, at) =>
      plan.slice(0, at).some(({ atMs, forMs }) => forMs > 0 && atMs + forMs > one.atMs),
    );
    expect(overlapping).toBe(true);
  });
});
