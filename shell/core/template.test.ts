import { expect, test } from "vitest";
import { at, fillTemplate } from "./template.ts";

const item = { id: { value: "t1" }, cpus: 0.5, ports: [31000, 31001] };

test("paths are filled in, with and without docker's leading dot", () => {
  expect(fillTemplate("{{id.value}}\\t{{ .cpus }}\\n", item)).toBe("t1\t0.5\n");
  expect(fillTemplate("{{ports.1}} {{json .ports}} {{ports}}", item)).toBe("31001 [31000,31001] [31000,31001]");
});

test("a path that leads nowhere is empty, and inherited properties are nowhere", () => {
  expect(fillTemplate("<{{nope.deeper}}>", item)).toBe("<>");
  expect(at(item, "constructor.name")).toBeUndefined();
});
