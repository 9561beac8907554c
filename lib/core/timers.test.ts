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

it("forgets what means nothing any more, so that it does not grow with what was changed", () => {
  let meant = 0;
  const timers = new Timers<number>((event) => (event === meant ? "meant" : undefined));
  for (; meant < 10_000; meant++) timers.add(1_000_000 - meant, meant);
  meant--;
  timers.add(5, meant);
  expect(timers.size).toBeLessThan(1500);
  expect([timers.takeDue(5), timers.nextMs()]).toEqual([9999, 1_000_000 - 9999]);
});

it("keeps of those that mean the same the first", () => {
  const timers = new Timers<string>((event) => event);
  for (let i = 0; i < 5000; i++) timers.add(10_000 - i, i % 2 === 0 ? "even" : "odd");
  expect(timers.size).toBeLessThan(1000);
  expect([timers.takeDue(5001), timers.takeDue(5002)]).toEqual(["odd", "even"]);
});
