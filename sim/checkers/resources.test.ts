import type { MasterState } from "@meseta/kernel/core/master/state.ts";
import { expect, it } from "vitest";
import { checkResources } from "./resources.ts";

const cpus = (value: number) => [{ name: "cpus", type: "SCALAR", scalar: { value } }];

function clusterOf() {
  const agent = {
    id: "a1",
    connection: "connected",
    viewVersion: 1,
    total: cpus(2),
    offers: new Set(["o1"]),
    tasks: new Set(),
    executors: new Map(),
  };
  const offers = new Map([["o1", { offer: { resources: cpus(2) } }]]);
  const state = { agents: new Map([["a1", agent]]), offers } as unknown as MasterState;
  return { agent, offers, state };
}

it("an agent of which the master says that it has changed is looked at, at each look", () => {
  const { agent, offers, state } = clusterOf();
  checkResources(state, false);
  offers.set("o1", { offer: { resources: cpus(3) } });
  agent.viewVersion++;
  expect(() => checkResources(state, false)).toThrow("I1: offer o1 takes 3 cpus");
});

it("what the master does not say is found when all is looked at", () => {
  const { offers, state } = clusterOf();
  checkResources(state, false);
  offers.set("o1", { offer: { resources: cpus(3) } });
  checkResources(state, false);
  expect(() => checkResources(state, true)).toThrow("I1: offer o1 takes 3 cpus");
});

it("an agent with another offer, another task or another whole is looked at, whatever the master says", () => {
  const { agent, offers, state } = clusterOf();
  checkResources(state, false);
  offers.set("o2", { offer: { resources: cpus(1) } });
  agent.offers.add("o2");
  expect(() => checkResources(state, false)).toThrow("I1: offer o2 takes 1 cpus");
});
