import { expect, test } from "vitest";
import { type Node, whyAway } from "./nodes.ts";

test("an agent of which the master hears nothing is away, and one that an operator took out is not", () => {
  const about = (node: Partial<Node>) => whyAway({ active: true, ...node } as Node);
  expect(about({})).toBeUndefined();
  expect(about({ active: false })).toContain("no connection to the master");
  expect(about({ active: false, recovered: true })).toContain("not heard of it since it began to lead");
  expect(about({ active: false, deactivated: true })).toBeUndefined();
});
