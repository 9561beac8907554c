import { expect, it } from "vitest";
import type { Plan } from "../plan.ts";
import { deploymentNotice } from "./notices.ts";

it("all notices of a deployment have one plan, however many steps it has", () => {
  const plan: Plan = { id: "d", version: "v", steps: [{ actions: [] }], changes: {}, groups: {} };
  const deployment = { plan, step: 0, begun: {}, startedMs: 0 };
  const [info, ...others] = (["info", "step-success", "success"] as const).map((news) =>
    deploymentNotice(news, deployment),
  );
  expect(info?.["plan"]).toEqual({ id: "d", version: "v", steps: [{ actions: [] }] });
  for (const other of others) expect(other["plan"]).toBe(info?.["plan"]);
});
