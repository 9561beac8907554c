import { expect, test } from "vitest";
import { createDetachKeys } from "./detach-keys.ts";

const bytes = (text: string) => Uint8Array.from([...text].map((each) => each.charCodeAt(0)));
const text = (typed: Uint8Array) => String.fromCharCode(...typed);
const P = "\x10";
const Q = "\x11";

test("what is typed passes as it is, a lone Ctrl-P one key late", () => {
  const keys = createDetachKeys();
  expect(text(keys(bytes(`a${P}`)).pass)).toBe("a");
  expect(text(keys(bytes(`b${Q}${P}${P}c`)).pass)).toBe(`${P}b${Q}${P}${P}c`);
});

test("Ctrl-P Ctrl-Q leaves, also when the two come apart, and nothing after them passes", () => {
  expect(createDetachKeys()(bytes(`ab${P}${Q}c`))).toEqual({ pass: bytes("ab"), detached: true });
  const keys = createDetachKeys();
  expect(keys(bytes(P))).toEqual({ pass: bytes(""), detached: false });
  expect(keys(bytes(`${Q}x`))).toEqual({ pass: bytes(""), detached: true });
});
