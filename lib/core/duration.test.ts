import fc from "fast-check";
import { expect, it } from "vitest";
import { formatDurationMs, parseDurationMs } from "./duration.ts";

it("reads what Mesos' flags write", () => {
  expect(["5secs", "15mins", "1.5hrs", "1weeks", "250ms", "0secs"].map(parseDurationMs)).toEqual([
    5e3, 9e5, 5.4e6, 6.048e8, 250, 0,
  ]);
});

it("refuses what is no duration", () => {
  expect(["5", "5 secs", "-1secs", "secs", "5sec", "", "1e3secs"].map(parseDurationMs)).toEqual(
    Array(7).fill(undefined),
  );
});

it("whole milliseconds survive being written and read", () => {
  fc.assert(fc.property(fc.nat(), (ms) => parseDurationMs(formatDurationMs(ms)) === ms));
});

it("writes the largest unit that fits", () => {
  expect([5_000, 900_000, 604_800_000, 1_500].map(formatDurationMs)).toEqual(["5secs", "15mins", "1weeks", "1500ms"]);
});
