import type { MasterState } from "@meseta/kernel/core/master/state.ts";
import { expect, it } from "vitest";
import { checkResources } from "./resources.ts";

const cpus = (value: number) => [{ name: "cpus", type: "SCALAR", scalar: { value } }];

function clusterOf() {
  const agent = {
    id: "a1",
    connection: "connected",
    total: cpus(2),
    offers: new Set(["o1"]),
    tasks: new Set(),
    executors: new Map(),
  };
  const offers = new Map([["o1", { offer: { resources: cpus(2) } }]]);
  const state = { agents: new Map([["a1", agent]]), offers } as unknown as MasterState;
  return { agent, offers, state };
}

it("who holds something else than at the look before is looked at, whatever the master says has changed", () => {
  const { offers, state } = clusterOf();
  checkResources(state);
  offers.set("o1", { offer: { resources: cpus(3) } });
  expect(() => checkResources(state)).toThrow("I1: offer o1 takes 3 cpus");
});

it("so is an agent with one offer more", () => {
  const { agent, offers, state } = clusterOf();
  checkResources(state);
  offers.set("o2", { offer: { resources: cpus(1) } });
  agent.offers.add("o2");
  expect(() => checkResources(state)).toThrow("I1: offer o2 takes 1 cpus");
});
