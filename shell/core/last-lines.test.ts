import { expect, test } from "vitest";
import { startOfLastLines } from "./last-lines.ts";

const last = (text: string, lines: number): string | undefined => {
  const start = startOfLastLines(new TextEncoder().encode(text), lines);
  return start === undefined ? undefined : text.slice(start);
};

test("the last lines are found whether or not the last one is closed", () => {
  expect(last("a\nb\nc\n", 2)).toBe("b\nc\n");
  expect(last("a\nb\nc", 1)).toBe("c");
  expect(last("a\n\n\n", 2)).toBe("\n\n");
});

test("too few lines in the bytes ask for more of them", () => {
  expect(last("b\nc\n", 2)).toBeUndefined();
  expect(last("", 1)).toBeUndefined();
});
