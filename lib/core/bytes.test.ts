import fc from "fast-check";
import { expect, test } from "vitest";
import { formatBytes, parseBytes } from "./bytes.ts";

test("amounts are written in the largest unit that leaves a whole number", () => {
  expect([0, 1, 1024, 1025, 2 ** 31, 3 * 2 ** 40].map(formatBytes)).toEqual(["0B", "1B", "1KB", "1025B", "2GB", "3TB"]);
});

test("what is written can be read again", () => {
  fc.assert(fc.property(fc.nat(), (bytes) => parseBytes(formatBytes(bytes)) === bytes));
});

test("what is no amount is not read as one", () => {
  for (const text of ["", "2", "GB", "2 GB", "-1MB", "1.5GB", "2gb", "999999999999TB"])
    expect(parseBytes(text)).toBeUndefined();
});
