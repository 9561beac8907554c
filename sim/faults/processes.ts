import type { Cluster } from "../cluster.ts";
import { type FaultKind, fault, mostlyShort, processAt, schedulerAt, type Who } from "./fault.ts";

const MINUTE = 60_000;

/** kill -9, at any moment or just after a commit; SIGSTOP; power; and a leader that is succeeded while it stands still. */
export const PROCESS_FAULTS: readonly FaultKind[] = [
  kill("master", 4, 20_000),
  kill("agent", 6, 30_000),
  kill("tenant", 10, 30_000),
  killAtCommit("master", 2),
  killAtCommit("agent", 3),
  killAtCommit("tenant", 16),
  pause("master", 1),
  pause("agent", 2),
  pause("tenant", 4),
  fault(
    "power off agent",
    3,
    ["agent"],
    (dice) => ({ ms: dice.between(5_000, 2 * MINUTE) }),
    ({ world, agents, network }, { place, ms }) => {
      const agent = agents.find((each) => each.place === place);
      if (!agent?.alive) return "";
      network.darken(place);
      agent.powerOff();
      world.after(ms, () => {
        network.lighten(place);
        agent.start();
      });
      return `${place} without power for ${ms} ms`;
    },
  ),
  fault(
    "former folder",
    1,
    ["agent"],
    (dice) => ({ ms: dice.between(5_000, MINUTE) }),
    ({ world, agents, network }, { place, ms }) => {
      const agent = agents.find((each) => each.place === place);
      if (!agent?.alive || agent.paused) return "";
      const bringBack = agent.beginAnew();
      world.after(ms, () => network.isDark(place) || bringBack());
      return `${place} begins with an empty folder, and gets its former one back after ${ms} ms`;
    },
  ),
  fault(
    "power off master",
    1,
    ["master"],
    (dice) => ({ ms: dice.between(1_000, MINUTE) }),
    (cluster, { place, ms }) => {
      const master = processAt(cluster, place);
      if (!master?.alive) return "";
      cluster.network.darken(place);
      master.kill();
      cluster.world.after(ms, () => {
        cluster.network.lighten(place);
        if (!master.alive) master.start();
      });
      return `${place} without power for ${ms} ms`;
    },
  ),
  fault(
    "kill launcher",
    2,
    ["agent"],
    (dice) => ({ ms: dice.between(10, 10_000) }),
    ({ world, agents }, { place, ms }) => {
      const machine = agents.find((agent) => agent.place === place)?.machine;
      if (!machine?.launcherAlive) return "";
      machine.killLauncher();
      world.after(ms, () => machine.startLauncher());
      return `launcher of ${place} killed for ${ms} ms`;
    },
  ),
  fault(
    "kill scheduler",
    3,
    ["scheduler"],
    (dice) => ({ ms: dice.between(100, 30_000) }),
    (cluster, { place, ms }) => {
      const scheduler = schedulerAt(cluster, place);
      if (scheduler === undefined) return "";
      scheduler.kill();
      cluster.world.after(ms, () => scheduler.start());
      return `${place} killed for ${ms} ms`;
    },
  ),
  fault(
    "succeed",
    1,
    ["master"],
    (dice) => ({ ms: dice.between(100, 2 * MINUTE) }),
    ({ world, master }, { ms }) => {
      if (!master.alive || master.paused) return "";
      world.after(ms, master.succeed());
      return `master stopped and succeeded; the old one goes on after ${ms} ms`;
    },
  ),
];

function kill(who: Who, weight: number, shortMs: number): FaultKind {
  return fault(
    `kill ${who}`,
    weight,
    [who],
    (dice) => ({ ms: who === "agent" ? mostlyShort(dice, shortMs, [MINUTE, 3 * MINUTE]) : dice.between(100, shortMs) }),
    (cluster, { place, ms }) => {
      const process = processAt(cluster, place);
      if (!process?.alive) return "";
      process.kill();
      startAfter(cluster, place, ms);
      return `${place} killed for ${ms} ms`;
    },
  );
}

function killAtCommit(who: Who, weight: number): FaultKind {
  return fault(
    `kill ${who} at commit`,
    weight,
    [who],
    (dice) => ({ commits: dice.between(1, 8), ms: dice.between(10, 5_000) }),
    (cluster, { place, commits, ms }) => {
      const process = processAt(cluster, place);
      if (!process?.alive) return "";
      process.disk.afterCommits(commits, () => {
        if (!process.alive) return;
        process.kill();
        startAfter(cluster, place, ms);
      });
      return `${place} to be killed after ${commits} commits, for ${ms} ms`;
    },
  );
}

function startAfter(cluster: Cluster, place: string, ms: number): void {
  const process = processAt(cluster, place)!;
  cluster.world.after(ms, () => process.alive || cluster.network.isDark(place) || process.start());
}

function pause(who: Who, weight: number): FaultKind {
  return fault(
    `pause ${who}`,
    weight,
    [who],
    (dice) => ({ ms: dice.between(100, MINUTE) }),
    (cluster, { place, ms }) => {
      const process = processAt(cluster, place);
      if (!process?.alive || process.paused) return "";
      process.pause();
      cluster.world.after(ms, () => process.resume());
      return `${place} stopped for ${ms} ms`;
    },
  );
}
