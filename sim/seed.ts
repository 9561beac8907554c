import { Violation } from "./checkers/violation.ts";
import { Cluster } from "./cluster.ts";
import { drawFault } from "./faults/draw.ts";
import type { TenantName } from "./tenants/all.ts";
import { Keeper } from "./workloads/keeper.ts";
import { Operator } from "./workloads/operator.ts";
import { Steady, type Wish } from "./workloads/steady.ts";
import { World } from "./world/world.ts";

export interface Outcome {
  seed: number;
  steps: number;
  updates: number;
  faults: number;
  simulatedMs: number;
}

const TROUBLE_MS = 4 * 60_000;
/** All faults heal within 4 minutes, an unreachable agent is known after 75 s, and tasks run for 2 minutes at most. */
const REST_MS = 12 * 60_000;
/** The frameworks of the house end all that they run, and give back what they kept. */
const WIPE_MS = 6 * 60_000;
/** In the end nobody wants offers, and those that are out come back. */
const SILENCE_MS = 2 * 60_000;

export interface Play {
  /** The frameworks of the house that take part; unless said, an init or a cron in some of the histories. */
  tenants?: readonly TenantName[] | undefined;
  tell?: (line: string) => void;
  /** Changes the cluster before it starts. */
  prepare?: (cluster: Cluster) => void;
}

/** One history, wholly determined by its seed: a cluster in trouble, then at rest. Throws what went wrong, with the seed. */
export async function runSeed(
  seed: number,
  { tell = () => {}, prepare = () => {}, tenants = tenantsOf(seed) }: Play = {},
): Promise<Outcome> {
  const plan = drawPlan(seed);
  const cluster = new Cluster(seed, plan);
  const { world } = cluster;
  const startMs = world.nowMs;
  const time = (): string => ((world.nowMs - startMs) / 1000).toFixed(3);
  let faults = 0;
  try {
    for (const tenant of tenants) cluster.addTenant(tenant);
    prepare(cluster);
    const workloads = fill(cluster, plan);
    cluster.start();
    await cluster.run(world.between(2_000, 10_000));
    while (world.nowMs - startMs < TROUBLE_MS) {
      const what = drawFault(cluster);
      if (what !== "") {
        faults++;
        tell(`${time()} ${what}`);
      }
      await cluster.run(world.between(200, 12_000));
    }
    for (const workload of workloads) workload.resting = true;
    for (const tenant of cluster.tenants) tenant.rest();
    await cluster.run(REST_MS);
    for (const tenant of cluster.tenants) tenant.checkRest();
    for (const tenant of cluster.tenants) tenant.wipe();
    if (cluster.tenants.length > 0) await cluster.run(WIPE_MS);
    for (const scheduler of cluster.schedulers) scheduler.suppress();
    await cluster.run(SILENCE_MS);
    cluster.checkEnd();
  } catch (error) {
    throw new Violation(`seed ${seed}, at ${time()} s: ${(error as Error).message}`, { cause: error });
  }
  return { seed, steps: world.steps, updates: cluster.updates, faults, simulatedMs: world.nowMs - startMs };
}

/** Histories with an init take several times as long as others. */
function tenantsOf(seed: number): TenantName[] {
  if (seed % 5 === 2) return ["cron"];
  return seed % 5 === 0 && seed <= 250 ? ["init"] : [];
}

interface DrawnPlan {
  agents: number;
  resources: string;
  wishes: Wish[];
  keepers: string[];
  hasOperator: boolean;
}

function fill(cluster: Cluster, { wishes, keepers, hasOperator }: DrawnPlan): { resting: boolean }[] {
  const { world, master } = cluster;
  const steady = wishes.map((wish) => new Steady(wish, world.of(wish.name)));
  const stateful = keepers.map((role, i) => new Keeper(`k${i + 1}`, role, world.of(`k${i + 1}`)));
  for (const workload of [...steady, ...stateful]) cluster.add(workload);
  cluster.mayErase = (id) => stateful.some(({ destroyed }) => destroyed.has(id));
  if (!hasOperator) return [...steady, ...stateful];
  const roles = [...wishes.flatMap((wish) => wish.roles), ...keepers].map((role) => role.split("/")[0]!);
  cluster.operator = new Operator(master, world.of("operator"), [...new Set(roles)]);
  cluster.operator.start();
  return [...steady, ...stateful, cluster.operator];
}

function drawPlan(seed: number): DrawnPlan {
  const world = new World(seed ^ 0x5eed);
  const wishes = Array.from({ length: world.between(1, 3) }, (_, i) => drawWish(world, i + 1));
  const keepers = ["store", "shared/db"].slice(0, world.between(0, 2));
  const resources = "cpus:4;mem:2048;disk:10240;ports:[31000-31100]";
  return { agents: world.between(1, 5), resources, wishes, keepers, hasOperator: world.chance(60) };
}

function drawWish(world: World, number: number): Wish {
  const roles = [
    ["shared"],
    [`team-${number}`],
    ["shared/web", `team-${number}`],
    [`team-${number}/a`, `team-${number}/b`],
  ];
  return {
    name: `f${number}`,
    roles: roles[world.random.below(4)]!,
    tasks: world.between(1, 8),
    cpus: world.between(1, 20) / 10,
    memMiB: 32 * world.between(1, 8),
    seconds: [0, world.between(1, 120)],
    failPercent: 20,
    groupPercent: [0, 50, 100][world.random.below(3)]!,
    ownPercent: [0, 0, 60][world.random.below(3)]!,
    checkpoint: world.chance(80),
    failoverSeconds: [0, 10, 3_600, 3_600][world.random.below(4)]!,
  };
}
