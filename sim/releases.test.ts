import { FORMAT_KEY, NEXT } from "@meseta/lib/core/format.ts";
import { expect, it } from "vitest";
import { FormatChecker } from "./checkers/formats.ts";
import { Cluster } from "./cluster.ts";
import { happen } from "./faults/draw.ts";
import { lasting } from "./workloads/lasting.rig.ts";
import { Steady } from "./workloads/steady.ts";

/** An agent with two tasks that run, and one master or several. */
async function begin(masters?: number): Promise<Cluster> {
  const plan = { agents: 1, resources: "cpus:4;mem:2048", ...(masters !== undefined && { masters, isBrisk: true }) };
  const cluster = new Cluster(1, plan);
  cluster.add(new Steady(lasting(2), cluster.world.of("f1")));
  cluster.start();
  await cluster.run(20_000);
  return cluster;
}

const upgrade = (cluster: Cluster, place: string, recordsACommit: number, commits: number): string =>
  happen(cluster, { atMs: 0, kind: "upgrade", parts: { place, ms: 100, recordsACommit, commits, againMs: 100 } });

/** All is of one format, and served by a release that knows it; both tasks run on. */
function expectWell({ stores, agents }: Cluster): void {
  for (const { disk, checker, release } of stores) checker.checkRest(disk, release());
  expect(agents[0]!.machine.running).toHaveLength(2);
  expect([...agents[0]!.machine.truths.values()].map(({ starts }) => starts)).toEqual([1, 1]);
}

it("an agent of the next release brings its records up, after whichever commit of that it is killed", async () => {
  for (let commits = 1; commits <= 13; commits += 3) {
    const cluster = await begin();
    upgrade(cluster, "a1", 1, commits);
    await cluster.run(20_000);
    const { records } = cluster.agents[0]!.disk.records;
    expect(JSON.parse(records.get(FORMAT_KEY)!)).toEqual({ format: 2, release: "2" });
    expectWell(cluster);
  }
});

it("who goes back to a release that does not know the records is refused, changes nothing, and is replaced by one that does", async () => {
  const cluster = await begin();
  const { disk } = cluster.agents[0]!;
  upgrade(cluster, "a1", 100_000, 0);
  await cluster.run(20_000);
  happen(cluster, { atMs: 0, kind: "downgrade", parts: { place: "a1", ms: 100 } });
  const contents = (): string => JSON.stringify([disk.records.epoch, ...disk.records.records]);
  const before = contents();
  await cluster.run(500);
  expect([cluster.agents[0]!.alive, contents()]).toEqual([false, before]);
  await cluster.run(20_000);
  expect(cluster.agents[0]!.release.number).toBe(2);
  expectWell(cluster);
});

it("masters of two releases stand by one another until the newer has led; then those of the older are refused and follow", async () => {
  const cluster = await begin(3);
  const { processes, leader } = cluster.master;
  const newer = processes.find((one) => one !== leader)!;
  const older = processes.filter((one) => one !== newer);
  upgrade(cluster, newer.place, 1, 0);
  await cluster.run(10_000);
  expect(cluster.master.leader).toBe(leader);
  for (const one of older) one.kill();
  await cluster.run(10_000);
  expect(cluster.master.leader).toBe(newer);
  for (const one of older) one.start();
  await cluster.run(30_000);
  expect(processes.map(({ release }) => release.number)).toEqual([2, 2, 2]);
  for (const { contenders, checker } of cluster.contests) checker.checkRest(contenders);
  expectWell(cluster);
});

it("who gets an older folder back after he was replaced by a newer release brings that up as well", async () => {
  const cluster = await begin();
  const bringBack = cluster.agents[0]!.beginAnew();
  upgrade(cluster, "a1", 1, 0);
  await cluster.run(20_000);
  bringBack();
  await cluster.run(20_000);
  for (const { disk, checker, release } of cluster.stores) checker.checkRest(disk, release());
  expect(cluster.agents[0]!.release.number).toBe(2);
});

it("records of two formats in one store are noticed, and one that goes back", () => {
  const put = (checker: FormatChecker, key: string, text: string): void =>
    checker.committed({ puts: new Map([[key, text]]), deletes: new Set() });
  const second = (): FormatChecker => {
    const checker = new FormatChecker("a1");
    put(checker, FORMAT_KEY, JSON.stringify({ format: 2, release: "2" }));
    return checker;
  };
  expect(() => put(new FormatChecker("a1"), "task/1", " {}")).toThrow("I5: a1 holds format 1");
  expect(() => put(second(), "task/1", "{}")).toThrow("I5: a1 holds format 2");
  expect(() => put(second(), FORMAT_KEY, JSON.stringify({ format: 1, release: "1" }))).toThrow("format 1");
});

it("an upgrade that dies in its midst is given up, its traces go with the release before, and it is made again", async () => {
  const cluster = await begin();
  const agent = cluster.agents[0]!;
  const left = (): number => [...agent.disk.records.records.keys()].filter((key) => key.startsWith(NEXT)).length;
  const parts = { place: "a1", ms: 1_000, recordsACommit: 1, commits: 4, againMs: 10_000 };
  happen(cluster, { atMs: 0, kind: "upgrade given up", parts });
  await cluster.run(1_500);
  expect(agent.alive).toBe(false);
  expect(left()).toBeGreaterThan(0);
  await cluster.run(5_000);
  expect([agent.alive, agent.release.number, left()]).toEqual([true, 1, 0]);
  await cluster.run(20_000);
  expect(agent.release.number).toBe(2);
  expectWell(cluster);
});
