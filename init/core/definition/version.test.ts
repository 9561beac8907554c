import fc from "fast-check";
import { expect, test } from "vitest";
import { formatTimestamp, nextVersion, parseTimestamp } from "./version.ts";

test("times are written as ISO in UTC with three digits, and read back", () => {
  const from = Date.UTC(1, 0, 1);
  fc.assert(
    fc.property(fc.integer({ min: from, max: Date.UTC(9999, 11, 31) }), (ms) => {
      expect(formatTimestamp(ms)).toBe(new Date(ms).toISOString());
      expect(parseTimestamp(formatTimestamp(ms))).toBe(ms);
    }),
  );
});

test("other offsets and fewer digits are read", () => {
  expect(parseTimestamp("2026-01-05T10:00:00Z")).toBe(Date.UTC(2026, 0, 5, 10));
  expect(parseTimestamp("2026-01-05T10:00:00.5+02:00")).toBe(Date.UTC(2026, 0, 5, 8, 0, 0, 500));
  expect(parseTimestamp("2024-02-29T00:00:00.000Z")).toBe(Date.UTC(2024, 1, 29));
});

test("what is no time is none", () => {
  for (const text of [
    "",
    "now",
    "2026-02-30T00:00:00.000Z",
    "2026-13-01T00:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01",
  ]) {
    expect(parseTimestamp(text)).toBeUndefined();
  }
});

test("a version is never the one before, whatever the clock says", () => {
  expect(nextVersion(5, undefined)).toBe("1970-01-01T00:00:00.005Z");
  expect(nextVersion(5, "1970-01-01T00:00:00.005Z")).toBe("1970-01-01T00:00:00.006Z");
  expect(nextVersion(5, "1970-01-01T00:01:00.000Z")).toBe("1970-01-01T00:01:00.001Z");
});
