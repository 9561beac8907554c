import { expect, it } from "vitest";
import { rolesIn } from "./preview.ts";

it("the roles that a body names are found wherever they are, without words that can be none", () => {
  const body = {
    role: "eng",
    labels: { role: "a//b" },
    groups: [{ apps: [{ role: "ops/x" }, { env: { role: ".." } }] }],
  };
  expect(rolesIn(JSON.stringify(body))).toEqual(["eng", "ops/x"]);
});
