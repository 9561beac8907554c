import { expect, test } from "vitest";
import { Cluster } from "../cluster.ts";
import { drawHistory } from "../history.ts";
import { World } from "../world/world.ts";
import { drawTrouble, FAULTS, happen } from "./draw.ts";

const CAST = {
  master: ["master"],
  masters: [],
  etcd: [],
  agent: ["a1", "a2"],
  scheduler: ["scheduler-f1"],
  tenant: [],
};
const kindsOf = (seed: number): Set<string> =>
  new Set(drawTrouble(new World(seed), CAST, 0, 240_000).map(({ kind }) => kind));
const seeds = Array.from({ length: 300 }, (_, index) => index + 1);

test("every kind of fault comes in some histories", () => {
  const drawn = new Set(seeds.flatMap((seed) => drawHistory(seed, ["init", "cron"]).faults.map(({ kind }) => kind)));
  expect([...drawn].sort()).toEqual(FAULTS.map(({ name }) => name).sort());
});

test("some histories are about one kind of fault only, others about many", () => {
  const counts = seeds.map((seed) => kindsOf(seed).size);
  expect(counts.filter((count) => count === 1).length).toBeGreaterThan(5);
  expect(counts.filter((count) => count > 10).length).toBeGreaterThan(50);
});

test("nobody is hit who is not there", () => {
  for (const seed of seeds)
    for (const { parts } of drawTrouble(new World(seed), CAST, 0, 60_000))
      expect([undefined, "master", "a1", "a2", "scheduler-f1"]).toContain(parts["place"]);
});

test("a fault of somebody who was left out does nothing", () => {
  for (const seed of seeds.slice(0, 40)) {
    const cluster = new Cluster(seed, { agents: 1, resources: "cpus:1;mem:32" });
    const gone = drawHistory(seed, ["init"]).faults.filter(({ parts }) => !/^(master|a1)$/.test(`${parts["place"]}`));
    for (const drawn of gone.filter(({ parts }) => parts["place"] !== undefined))
      expect(happen(cluster, drawn)).toBe("");
  }
});

test("a fault of a kind that is not known is refused by its name", () => {
  const cluster = new Cluster(1, { agents: 1, resources: "cpus:1;mem:32" });
  expect(() => happen(cluster, { atMs: 0, kind: "earthquake", parts: {} })).toThrow("no fault of the kind earthquake");
});
