import { expect, test } from "vitest";
import { Cluster } from "../cluster.ts";
import { happen } from "./draw.ts";

test("an agent that is given something more says so to its master, and has what it had in the end, also when it dies meanwhile", async () => {
  const cluster = new Cluster(1, { agents: 2, resources: "cpus:1;mem:32" });
  const licences = (): (number | undefined)[] =>
    cluster.agents.map(({ core }) => {
      const known = cluster.master.core!.state.agents.get(core?.state.agentId ?? "");
      return known?.total.find(({ name }) => name === "licences")?.scalar?.value;
    });
  cluster.start();
  await cluster.run(10_000);
  happen(cluster, { atMs: 0, kind: "reconfigure agent", parts: { place: "a1", licences: 3, ms: 5_000 } });
  await cluster.run(1_000);
  expect(licences()).toEqual([3, undefined]);
  happen(cluster, { atMs: 0, kind: "kill agent", parts: { place: "a1", ms: 6_000 } });
  await cluster.run(30_000);
  expect(licences()).toEqual([undefined, undefined]);
  cluster.checkEnd();
});
