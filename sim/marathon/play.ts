import { Violation } from "../checkers/violation.ts";
import { Cluster } from "../cluster.ts";
import { happen } from "../faults/draw.ts";
import { Telling } from "../telling.ts";
import type { JepsenTest, Nemesis } from "./acts.ts";
import { People } from "./people.ts";

const AGENTS = 5;
const PROCESSES = 3;
const START_MS = 15_000;
/** All faults are over, and what cannot be placed at once waits a minute at most. */
const REST_MS = 5 * 60_000;
const WIPE_MS = 6 * 60_000;

export interface JepsenOutcome {
  readonly seed: number;
  readonly steps: number;
  readonly faults: number;
  readonly services: number;
  readonly acknowledged: number;
  readonly unknown: number;
  readonly simulatedMs: number;
}

/**
 * One run of one of Marathon's tests: three masters and three inits on an etcd of three, five agents. In the end each service that was acknowledged is there as it was acknowledged last, with exactly its instances on
 * the machines, and nothing is nobody's. Meanwhile all that the simulator demands of an init holds. Throws what went wrong, with the seed.
 */
export async function runJepsenTest(
  test: JepsenTest,
  seed: number,
  tell: (line: string) => void = () => {},
): Promise<JepsenOutcome> {
  const plan = {
    agents: AGENTS,
    masters: PROCESSES,
    copies: PROCESSES,
    resources: "cpus:16;mem:16384;disk:10240;ports:[31000-31500]",
  };
  const cluster = new Cluster(seed, plan);
  const { world } = cluster;
  const telling = new Telling(world, tell, undefined);
  const tenant = cluster.addTenant("init");
  tenant.isQuiet = true;
  const people = new People(tenant.framework, world.of("people"));
  let faults = 0;
  for (const nemesis of test.troubles)
    repeat(cluster, nemesis, () => {
      const what = trouble(cluster, nemesis);
      if (what === "") return;
      faults++;
      telling.fault(what);
    });
  for (const act of test.acts) repeat(cluster, act, () => people[act.does]());
  try {
    cluster.start();
    await cluster.run(START_MS + test.seconds * 1000);
    await cluster.run(REST_MS);
    const { services, problems } = people.compare(tenant.framework.core!.state);
    if (problems.length > 0) throw new Violation(problems.join("; "));
    tenant.checkRest();
    tenant.wipe();
    await cluster.run(WIPE_MS);
    cluster.checkEnd();
    const { acknowledged, unknown } = people.answers;
    return { seed, steps: world.steps, faults, services, acknowledged, unknown, simulatedMs: telling.passedMs };
  } catch (error) {
    throw new Violation(`${test.name} of seed ${seed}, at ${telling.time()} s: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** About so often: a bit earlier or later each time. */
function repeat({ world }: Cluster, { fromS, untilS, everyS }: Omit<Nemesis, "kind" | "forS">, work: () => void): void {
  for (let atS = fromS; atS < untilS; atS += everyS) {
    const jitterMs = world.between(-2_000, 2_000);
    world.after(START_MS + Math.max(0, atS * 1000 + jitterMs), work);
  }
}

/** Returns what it was; empty when it could not be. */
function trouble(cluster: Cluster, { kind, forS }: Nemesis): string {
  if (kind === "halves") return happen(cluster, { atMs: 0, kind, parts: { ms: forS * 1000 } });
  const { framework } = cluster.tenants[0]!;
  const leader = framework.seats.find(({ core }) => core !== undefined);
  if (leader === undefined) return "";
  framework.kill();
  cluster.world.after(forS * 1000, () => framework.start());
  return `${leader.place}, who leads, abdicates: its process ends, and is started again after ${forS} s`;
}
