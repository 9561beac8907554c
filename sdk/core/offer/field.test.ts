import type { Attribute } from "@meseta/api/mesos/generated/mesos.ts";
import { describe, expect, it } from "vitest";
import { fieldsAt, fieldValue, scalarText, textOf } from "./field.ts";

const rack: Attribute = { name: "rack", type: "TEXT", text: { value: "r" } };
const AGENT = {
  hostname: "host1",
  attributes: [rack],
  domain: { fault_domain: { region: { name: "e" }, zone: { name: "z" } } },
};

describe("values of fields", () => {
  it("scalars are rounded to three decimals, halves to the even neighbour", () => {
    expect([1, 1.0004, 0.0015, 0.0025, 2.5].map(scalarText)).toEqual(["1", "1", "0.002", "0.002", "2.5"]);
  });

  it("ranges and sets are written out, sets sorted", () => {
    const ranges: Attribute = {
      name: "x",
      type: "RANGES",
      ranges: {
        range: [
          { begin: 4, end: 5 },
          { begin: 1, end: 2 },
        ],
      },
    };
    expect(textOf(ranges)).toBe("[1-2,4-5]");
    expect(textOf({ name: "x", type: "SET", set: { item: ["b", "a"] } })).toBe("{a,b}");
  });

  it("are the host, its region and zone, and its attributes", () => {
    const fields = ["hostname", "@hostname", "@region", "@zone", "rack", "none"];
    expect(fields.map((field) => fieldValue(field, AGENT))).toEqual(["host1", "host1", "e", "z", "r", undefined]);
  });

  it("are remembered where there are any", () => {
    expect(fieldsAt(["rack", "@zone", "none"], AGENT)).toEqual({ rack: "r", "@zone": "z" });
  });
});
