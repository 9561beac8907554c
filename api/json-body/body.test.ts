import { expect, test } from "vitest";
import { limits } from "../mesos/codec/limits.ts";
import { parseBody } from "./body.ts";

const detailsOf = (text: string) =>
  (parseBody(text) as { refusal: { body: { details: string } } }).refusal.body.details;

test("a body is read; what is no JSON is refused in the parser's words", () => {
  expect(parseBody('{"id":"/a"}')).toEqual({ value: { id: "/a" } });
  expect(detailsOf("{")).toMatch(/JSON/);
});

test("what would take long to read, and much memory, is refused before it is read", () => {
  expect(parseBody("[".repeat(limits.depth) + "]".repeat(limits.depth))).toHaveProperty("value");
  expect(detailsOf("[".repeat(10_000_000))).toBe("nested deeper than 64 levels");
  expect(detailsOf(`[${"{},".repeat(limits.values)}1]`)).toBe("more than 2097152 values");
  const keys = Array.from({ length: limits.keysPerObject + 1 }, (_, i) => `"k${i}":1`);
  expect(detailsOf(`{${keys}}`)).toBe("more than 65536 keys in one object");
});
