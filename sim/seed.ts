import { Violation } from "./checkers/violation.ts";
import { Cluster } from "./cluster.ts";
import { contest } from "./contest.ts";
import { happen } from "./faults/draw.ts";
import { processesOf } from "./faults/fault.ts";
import { drawHistory, type History } from "./history.ts";
import { Telling } from "./telling.ts";
import type { TenantName } from "./tenants/all.ts";
import { initOf } from "./tenants/init.ts";
import { upgradeWhereItIsTight } from "./tight.ts";
import { Keeper } from "./workloads/keeper.ts";
import { Operator } from "./workloads/operator.ts";
import { Steady } from "./workloads/steady.ts";

export interface Outcome {
  seed: number;
  steps: number;
  updates: number;
  faults: number;
  /** How many there were of each kind of fault. */
  kinds: Record<string, number>;
  simulatedMs: number;
}

/** All faults heal within 4 minutes, an unreachable agent is known after 75 s, and tasks run for 2 minutes at most. */
const REST_MS = 12 * 60_000;
/** The frameworks of the house end all that they run, and give back what they kept. */
const WIPE_MS = 6 * 60_000;
/** In the end nobody wants offers, and those that are out come back. */
const SILENCE_MS = 2 * 60_000;

export interface Play {
  /** The frameworks of the house that take part; unless said, an init or a cron in some of the histories. */
  tenants?: readonly TenantName[] | undefined;
  /** Told of each fault. */
  tell?: (line: string) => void;
  /** Told of every step: one line each, the same at each run of the same history. */
  log?: ((line: string) => void) | undefined;
  /** Changes the cluster before it starts. */
  prepare?: (cluster: Cluster) => void;
}

/** One history, wholly determined by its seed: a cluster in trouble, then at rest. Throws what went wrong, with the seed. */
export function runSeed(seed: number, { tenants, ...play }: Play = {}): Promise<Outcome> {
  return playHistory(drawHistory(seed, tenants), play);
}

/** One history as it was drawn, or made smaller. Throws a Violation that says what went wrong, with the seed. */
export async function playHistory(
  history: History,
  { tell = () => {}, log, prepare = () => {} }: Omit<Play, "tenants"> = {},
): Promise<Outcome> {
  const { seed, tenants, troubleMs } = history;
  const cluster = new Cluster(seed, history);
  const { world } = cluster;
  const telling = new Telling(world, tell, log);
  const kinds: Record<string, number> = {};
  try {
    for (const tenant of tenants) cluster.addTenant(tenant);
    const init = initOf(cluster);
    if (init !== undefined) init.hasStill = history.hasStill === true;
    prepare(cluster);
    const workloads = fill(cluster, history);
    for (const drawn of history.faults)
      world.after(drawn.atMs, () => {
        const what = happen(cluster, drawn);
        if (what === "") return;
        kinds[drawn.kind] = (kinds[drawn.kind] ?? 0) + 1;
        telling.fault(what);
      });
    cluster.start();
    await cluster.run(troubleMs);
    disarm(cluster);
    for (const workload of workloads) workload.resting = true;
    for (const tenant of cluster.tenants) tenant.rest();
    await cluster.run(REST_MS);
    for (const tenant of cluster.tenants) tenant.checkRest();
    for (const tenant of cluster.tenants) tenant.wipe();
    if (cluster.tenants.length > 0) await cluster.run(WIPE_MS);
    for (const scheduler of cluster.schedulers) scheduler.suppress();
    if (init !== undefined && isTight(history)) await upgradeWhereItIsTight(cluster, init);
    if (isContested(history)) await contest(cluster);
    await cluster.run(SILENCE_MS);
    cluster.checkEnd();
  } catch (error) {
    throw new Violation(`seed ${seed}, at ${telling.time()} s: ${(error as Error).message}`, { cause: error });
  }
  const faults = Object.values(kinds).reduce((sum, count) => sum + count, 0);
  return { seed, steps: world.steps, updates: cluster.updates, faults, kinds, simulatedMs: telling.passedMs };
}

// What was to happen at some later commit or message would happen in the midst of rest.
function disarm(cluster: Cluster): void {
  for (const { disk } of processesOf(cluster)) disk.disarm();
  cluster.network.disarm();
  cluster.etcd?.disarm();
}

function fill(cluster: Cluster, { wishes, keepers, hasOperator }: History): { resting: boolean }[] {
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

/** Nobody else uses anything or changes quota by then. */
export function isContested({ seed, tenants, hasOperator }: History): boolean {
  return seed % 2 === 1 && tenants.length === 0 && !hasOperator;
}

/** Nobody has taken agents out or keeps anything by then; and it does not take long. */
function isTight({ agents, hasOperator }: History): boolean {
  return agents >= 2 && agents <= 6 && !hasOperator;
}
