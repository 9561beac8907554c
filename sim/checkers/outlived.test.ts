import { expect, it } from "vitest";
import { Cluster } from "../cluster.ts";
import { lasting } from "../workloads/lasting.rig.ts";
import { Steady } from "../workloads/steady.ts";

async function begin() {
  const cluster = new Cluster(1, { agents: 1, resources: "cpus:4;mem:2048" });
  const scheduler = cluster.add(new Steady(lasting(2), cluster.world.of("f1")));
  cluster.start();
  await cluster.run(20_000);
  return { cluster, scheduler, agent: cluster.agents[0]! };
}

it("what runs of a framework that was removed while its agent was away ends when that is back", async () => {
  const { cluster, scheduler, agent } = await begin();
  agent.kill();
  scheduler.teardown();
  await cluster.run(5_000);
  const running = agent.machine.running.length;
  agent.start();
  await cluster.run(60_000);
  expect([running, agent.machine.running.filter(({ script }) => script.task?.includes(scheduler.former[0]!))]).toEqual([
    2,
    [],
  ]);
});

it("what runs on is noticed, when the master has removed its framework and told nobody", async () => {
  const { cluster, scheduler } = await begin();
  cluster.master.core!.state.removedFrameworks.add(scheduler.frameworkId!);
  await expect(cluster.run(60_000)).rejects.toThrow(/f1-\d runs on a1, and its framework is no more/);
});
