import { expect, test } from "vitest";
import { parseFlat, toYaml } from "./yaml.ts";

test("nested objects and lists become blocks, and doubtful words are quoted", () => {
  const value = {
    id: { value: "t 1" },
    tags: ["a", "no", "1.5", ""],
    ranges: [{ begin: 1, end: 2 }, { begin: 5 }],
    empty: [],
    nothing: {},
    up: true,
    gone: undefined,
  };
  expect(toYaml(value)).toBe(`id:
  value: t 1
tags:
  - a
  - "no"
  - "1.5"
  - ""
ranges:
  - begin: 1
    end: 2
  - begin: 5
empty: []
nothing: {}
up: true
`);
  expect(toYaml([])).toBe("[]\n");
  expect(toYaml("x: y")).toBe('"x: y"\n');
});

test("a configuration file is flat lines or a flat object", () => {
  const file = 'master: http://a:5050,http://b:5050 # two\n\n# comment\noutput: "wide"\n';
  expect(parseFlat(file)).toEqual({
    values: new Map([
      ["master", "http://a:5050,http://b:5050"],
      ["output", "wide"],
    ]),
  });
  expect(parseFlat('{"cpus": 2, "masters": ["a", "b"]}')).toEqual({
    values: new Map([
      ["cpus", "2"],
      ["masters", "a,b"],
    ]),
  });
});

test("a file of another form is refused with the line that is wrong", () => {
  expect(parseFlat("a: 1\nb:\n  c: 2")).toEqual({ error: 'line 2 is not of the form "key: value"' });
  expect(parseFlat('{"a": {"b": 1}}')).toEqual({ error: 'the value of "a" is not a plain value' });
});
