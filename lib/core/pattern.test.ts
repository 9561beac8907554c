import { expect, it } from "vitest";
import { matches, patternProblem } from "./pattern.ts";

it("matches whole texts, and nothing by what is no pattern", () => {
  expect([matches("r[12]", "r1"), matches("r", "r1"), matches("(", "(")]).toEqual([true, false, false]);
  expect(patternProblem("r[12]|rack-.*")).toBeUndefined();
  expect(patternProblem("(")).toContain("missing closing )");
});

it("refuses patterns that would take long for each text", () => {
  expect(patternProblem("a".repeat(5000))).toBe("it has more than 4096 characters");
  expect(patternProblem("(a?){1000}(a?){1000}")).toBe("it repeats too much");
  expect(patternProblem(Array.from({ length: 300 }, (_, i) => `host-${i}`).join("|"))).toBeUndefined();
});
