import { expect, test } from "vitest";
import { parseSettings, toYaml } from "./yaml.ts";

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

test("a configuration file is lines with one level of sections, or an object", () => {
  const file = 'master: http://a:5050,http://b:5050 # two\n\n# comment\nrun:\n  cpus: 2\noutput: "wide"\n';
  expect(parseSettings(file)).toEqual({
    values: new Map([
      ["master", "http://a:5050,http://b:5050"],
      ["run.cpus", "2"],
      ["output", "wide"],
    ]),
  });
  expect(parseSettings('{"run": {"cpus": 2}, "masters": ["a", "b"]}')).toEqual({
    values: new Map([
      ["run.cpus", "2"],
      ["masters", "a,b"],
    ]),
  });
});

test("a file of another form is refused with the line that is wrong", () => {
  expect(parseSettings("a: 1\nb - c")).toEqual({ error: 'line 2 is not of the form "name: value"' });
  expect(parseSettings("{")).toHaveProperty("error");
});
