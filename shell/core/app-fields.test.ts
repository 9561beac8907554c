import { expect, test } from "vitest";
import { unknownField } from "./app-fields.ts";

test.each([
  ["cpus", undefined],
  ["uris", undefined],
  ["cpu", "did you mean cpus?"],
  ["instnaces", "did you mean instances?"],
  ["colour", "apps have no such field"],
  ["toString", "apps have no such field"],
])("%s as a field of an app: %s", (name, why) => {
  expect(unknownField(name)).toBe(why);
});
