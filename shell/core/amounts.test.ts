import { expect, test } from "vitest";
import { bytes, decimal, mebibytes, mebibytesOf, parseMebibytes, percent } from "./amounts.ts";

test("memory is told in the unit that keeps the number small", () => {
  expect([0, 512, 1023.9, 4096, 3277, 1_572_864].map(mebibytes)).toEqual([
    "0 MiB",
    "512 MiB",
    "1023.9 MiB",
    "4 GiB",
    "3.2 GiB",
    "1.5 TiB",
  ]);
  expect([5, 2048].map(bytes)).toEqual(["5 B", "2 KiB"]);
});

test("what is used is told in the unit of the whole", () => {
  expect([mebibytesOf(128, 8192), mebibytesOf(0, 512), mebibytesOf(2048, 1_572_864)]).toEqual([
    "0.1 / 8 GiB",
    "0 / 512 MiB",
    "0 / 1.5 TiB",
  ]);
});

test("numbers carry no needless digits, and a share of nothing is a dash", () => {
  expect([4, 0.1, 0.30000000000000004, 2.5].map(decimal)).toEqual(["4", "0.1", "0.3", "2.5"]);
  expect([percent(1, 3), percent(1, 0)]).toEqual(["33%", "-"]);
});

test("sizes are read with and without a unit", () => {
  expect(["512", "512m", "4g", "4GiB", "1.5t", "512k"].map(parseMebibytes)).toEqual([
    512, 512, 4096, 4096, 1572864, 0.5,
  ]);
  for (const wrong of ["", "g", "4x", "-1"]) expect(parseMebibytes(wrong)).toBeUndefined();
});
