import { expect, it } from "vitest";
import { frameworkOf } from "./framework.ts";
import { CONFIG } from "./stand.rig.ts";

it("init is a framework that survives its scheduler, and says where its API is", () => {
  expect(frameworkOf({ ...CONFIG, address: "10.0.0.1:8080" }, ["*", "prod"], "F")).toMatchObject({
    id: { value: "F" },
    name: "marathon",
    roles: ["*", "prod"],
    checkpoint: true,
    webui_url: "http://10.0.0.1:8080",
    capabilities: expect.arrayContaining([{ type: "PARTITION_AWARE" }, { type: "PROBES" }]),
  });
});
