import type { Cluster } from "../cluster.ts";
import type { FrameworkProcess } from "../world/framework.ts";

type Fault = (cluster: Cluster, framework: FrameworkProcess) => string;

const HOUR = 60 * 60_000;

const kill: Fault = ({ world }, framework) => {
  if (!framework.alive) return "";
  const ms = world.between(100, 30_000);
  framework.kill();
  world.after(ms, () => framework.start());
  return `${framework.place} killed for ${ms} ms`;
};

const killAtCommit: Fault = ({ world }, framework) => {
  if (!framework.alive) return "";
  const ms = world.between(10, 5_000);
  framework.dieAfterCommits = world.between(1, 8);
  framework.onDeath = () => world.after(ms, () => framework.start());
  return `${framework.place} to be killed after ${framework.dieAfterCommits} commits, for ${ms} ms`;
};

const cut: Fault = ({ world, network }, { place }) => {
  if (network.isPartitioned(place, "master")) return "";
  const ms = world.chance(70) ? world.between(100, 30_000) : world.between(30_000, 120_000);
  const way = world.random.below(4);
  if (way === 0) network.block(place, "master");
  else if (way === 1) network.block("master", place);
  else network.partition(place, "master");
  world.after(ms, () => network.heal(place, "master"));
  return `${place} ${["cannot be heard", "hears nothing"][way] ?? "cut off"} for ${ms} ms`;
};

const disconnect: Fault = ({ network }, { place }) => {
  network.drop(place);
  return `the connection of ${place} to the master breaks`;
};

const pause: Fault = ({ world }, framework) => {
  if (!framework.alive || framework.paused) return "";
  const ms = world.between(100, 60_000);
  framework.pause();
  world.after(ms, () => framework.resume());
  return `${framework.place} stopped for ${ms} ms`;
};

const badDisk: Fault = ({ world }, { disk, place }) => {
  if (disk.full || disk.slownessMs > 4 || disk.failures > 0) return "";
  const ms = world.between(100, 20_000);
  const kind = world.random.below(3);
  if (kind === 0) disk.full = true;
  else if (kind === 1) disk.slownessMs = world.between(100, 3_000);
  else disk.failures = 1;
  world.after(ms, () => Object.assign(disk, { full: false, slownessMs: 4 }));
  return `disk of ${place} ${["full", "slow", "fails once"][kind]}${kind === 2 ? "" : ` for ${ms} ms`}`;
};

const clockJump: Fault = ({ world }, { clock, place }) => {
  const ms = world.between(-HOUR, HOUR);
  clock.jump(ms);
  return `clock of ${place} jumps by ${ms} ms`;
};

/** Some of its tasks end by themselves. */
const endTasks: Fault = ({ world, agents }, framework) => {
  const { frameworkId } = framework;
  const all = agents.flatMap(({ machine }) => machine.running.map((process) => ({ machine, process })));
  const mine = all.filter(({ process }) => frameworkId && process.script.task?.startsWith(frameworkId));
  const chosen = mine.filter(() => world.chance(30));
  for (const { machine, process } of chosen) machine.end(process, world.chance(70) ? 1 << 8 : 0);
  return chosen.length === 0 ? "" : `${chosen.length} tasks of ${framework.place}'s end`;
};

const FAULTS: readonly [weight: number, fault: Fault][] = [
  [4, kill],
  [8, killAtCommit],
  [4, cut],
  [2, disconnect],
  [2, pause],
  [2, badDisk],
  [1, clockJump],
  [4, endTasks],
];
const TOTAL = FAULTS.reduce((sum, [weight]) => sum + weight, 0);

/** Draws one fault of a framework of the house, or of its connection to the master, by weight, and lets it happen. */
export function drawFrameworkFault(cluster: Cluster, framework: FrameworkProcess): string {
  let left = cluster.world.random.below(TOTAL);
  for (const [weight, fault] of FAULTS) {
    if (left < weight) return fault(cluster, framework);
    left -= weight;
  }
  return "";
}
