import { describe, expect, it } from "vitest";
import { Durations } from "./stats.ts";

function of(...seconds: number[]): Durations {
  const durations = new Durations();
  for (const one of seconds) durations.add(one);
  return durations;
}

describe("how long runs took", () => {
  it("is nothing before the first", () => {
    const none = of();
    expect([none.count, none.mean, none.percentile(0.99)]).toEqual([0, 0, 0]);
  });

  it("is itself of one run", () => {
    expect([of(7).mean, of(7).percentile(0.01), of(7).percentile(0.99)]).toEqual([7, 7, 7]);
  });

  it("lies between two runs, as their places say", () => {
    const four = of(4, 1, 3, 2);
    expect([four.count, four.mean, four.percentile(0.5), four.percentile(0.75), four.percentile(0.99)]).toEqual([
      4, 2.5, 2.5, 3.75, 4,
    ]);
  });

  it("forgets what is long ago, and counts on", () => {
    const durations = of(...Array.from({ length: 1000 }, (_, i) => i));
    expect([durations.count, durations.mean, durations.percentile(0)]).toEqual([1000, 949.5, 900]);
  });
});
