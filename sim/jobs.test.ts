import { expect, it } from "vitest";
import type { Cluster } from "./cluster.ts";
import { runJobs } from "./jobs.ts";

/** Sixty more are among the seeds of seeds.process.test.ts. */
const HISTORIES = 12;

it("each job runs once for each of its instants, and in time as far as anybody could, whatever dies: Jepsen's test of Chronos, without forgiveness", {
  timeout: 600_000,
}, async () => {
  const totals = { attempts: 0, demanded: 0 };
  for (let seed = 1; seed <= HISTORIES; seed++) {
    const outcome = await runJobs(seed);
    for (const what of ["attempts", "demanded"] as const) totals[what] += outcome[what];
  }
  // Most runs are asked for, whatever is forgiven.
  expect(totals.demanded).toBeGreaterThan(totals.attempts * 0.8);
});

it("with three masters and up to three crons on one etcd as well", { timeout: 600_000 }, async () => {
  const kinds = new Set<string>();
  const totals = { attempts: 0, demanded: 0 };
  // 12 and 21: frameworks and agents that were sent to a master which stood still, and waited for half a minute; 18: a standby sent them to a leader that was gone; 36: an agent that had stood still until
  // it was given up began what waited in its socket.
  for (const seed of [6, 12, 18, 21, 36]) {
    const outcome = await runJobs(seed, { masters: 3 });
    for (const what of ["attempts", "demanded"] as const) totals[what] += outcome[what];
    for (const kind of Object.keys(outcome.kinds)) kinds.add(kind);
  }
  // As above; where many faults come at once it is fewer in one of them.
  expect(totals.demanded).toBeGreaterThan(totals.attempts * 0.8);
  expect([...kinds]).toContain("pause contender");
});

it("what is late although somebody led is told", { timeout: 600_000 }, async () => {
  const stop = ({ world, master }: Cluster): void => {
    world.after(200_000, () => {
      for (const one of master.processes) one.pause();
      world.after(60_000, () => {
        for (const one of master.processes) one.resume();
      });
    });
  };
  await expect(runJobs(6, { masters: 3, prepare: stop })).rejects.toThrow(/jobs of seed 6/);
});

it("a seed gives the same history of jobs every time", async () => {
  expect(await runJobs(4)).toEqual(await runJobs(4));
});
