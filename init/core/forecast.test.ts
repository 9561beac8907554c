import type { App } from "@meseta/api/marathon/app.ts";
import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import { readResources } from "@meseta/api/mesos/resources/read.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { expect, it } from "vitest";
import { DEFAULT_SETTINGS } from "./definition/settings.ts";
import { forecast } from "./forecast.ts";
import { type Instance, newInstance } from "./instance/instance.ts";
import { anApp, aTree } from "./plan/specs.rig.ts";
import { planOf } from "./plan.ts";

const offer = (name: string, resources: string): Offer => ({
  id: { value: name },
  framework_id: { value: "f" },
  agent_id: { value: name },
  hostname: `host-${name}`,
  resources: readResources(resources) as NonNullable<Offer["resources"]>,
});

function foresee(
  before: readonly App[],
  after: readonly App[],
  offers: readonly Offer[],
  present: readonly Instance[] = [],
) {
  const plan = planOf(aTree(before), aTree(after), { id: "d", version: "v" });
  const of = (id: string) => present.filter(({ spec }) => spec === id);
  const settings = { definitions: DEFAULT_SETTINGS, placement: { gpus: "unrestricted" as const } };
  return forecast(plan, offers, of, settings, createRandom(1), 0);
}

const on = (app: App, host: string): Instance => ({
  ...newInstance(app, `i-${host}`, 0),
  condition: "Running",
  host: { agent_id: { value: host }, hostname: `host-${host}`, places: { hostname: `host-${host}` } },
});

const AMPLE = "cpus:4;mem:4096;ports:[31000-31099]";

it("a new app's instances land where they fit, several on one agent", () => {
  const [web] = foresee(
    [],
    [anApp("/web", { instances: 5 })],
    [offer("a", AMPLE), offer("b", "cpus:1;mem:512;ports:[1-9]")],
  );
  expect(web).toEqual({
    id: "/web",
    launches: 5,
    places: [
      { agentId: "a", host: "host-a", count: 4 },
      { agentId: "b", host: "host-b", count: 1 },
    ],
    unplaced: 0,
    reasons: {},
  });
});

it("what finds no place is told, with the reason of each agent", () => {
  const big = anApp("/big", { instances: 3, mem: 3000 });
  expect(foresee([], [big], [offer("a", AMPLE), offer("b", "cpus:4;mem:64;ports:[1-9]")])).toMatchObject([
    { places: [{ agentId: "a", count: 1 }], unplaced: 2, reasons: { InsufficientMemory: 1 } },
  ]);
});

it("a scaling launches what is missing, and constraints count who is there", () => {
  const one = anApp("/web", { instances: 1, constraints: [["hostname", "UNIQUE"]] });
  const three = { ...one, instances: 3 };
  expect(foresee([one], [three], [offer("a", AMPLE), offer("b", AMPLE)], [on(one, "a")])).toMatchObject([
    { launches: 2, places: [{ agentId: "b", count: 1 }], unplaced: 1, reasons: { UnfulfilledConstraint: 1 } },
  ]);
});

it("an upgrade launches all anew, and two apps share what there is", () => {
  const old = anApp("/web", { instances: 2 });
  const fresh = { ...old, cmd: "other" };
  const next = anApp("/next", { instances: 3, dependencies: ["/web"] });
  expect(foresee([old], [fresh, next], [offer("a", AMPLE)], [on(old, "a")])).toMatchObject([
    { id: "/web", launches: 2, places: [{ count: 2 }] },
    { id: "/next", launches: 3, places: [{ count: 2 }], unplaced: 1 },
  ]);
});

it("what is stopped, or only begins to exist, launches nothing", () => {
  expect(foresee([anApp("/web")], [anApp("/idle", { instances: 0 })], [offer("a", AMPLE)])).toMatchObject([
    { id: "/idle", launches: 0, places: [] },
  ]);
});
