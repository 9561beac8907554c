import { expect, it } from "vitest";
import { fulfils } from "./operators.ts";

it("IS is equal as text or as a number, LIKE matches the whole, UNLIKE does not", () => {
  expect(["r1", "r12", "1.000", "1.0004"].map((value) => fulfils("IS", value, "r1"))).toEqual([
    true,
    false,
    false,
    false,
  ]);
  expect(["1", "1.000", "1.0004", "2"].map((value) => fulfils("IS", value, "1"))).toEqual([true, true, true, false]);
  expect(["r1", "r12", "xr1"].map((value) => fulfils("LIKE", value, "r[0-9]"))).toEqual([true, false, false]);
  expect(["r1", "r12", "xr1"].map((value) => fulfils("UNLIKE", value, "r[0-9]"))).toEqual([false, true, true]);
});

it("an agent without the field fulfils UNLIKE only", () => {
  expect((["IS", "LIKE", "UNLIKE"] as const).map((operator) => fulfils(operator, undefined, ".*"))).toEqual([
    false,
    false,
    true,
  ]);
});

it("a pattern that cannot be read matches nothing", () => {
  expect([fulfils("LIKE", "a", "("), fulfils("UNLIKE", "a", "(")]).toEqual([false, true]);
});
