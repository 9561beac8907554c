import { expect, test } from "vitest";
import { parseAttributes, parseResources } from "./parse.ts";

test("the text of an agent's resources is read piece by piece", () => {
  expect(parseResources(" cpus:4; mem : 2048 ;ports:[31000-32000, 33000-33001];zones:{a, b};disk(web):10.5;")).toEqual([
    { name: "cpus", type: "SCALAR", scalar: { value: 4 } },
    { name: "mem", type: "SCALAR", scalar: { value: 2048 } },
    {
      name: "ports",
      type: "RANGES",
      ranges: {
        range: [
          { begin: 31000, end: 32000 },
          { begin: 33000, end: 33001 },
        ],
      },
    },
    { name: "zones", type: "SET", set: { item: ["a", "b"] } },
    { name: "disk", type: "SCALAR", scalar: { value: 10.5 }, reservations: [{ type: "STATIC", role: "web" }] },
  ]);
});

test("resources without a role of their own belong to the default role", () => {
  expect(parseResources("cpus:1;mem(*):2", "web")).toEqual([
    { name: "cpus", type: "SCALAR", scalar: { value: 1 }, reservations: [{ type: "STATIC", role: "web" }] },
    { name: "mem", type: "SCALAR", scalar: { value: 2 } },
  ]);
});

test("one name given twice is added up", () => {
  expect(parseResources("cpus:1;cpus:2")).toEqual([{ name: "cpus", type: "SCALAR", scalar: { value: 3 } }]);
});

test.each([
  ["cpus", "Resource 'cpus' is not of the form name:value or name(role):value"],
  ["cpus:", "Resource 'cpus:' is not of the form name:value or name(role):value"],
  ["cpus:4;:3", "Resource ':3' is not of the form name:value or name(role):value"],
  ["cpus(web:4", "Resource 'cpus(web:4' has brackets that are not of the form name(role)"],
  ["cpus:many", "Resource 'cpus:many' must be a number"],
  ["cpus:[1-2]", "Resource 'cpus:[1-2]' must be a number"],
  ["ports:80", "Resource 'ports:80' must be ranges such as [1-2]"],
  ["thing:text", "Resource 'thing:text' must be a number, ranges or a set"],
  ["ports:[1-2", "Resource 'ports:[1-2' is invalid: '[1-2' lacks the closing ']'"],
  ["ports:[80]", "Resource 'ports:[80]' is invalid: '80' is not a range such as 31000-32000"],
  ["ports:[5-1]", "Resource 'ports:[5-1]' is invalid: Invalid ranges resource: begin > end"],
  ["ports:[1-5,5-6]", "Resource 'ports:[1-5,5-6]' is invalid: Invalid ranges resource: overlapping ranges"],
  ["zones:{a,a}", "Resource 'zones:{a,a}' is invalid: Invalid set resource: duplicate items"],
  ["zones:{a", "Resource 'zones:{a' is invalid: '{a' lacks the closing '}'"],
  ["cpus:-1", "Resource 'cpus:-1' is invalid: Invalid scalar resource: value <= 0"],
  ["cpus:1e308", "Resource 'cpus:1e308' is invalid: Invalid scalar resource: value > 9007199254740.99"],
  ["gpus:1.5", "Resource 'gpus:1.5' is invalid: The 'gpus' resource must be a whole number"],
  ["cpus(/web):1", "Resource 'cpus(/web):1' is invalid: Invalid reservation: Role '/web' cannot start with a slash"],
])("%s is refused by naming the piece", (text, message) => {
  expect(parseResources(text)).toEqual({ message });
});

test("attributes are text unless they look like something else", () => {
  expect(parseAttributes("rack:a;zone:eu:1;level:10;ports:[1-2];kinds:{x,y};note:two words")).toEqual([
    { name: "rack", type: "TEXT", text: { value: "a" } },
    { name: "zone", type: "TEXT", text: { value: "eu:1" } },
    { name: "level", type: "SCALAR", scalar: { value: 10 } },
    { name: "ports", type: "RANGES", ranges: { range: [{ begin: 1, end: 2 }] } },
    { name: "kinds", type: "SET", set: { item: ["x", "y"] } },
    { name: "note", type: "TEXT", text: { value: "two words" } },
  ]);
});

test("a bad attribute is named", () => {
  expect(parseAttributes("rack:a;zone")).toEqual({ message: "Attribute 'zone' is not of the form name:value" });
  expect(parseAttributes("ports:[a]")).toEqual({
    message: "Attribute 'ports:[a]' is invalid: 'a' is not a range such as 31000-32000",
  });
});
