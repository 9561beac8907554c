import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMemoryStore } from "@meseta/drivers/store/memory.ts";
import { expect, test } from "vitest";
import type { Front } from "./front.ts";
import { ENDPOINTS } from "./inspection.ts";
import { MasterRig } from "./master.rig.ts";
import { pretendContainers, startPretendAgent } from "./pretend.rig.ts";
import { agentRoutes } from "./server.ts";

test("whoever opens an agent's address in a browser finds links, each of which is there", async () => {
  const dir = mkdtempSync(join(tmpdir(), "start-page-"));
  const master = await MasterRig.open();
  const agent = await startPretendAgent(master, dir, { store: createMemoryStore(), open: pretendContainers().open });
  await master.until(() => master.subscriptions.length === 1);
  const page = await fetch(agent.url);
  const text = await page.text();
  expect([page.status, page.headers.get("content-type")]).toEqual([200, "text/html"]);
  expect(text).toContain("0 tasks of 0 frameworks.");
  const links = [...text.matchAll(/href="([^"]+)"/g)].map(([, path]) => path);
  const statuses = await Promise.all(links.map(async (path) => (await fetch(agent.url + path)).status));
  expect([links.length > 5, new Set(statuses)]).toEqual([true, new Set([200])]);
  await agent.stop();
  await master.close();
  rmSync(dir, { recursive: true });
});

test("help has a line for every endpoint and for no other", () => {
  const routes = Object.keys(agentRoutes({} as Front)).filter((path) => path !== "/help/*");
  expect(Object.keys(ENDPOINTS)).toEqual(routes.toSorted());
});
