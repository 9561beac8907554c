import type { Cluster } from "../cluster.ts";
import { NEWEST_RELEASE, type Release } from "../world/release.ts";
import type { World } from "../world/world.ts";
import { type FaultKind, fault, type Process, processAt, type Who } from "./fault.ts";

const ANYBODY: readonly Who[] = ["master", "masters", "agent", "tenant"];

/** A process is replaced by one of the next release, which brings the records up and may be killed in the middle of that; and somebody goes back. */
export const RELEASE_FAULTS: readonly FaultKind[] = [
  fault(
    "upgrade",
    4,
    ANYBODY,
    (dice) => ({
      ms: dice.between(100, 10_000),
      recordsACommit: dice.chance(50) ? 100_000 : dice.between(1, 20),
      commits: dice.chance(60) ? dice.between(1, 12) : 0,
      againMs: dice.between(10, 5_000),
    }),
    (cluster, { place, ms, recordsACommit, commits, againMs }) => {
      const process = processAt(cluster, place);
      if (!process?.alive || process.release.number === NEWEST_RELEASE) return "";
      process.release = { number: process.release.number + 1, recordsACommit };
      process.kill();
      const what = `${place} stopped, and after ${ms} ms started as release ${process.release.number}`;
      startAfter(cluster, process, ms, () => commits > 0 && killAfter(cluster, process, commits, againMs));
      return commits > 0 ? `${what}, to be killed after ${commits} commits for ${againMs} ms` : what;
    },
  ),
  fault(
    "downgrade",
    2,
    ANYBODY,
    (dice: World) => ({ ms: dice.between(100, 10_000) }),
    (cluster, { place, ms }) => {
      const process = processAt(cluster, place);
      if (!process?.alive || process.release.number === 1) return "";
      process.release = { ...process.release, number: process.release.number - 1 };
      process.kill();
      startAfter(cluster, process, ms, () => {});
      return `${place} stopped, and after ${ms} ms started as release ${process.release.number}, to go back`;
    },
  ),
];

/** An upgrade that dies in its midst is given up: the release before goes on with what it finds, and somebody tries again later. */
export const GIVEN_UP: FaultKind = fault(
  "upgrade given up",
  1,
  ANYBODY,
  (dice) => ({
    ms: dice.between(100, 5_000),
    recordsACommit: dice.between(1, 6),
    commits: dice.between(1, 10),
    againMs: dice.between(5_000, 60_000),
  }),
  (cluster, { place, ms, recordsACommit, commits, againMs }) => {
    const process = processAt(cluster, place);
    if (!process?.alive || process.release.number === NEWEST_RELEASE) return "";
    const before = process.release;
    const next = { number: before.number + 1, recordsACommit };
    replace(cluster, process, next, ms);
    const giveUp = (): void => {
      if (process.release !== next) return;
      replace(cluster, process, before, ms);
      cluster.world.after(againMs, () => process.release === before && replace(cluster, process, next, ms));
    };
    afterCommits(cluster, process, commits, giveUp);
    return `${place} stopped, started as release ${next.number}, and after ${commits} commits as ${before.number} again, for ${againMs} ms`;
  },
);

function replace(cluster: Cluster, process: Process, release: Release, ms: number): void {
  process.release = release;
  process.kill();
  startAfter(cluster, process, ms, () => {});
}

function startAfter({ world, network }: Cluster, process: Process, ms: number, then: () => void): void {
  world.after(ms, () => {
    if (process.alive || network.isDark(process.place)) return;
    process.start();
    then();
  });
}

function killAfter(cluster: Cluster, process: Process, commits: number, ms: number): void {
  afterCommits(cluster, process, commits, () => {
    if (!process.alive) return;
    process.kill();
    startAfter(cluster, process, ms, () => {});
  });
}

function afterCommits(cluster: Cluster, process: Process, commits: number, then: () => void): void {
  if (cluster.master.processes.some(({ place }) => place === process.place) && cluster.etcd !== undefined)
    cluster.etcd.afterWrites(process.place, commits, then);
  else process.disk.afterCommits(commits, then);
}
