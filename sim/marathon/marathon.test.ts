import type { InitState } from "@meseta/init/core/state.ts";
import { expect, it } from "vitest";
import type { SimInit } from "../world/init.ts";
import { World } from "../world/world.ts";
import { JEPSEN_TESTS } from "./acts.ts";
import { People } from "./people.ts";
import { runJepsenTest } from "./play.ts";

it.each(JEPSEN_TESTS)(
  "$name, as Marathon had it with Jepsen: nothing that was acknowledged is lost, and each service has its instances",
  {
    timeout: 600_000,
  },
  async (test) => {
    const { acknowledged, faults } = await runJepsenTest(test, 1);
    expect(acknowledged).toBeGreaterThan(10);
    expect(faults).toBeGreaterThan(0);
  },
);

it("what was acknowledged and is not there, or is something else, is told; what was not answered may be so or not", async () => {
  const apps = new Map<string, object>();
  let status: number | undefined = 200;
  const init = { ask: async () => status && { status, body: {} } } as unknown as SimInit;
  const state = { tree: { apps, pods: new Map() } } as unknown as InitState;
  const people = new People(init, new World(1));
  people.addApp();
  await Promise.resolve();
  expect(people.compare(state).problems).toEqual([expect.stringMatching(/^\/app-1 is gone, and not \d of /)]);
  status = undefined;
  people.addApp();
  await Promise.resolve();
  expect(people.compare(state).problems).toHaveLength(1);
  apps.set("/app-9", { instances: 1, cmd: "true" });
  expect(people.compare(state).problems).toContain("/app-9 is there, and nobody asked for it");
});
