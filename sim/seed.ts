import { Violation } from "./checkers/kernel.ts";
import { Cluster } from "./cluster.ts";
import { drawFault } from "./faults/draw.ts";
import { Steady, type Wish } from "./workloads/steady.ts";
import { World } from "./world/world.ts";

export interface Outcome {
  seed: number;
  steps: number;
  updates: number;
  faults: number;
  simulatedMs: number;
}

const TROUBLE_MS = 6 * 60_000;
/** All faults heal within 4 minutes, an unreachable agent is known after 75 s, and tasks run for 2 minutes at most. */
const REST_MS = 12 * 60_000;

/** One history, wholly determined by its seed: a cluster in trouble, then at rest. Throws what went wrong, with the seed. */
export async function runSeed(seed: number, tell: (line: string) => void = () => {}): Promise<Outcome> {
  const plan = drawPlan(seed);
  const cluster = new Cluster(seed, plan);
  const { world } = cluster;
  const workloads = plan.wishes.map((wish) => new Steady(wish, world));
  const startMs = world.nowMs;
  let faults = 0;
  try {
    cluster.start();
    for (const workload of workloads) cluster.add(workload);
    await cluster.run(world.between(2_000, 10_000));
    while (world.nowMs - startMs < TROUBLE_MS) {
      const what = drawFault(cluster);
      if (what !== "") {
        faults++;
        tell(`${((world.nowMs - startMs) / 1000).toFixed(3)} ${what}`);
      }
      await cluster.run(world.between(200, 20_000));
    }
    for (const workload of workloads) workload.resting = true;
    await cluster.run(REST_MS);
    cluster.checkLaunches();
    cluster.checkRest();
  } catch (error) {
    throw new Violation(
      `seed ${seed}, at ${((world.nowMs - startMs) / 1000).toFixed(3)} s: ${(error as Error).message}`,
      { cause: error },
    );
  }
  return { seed, steps: world.steps, updates: cluster.updates, faults, simulatedMs: world.nowMs - startMs };
}

function drawPlan(seed: number): { agents: number; resources: string; wishes: Wish[] } {
  const world = new World(seed ^ 0x5eed);
  const wishes = Array.from({ length: world.between(1, 3) }, (_, i) => ({
    name: `f${i + 1}`,
    role: world.chance(50) ? "shared" : `team-${i + 1}`,
    tasks: world.between(1, 8),
    cpus: world.between(1, 20) / 10,
    memMiB: 32 * world.between(1, 8),
    seconds: [0, world.between(1, 120)] as [number, number],
    failPercent: 20,
  }));
  return { agents: world.between(1, 5), resources: "cpus:4;mem:2048;disk:10240;ports:[31000-31100]", wishes };
}
