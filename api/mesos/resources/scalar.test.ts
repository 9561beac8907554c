import fc from "fast-check";
import { expect, test } from "vitest";
import { fromMilli, toMilli } from "./scalar.ts";

test("a tenth and two tenths are three tenths", () => {
  expect(fromMilli(toMilli(0.1) + toMilli(0.2))).toBe(0.3);
});

test("halves are rounded away from zero and less than half a thousandth is nothing", () => {
  expect([0.0004, 0.0005, 0.0015, -0.0005, -0.0004].map(toMilli)).toEqual([0, 1, 2, -1, 0]);
});

test("thousandths survive the way to the wire and back", () => {
  fc.assert(fc.property(fc.integer({ min: -1e15, max: 1e15 }), (milli) => toMilli(fromMilli(milli)) === milli));
});
