import { expect, it } from "vitest";
import { Cluster } from "./cluster.ts";
import { lasting } from "./workloads/lasting.rig.ts";
import { Steady } from "./workloads/steady.ts";
import type { MasterProcess } from "./world/master-process.ts";

/** Three masters on one etcd, three agents, and a framework with four tasks. */
async function begin(masters = 3): Promise<{ cluster: Cluster; leader: MasterProcess }> {
  const cluster = new Cluster(1, { agents: 3, resources: "cpus:4;mem:2048", masters, isBrisk: true });
  cluster.add(new Steady(lasting(4), cluster.world.of("f1")));
  cluster.start();
  await cluster.run(20_000);
  expect(running(cluster)).toBe(4);
  return { cluster, leader: cluster.master.leader! };
}

const running = ({ agents }: Cluster): number => agents.reduce((sum, { machine }) => sum + machine.running.length, 0);

const connected = ({ master }: Cluster): number =>
  [...(master.core?.state.agents.values() ?? [])].filter(({ connection }) => connection === "connected").length;

it("a leader that is killed is replaced within a second, agents find the new one, and tasks run on", async () => {
  const { cluster, leader } = await begin();
  leader.kill();
  await cluster.run(1_000);
  expect(cluster.master.leader?.place).not.toBe(leader.place);
  expect(cluster.master.leader?.core).toBeDefined();
  await cluster.run(5_000);
  expect(connected(cluster)).toBe(3);
  expect(running(cluster)).toBe(4);
  leader.start();
  await cluster.run(5_000);
  for (const { contenders, checker } of cluster.contests) checker.checkRest(contenders);
});

it("the last leader leads again at once when it is killed and started, before its old lease is over", async () => {
  const { cluster, leader } = await begin();
  for (const one of cluster.master.processes) one.kill();
  leader.start();
  await cluster.run(500);
  expect(cluster.master.leader).toBe(leader);
  expect(leader.core).toBeDefined();
});

it("whoever is started where a leader stands still waits for its lease", async () => {
  const { cluster, leader } = await begin();
  for (const one of cluster.master.processes) if (one !== leader) one.kill();
  const old = leader.replace();
  await cluster.run(1_000);
  expect(leader.leads).toBe(false);
  await cluster.run(3_000);
  expect(leader.leads).toBe(true);
  old.resume();
  await cluster.run(1_000);
  expect(leader.leads).toBe(true);
  old.end();
});

it("a leader that stood still for longer than its lease does nothing when it goes on, and stands by", async () => {
  const { cluster, leader } = await begin();
  leader.pause();
  await cluster.run(5_000);
  const next = cluster.master.leader!;
  expect(next.place).not.toBe(leader.place);
  expect(connected(cluster)).toBe(3);
  leader.resume();
  expect(leader.mayAct).toBe(false);
  await cluster.run(10_000);
  expect(cluster.master.leader).toBe(next);
  expect(leader.leaderKnown?.hostname).toBe(next.place);
  expect(running(cluster)).toBe(4);
});

it("a leader that is cut off from etcd has stepped down before another one leads", async () => {
  const { cluster, leader } = await begin();
  cluster.network.partition(leader.place, "etcd");
  let overlap = 0;
  for (let ms = 0; ms < 8_000; ms += 10) {
    await cluster.run(10);
    overlap = Math.max(overlap, cluster.master.processes.filter(({ mayAct }) => mayAct).length);
  }
  expect(overlap).toBe(1);
  expect(cluster.master.leader?.place).not.toBe(leader.place);
  expect(connected(cluster)).toBe(3);
});

it("without etcd nobody leads and tasks run on, and all comes back with it", async () => {
  const { cluster } = await begin();
  for (const member of cluster.etcd!.members) cluster.etcd!.kill(member);
  await cluster.run(30_000);
  expect(cluster.master.processes.some(({ mayAct }) => mayAct)).toBe(false);
  expect(running(cluster)).toBe(4);
  for (const member of cluster.etcd!.members) cluster.etcd!.start(member);
  await cluster.run(60_000);
  expect(connected(cluster)).toBe(3);
  expect(running(cluster)).toBe(4);
});

it("a write of a leader that was followed is refused, whenever it arrives", async () => {
  const { cluster, leader } = await begin();
  cluster.network.block(leader.place, "etcd");
  void cluster.master.operate({
    type: "UPDATE_WEIGHTS",
    update_weights: { weight_infos: [{ role: "late", weight: 3 }] },
  });
  await cluster.run(8_000);
  const next = cluster.master.leader!;
  cluster.network.heal(leader.place, "etcd");
  await cluster.run(8_000);
  expect(cluster.master.leader).toBe(next);
  expect(next.core?.state.weights.has("late")).toBe(false);
});

it("an operator who was answered finds what he has set, whoever leads next", async () => {
  const { cluster } = await begin(5);
  for (let weight = 2; weight < 8; weight++) {
    const call = { weight_infos: [{ role: "kept", weight }] };
    const answered = cluster.master.operate({ type: "UPDATE_WEIGHTS", update_weights: call });
    await cluster.run(1_000);
    expect((await answered)?.status).toBe(200);
    const leader = cluster.master.leader!;
    leader.kill();
    await cluster.run(2_000);
    expect(cluster.master.core?.state.weights.get("kept")).toBe(weight);
    leader.start();
    await cluster.run(1_000);
  }
});

it("while etcd is full the leader stays, writes are refused, and both go on when there is room", async () => {
  const { cluster, leader } = await begin();
  cluster.etcd!.full = true;
  const weights = { weight_infos: [{ role: "kept", weight: 2 }] };
  void cluster.master.operate({ type: "UPDATE_WEIGHTS", update_weights: weights });
  await cluster.run(20_000);
  expect(cluster.master.core?.state.weights.has("kept")).toBe(false);
  expect(cluster.master.leader).toBe(leader);
  cluster.etcd!.full = false;
  await cluster.run(20_000);
  const taken = cluster.master.operate({ type: "UPDATE_WEIGHTS", update_weights: weights });
  await cluster.run(2_000);
  expect((await taken)?.status).toBe(200);
  expect(cluster.master.leader).toBe(leader);
  expect(connected(cluster)).toBe(3);
  expect(running(cluster)).toBe(4);
});
