import fc from "fast-check";
import { expect, it } from "vitest";
import { Timers } from "./timers.ts";

it("gives what is due in order of time, then of addition", () => {
  const timers = new Timers<string>();
  for (const [atMs, event] of [
    [20, "c"],
    [10, "a"],
    [20, "d"],
    [15, "b"],
  ] as const)
    timers.add(atMs, event);
  expect([timers.nextMs(), timers.takeDue(5)]).toEqual([10, undefined]);
  expect(Array.from({ length: 5 }, () => timers.takeDue(20))).toEqual(["a", "b", "c", "d", undefined]);
});

it("shows exactly what is due until a time, and keeps it", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50)), fc.nat(50), (times, atMs) => {
      const timers = new Timers<number>();
      for (const time of times) timers.add(time, time);
      const expected = times.filter((time) => time <= atMs).sort((a, b) => a - b);
      expect([...timers.until(atMs)].sort((a, b) => a - b)).toEqual(expected);
      expect(timers.nextMs()).toBe(times.length === 0 ? undefined : Math.min(...times));
    }),
  );
});
