import type { Call } from "@meseta/api/mesos/generated/master.ts";
import { expect, it } from "vitest";
import { validateMasterCall } from "./operator-call.ts";

const preview = (roles: string[]): Call => ({
  type: "PREVIEW_OFFERS",
  preview_offers: { framework_id: { value: "f" }, roles },
});

it("offers are previewed for roles that could be, and not for so many that all others would wait", () => {
  expect(validateMasterCall(preview([]))).toBeUndefined();
  expect(validateMasterCall(preview(["*", "eng/backend"]))).toBeUndefined();
  for (const role of ["", "a//b", "..", "/a"])
    expect(validateMasterCall(preview(["*", role]))?.message).toContain("Expecting 'preview_offers.roles' to be valid");
  const many = Array.from({ length: 257 }, (_, i) => `r${i}`);
  expect(validateMasterCall(preview(many))?.message).toContain("must not name more than 256");
});
