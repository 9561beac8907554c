import { expect, test } from "vitest";
import { lastWords } from "./supervise.ts";

test("the last words of a part are its log's last line", () => {
  expect(lastWords("one\ntwo\n")).toBe("two");
  expect(lastWords("")).toBe("");
});

test("of a refusal in four lines they are what was wrong", () => {
  const refusal =
    '✗ cannot use the setting port\n  why   "x" is not a port\n  try   meseta config explain\n  docs  meseta help\n';
  expect(lastWords(`before\n${refusal}`)).toBe('"x" is not a port');
});
