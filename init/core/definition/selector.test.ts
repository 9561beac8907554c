import { expect, test } from "vitest";
import { matches, parseSelector } from "./selector.ts";

const labels = { a: "1", env: "prod", "x/y": "a b", in: "z" };

function isSelected(text: string): boolean {
  const selector = parseSelector(text);
  if ("refusal" in selector) throw new Error(selector.refusal.body.message);
  return matches(labels, selector.value);
}

test("a selector asks for labels and their values", () => {
  const chosen = [
    "a",
    "a==1",
    "a != 2",
    "env in (test, prod)",
    "env notin (test)",
    "a, env == prod",
    "a,env,in",
    "in in (z)",
  ];
  for (const text of [...chosen, "x\\/y == a\\ b", " a "]) expect([text, isSelected(text)]).toEqual([text, true]);
  for (const text of ["b", "a==2", "a!=1", "env in (test)", "env notin (prod)", "a,b", "constructor"]) {
    expect([text, isSelected(text)]).toEqual([text, false]);
  }
});

test("what must not have a value must still have the label", () => {
  expect(isSelected("b != 1")).toBe(false);
  expect(isSelected("b notin (1)")).toBe(false);
});

test("a bad selector is refused with the reason", () => {
  const cases = [
    ["", "a label is expected"],
    ["a==", "a value is expected after 'a=='"],
    ["a in", "'(' is expected after 'a in'"],
    ["a in ()", "a value is expected in the set of 'a'"],
    ["a in (b c)", "',' or ')' is expected in the set of 'a'"],
    ["a in (b", "',' or ')' is expected in the set of 'a'"],
    ["a b", "',' is expected before 'b'"],
    ["a,", "a label is expected after the last ','"],
    ["a=1", "',' is expected before '='"],
    ["a\\", "a backslash at the end escapes nothing"],
    [",a", "a label is expected before ','"],
  ] as const;
  for (const [text, why] of cases) {
    const message = `Can not parse label selector '${text}': ${why}`;
    expect(parseSelector(text)).toEqual({ refusal: { status: 422, body: { message } } });
  }
});
