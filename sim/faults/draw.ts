import type { Cluster } from "../cluster.ts";

/** One thing that goes wrong, and heals by itself after a while. Returns what it was, for the log. */
type Fault = (cluster: Cluster) => string;

const MINUTE = 60_000;

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

const killScheduler: Fault = ({ world, schedulers }) => {
  const scheduler = schedulers[world.random.below(schedulers.length)]!;
  const ms = world.between(100, 30_000);
  scheduler.kill();
  world.after(ms, () => scheduler.start());
  return `${scheduler.place} killed for ${ms} ms`;
};

const partition: Fault = ({ world, network, agents, schedulers }) => {
  const places = [...agents, ...schedulers];
  const { place } = places[world.random.below(places.length)]!;
  if (network.isPartitioned(place, "master")) return "";
  const ms = world.chance(60) ? world.between(100, 30_000) : world.between(MINUTE, 4 * MINUTE);
  network.partition(place, "master");
  world.after(ms, () => network.heal(place, "master"));
  return `${place} cut off for ${ms} ms`;
};

const fullDisk: Fault = ({ world, master, agents }) => {
  const nodes = [master, ...agents];
  const { disk, place } = nodes[world.random.below(nodes.length)]!;
  if (disk.full) return "";
  const ms = world.between(100, 20_000);
  disk.full = true;
  world.after(ms, () => {
    disk.full = false;
  });
  return `disk of ${place} full for ${ms} ms`;
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
  const ids = [...scheduler.tasks.keys()];
  if (ids.length === 0) return "";
  const id = ids[world.random.below(ids.length)]!;
  scheduler.killTask(id);
  return `${id} is to be killed`;
};

const FAULTS: readonly [weight: number, fault: Fault][] = [
  [4, killMaster],
  [6, killAgent],
  [2, powerOff],
  [3, killScheduler],
  [5, partition],
  [2, fullDisk],
  [2, slowNetwork],
  [8, killTask],
];
const TOTAL = FAULTS.reduce((sum, [weight]) => sum + weight, 0);

/** Draws one fault by weight and lets it happen. */
export function drawFault(cluster: Cluster): string {
  let left = cluster.world.random.below(TOTAL);
  for (const [weight, fault] of FAULTS) {
    if (left < weight) return fault(cluster);
    left -= weight;
  }
  return "";
}
