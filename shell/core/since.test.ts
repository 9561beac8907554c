import fc from "fast-check";
import { expect, test } from "vitest";
import { fineSpan, iso, parseSpan, since, span } from "./since.ts";

test("spans are short, and exact to two units only while they are small", () => {
  const spans = [undefined, 0, 999, 1000, 59_000, 60_000, 185_000, 3_600_000, 4_800_000, 90_000_000, 864_000_000];
  expect(spans.map(span)).toEqual(["-", "0s", "0s", "1s", "59s", "1m", "3m", "1h", "1h20m", "1d1h", "10d"]);
});

test("short waits are told to the hundredth of a second", () => {
  expect([0, 346, 9994, 10_400].map(fineSpan)).toEqual(["0s", "0.35s", "9.99s", "10s"]);
});

test("an instant in the future is no time ago", () => {
  expect(since(2000, 1000)).toBe("0s");
  expect(since(undefined, 1000)).toBe("-");
});

test("durations are read as people and Mesos write them", () => {
  const texts = ["90", "90s", "1.5m", "1h30m", "10mins", "5secs", "250ms", "2weeks"];
  expect(texts.map(parseSpan)).toEqual([90_000, 90_000, 90_000, 5_400_000, 600_000, 5000, 250, 1_209_600_000]);
  for (const wrong of ["", "s", "1x", "1h 3m", "-5s", "1constructor"]) expect(parseSpan(wrong)).toBeUndefined();
});

test("an instant is written as the calendar says", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4_102_444_800_000 }), (ms) => {
      expect(iso(ms)).toBe(new Date(ms).toISOString().replace(/\.\d+Z/, "Z"));
    }),
  );
});
