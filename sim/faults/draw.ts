import type { Cluster } from "../cluster.ts";
import { drawFrameworkFault } from "./framework.ts";

/** One thing that goes wrong, and heals by itself after a while. Returns what it was, for the log; empty when it could not be. */
type Fault = (cluster: Cluster) => string;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const killMaster: Fault = ({ world, master }) => {
  if (!master.alive) return "";
  const ms = world.between(100, 20_000);
  master.kill();
  world.after(ms, () => master.start());
  return `master killed for ${ms} ms`;
};

const killAgent: Fault = ({ world, agents }) => {
  const agent = agents[world.random.below(agents.length)]!;
  if (!agent.alive) return "";
  const ms = world.chance(80) ? world.between(100, 30_000) : world.between(MINUTE, 3 * MINUTE);
  agent.kill();
  world.after(ms, () => agent.start());
  return `${agent.place} killed for ${ms} ms`;
};

const powerOff: Fault = ({ world, agents }) => {
  const agent = agents[world.random.below(agents.length)]!;
  if (!agent.alive) return "";
  const ms = world.between(5_000, 2 * MINUTE);
  agent.powerOff();
  world.after(ms, () => agent.start());
  return `${agent.place} without power for ${ms} ms`;
};

const killLauncher: Fault = ({ world, agents }) => {
  const { machine, place } = agents[world.random.below(agents.length)]!;
  if (!machine.launcherAlive) return "";
  const ms = world.between(10, 10_000);
  machine.killLauncher();
  world.after(ms, () => machine.startLauncher());
  return `launcher of ${place} killed for ${ms} ms`;
};

const killScheduler: Fault = ({ world, schedulers }) => {
  const scheduler = schedulers[world.random.below(schedulers.length)]!;
  const ms = world.between(100, 30_000);
  scheduler.kill();
  world.after(ms, () => scheduler.start());
  return `${scheduler.place} killed for ${ms} ms`;
};

const teardown: Fault = ({ world, schedulers }) => {
  const scheduler = schedulers[world.random.below(schedulers.length)]!;
  scheduler.teardown();
  return `${scheduler.place} ends its framework`;
};

const partition: Fault = ({ world, network, agents, schedulers }) => {
  const places = [...agents, ...schedulers];
  const { place } = places[world.random.below(places.length)]!;
  if (network.isPartitioned(place, "master")) return "";
  const ms = world.chance(60) ? world.between(100, 30_000) : world.between(MINUTE, 4 * MINUTE);
  const way = world.random.below(4);
  if (way === 0) network.block(place, "master");
  else if (way === 1) network.block("master", place);
  else network.partition(place, "master");
  world.after(ms, () => network.heal(place, "master"));
  return `${place} ${["cannot be heard", "hears nothing"][way] ?? "cut off"} for ${ms} ms`;
};

const badDisk: Fault = ({ world, master, agents }) => {
  const nodes = [master, ...agents];
  const { disk, place } = nodes[world.random.below(nodes.length)]!;
  if (disk.full || disk.slownessMs > 4 || disk.failures > 0) return "";
  const ms = world.between(100, 20_000);
  const kind = world.random.below(3);
  if (kind === 0) disk.full = true;
  else if (kind === 1) disk.slownessMs = world.between(100, 3_000);
  else disk.failures = 1;
  world.after(ms, () => Object.assign(disk, { full: false, slownessMs: 4 }));
  return `disk of ${place} ${["full", "slow", "fails once"][kind]}${kind === 2 ? "" : ` for ${ms} ms`}`;
};

const slowNetwork: Fault = ({ world, network }) => {
  const ms = world.between(1_000, 30_000);
  network.weather.maxDelayMs = 2_000;
  world.after(ms, () => {
    network.weather.maxDelayMs = 20;
  });
  return `network slow for ${ms} ms`;
};

const killTask: Fault = ({ world, schedulers }) => {
  const scheduler = schedulers[world.random.below(schedulers.length)]!;
  const ids = [...scheduler.tasks.keys()].slice(-10);
  if (ids.length === 0) return "";
  const id = ids[world.random.below(ids.length)]!;
  scheduler.killTask(id);
  return `${id} is to be killed`;
};

const suppress: Fault = ({ world, schedulers }) => {
  const scheduler = schedulers[world.random.below(schedulers.length)]!;
  const ms = world.between(1_000, 30_000);
  scheduler.suppress();
  world.after(ms, () => scheduler.revive());
  return `${scheduler.place} wants no offers for ${ms} ms`;
};

const pause: Fault = ({ world, master, agents }) => {
  const nodes = [master, ...agents];
  const node = nodes[world.random.below(nodes.length)]!;
  if (!node.alive || node.paused) return "";
  const ms = world.between(100, MINUTE);
  node.pause();
  world.after(ms, () => node.resume());
  return `${node.place} stopped for ${ms} ms`;
};

const succeed: Fault = ({ world, master }) => {
  if (!master.alive || master.paused) return "";
  const ms = world.between(100, 2 * MINUTE);
  const goOn = master.succeed();
  world.after(ms, goOn);
  return `master stopped and succeeded; the old one goes on after ${ms} ms`;
};

const clockJump: Fault = ({ world, master, agents }) => {
  const nodes = [master, ...agents];
  const { clock, place } = nodes[world.random.below(nodes.length)]!;
  const ms = world.between(-HOUR, HOUR);
  clock.jump(ms);
  return `clock of ${place} jumps by ${ms} ms`;
};

const FAULTS: readonly [weight: number, fault: Fault][] = [
  [4, killMaster],
  [6, killAgent],
  [2, powerOff],
  [2, killLauncher],
  [3, killScheduler],
  [1, teardown],
  [5, partition],
  [3, badDisk],
  [2, slowNetwork],
  [8, killTask],
  [2, suppress],
  [3, pause],
  [1, succeed],
  [2, clockJump],
];
const TOTAL = FAULTS.reduce((sum, [weight]) => sum + weight, 0);

/** Draws one fault by weight and lets it happen. */
export function drawFault(cluster: Cluster): string {
  const { tenants, world } = cluster;
  if (tenants.length > 0 && world.chance(40))
    return drawFrameworkFault(cluster, tenants[world.random.below(tenants.length)]!.framework);
  let left = cluster.world.random.below(TOTAL);
  for (const [weight, fault] of FAULTS) {
    if (left < weight) return fault(cluster);
    left -= weight;
  }
  return "";
}
