import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WaitingRuns } from "./waiting.ts";

const aRun = (number: number) => ({ job: `j${number % 3}`, id: `r${number}` });
const aRef = (number: number) => ({ job: `j${number % 3}`, run: `r${number}` });

describe("runs that wait for an offer", () => {
  it("come first when their priority is high, and else in their order", () => {
    const waiting = new WaitingRuns();
    for (const number of [1, 2, 3, 4]) waiting.add(aRun(number), number > 2);
    expect([...waiting].map(({ run }) => run)).toEqual(["r3", "r4", "r1", "r2"]);
  });

  it("keep their place when they are added again", () => {
    const waiting = new WaitingRuns();
    for (const number of [1, 2, 1]) waiting.add(aRun(number), false);
    expect([waiting.size, [...waiting].map(({ run }) => run)]).toEqual([2, ["r1", "r2"]]);
  });

  it("are told once when they are new", () => {
    const waiting = new WaitingRuns();
    waiting.add(aRun(1), false);
    expect([waiting.takeNew(), waiting.takeNew()]).toEqual([[aRef(1)], []]);
  });

  it("may leave while somebody walks past, who does not meet them", () => {
    const waiting = new WaitingRuns();
    for (let number = 0; number < 6; number++) waiting.add(aRun(number), false);
    const met: string[] = [];
    for (const { run } of waiting) {
      met.push(run);
      if (run === "r1") for (const gone of [0, 1, 2, 3]) waiting.remove(aRef(gone));
    }
    expect(met).toEqual(["r0", "r1", "r4", "r5"]);
  });

  it("are what a list would be", () => {
    const step = fc.record({ isAdded: fc.boolean(), number: fc.nat(12), isHighPriority: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const waiting = new WaitingRuns();
        let model: { run: string; isHighPriority: boolean }[] = [];
        for (const { isAdded, number, isHighPriority } of steps) {
          const run = `r${number}`;
          if (isAdded) waiting.add(aRun(number), isHighPriority);
          else waiting.remove(aRef(number));
          if (!isAdded) model = model.filter((one) => one.run !== run);
          else if (model.every((one) => one.run !== run)) model.push({ run, isHighPriority });
          const order = [...model.filter((one) => one.isHighPriority), ...model.filter((one) => !one.isHighPriority)];
          expect([...waiting].map((ref) => ref.run)).toEqual(order.map((one) => one.run));
          expect(waiting.size).toBe(model.length);
        }
      }),
    );
  });
});
