import { Violation } from "./checkers/violation.ts";
import type { Cluster } from "./cluster.ts";
import { Glutton } from "./workloads/glutton.ts";
import type { SimScheduler } from "./workloads/scheduler.ts";

/** Tasks of eight seconds at most have made room, also those whose start took its twenty seconds; what was refused is offered again. */
const CHANGE_SECONDS = 40;
const LOOK_SECONDS = 20;
const LIMIT = 1;

/**
 * I9, on a cluster at rest where nobody else wants anything: of two frameworks that could each use all, each has its share; one with a limit stays below it, and the other has the rest; what one
 * is guaranteed nobody else has, also while it does not want it, and it gets it, though the other wants it as well. Throws a Violation.
 */
export async function contest(cluster: Cluster): Promise<void> {
  const gluttons = ["glutton-1", "glutton-2"].map((name) => new Glutton(name, cluster.world.of(name)));
  const [one, other] = gluttons.map((glutton) => cluster.add(glutton)) as [SimScheduler, SimScheduler];
  const all = cluster.resources.find(({ name }) => name === "cpus")!.scalar!.value * cluster.agents.length;
  const [first, second] = await shares(cluster, one, other);
  if (first + second < all * 0.75) wrong(`of ${all} cpus ${first + second} are used, and two want them`);
  if (Math.min(first, second) < all * 0.25) wrong(`one has ${first} of ${all} cpus, and the other ${second}`);

  await setQuota(cluster, one, { limits: { cpus: { value: LIMIT } } });
  const [limited, free] = await shares(cluster, one, other);
  if (limited > LIMIT) wrong(`one may have ${LIMIT} cpus, and has ${limited}`);
  if (limited + free < all * 0.75) wrong(`beside one with a limit, the other has ${free} of ${all} cpus`);

  one.suppress();
  await setQuota(cluster, one, { guarantees: { cpus: { value: all * 0.75 } } });
  const [, beside] = await shares(cluster, one, other);
  if (beside > all * 0.25) wrong(`beside one that is guaranteed ${all * 0.75} cpus, the other has ${beside} of ${all}`);
  one.revive();
  const [guaranteed] = await shares(cluster, one, other);
  if (guaranteed < all * 0.65) wrong(`one is guaranteed ${all * 0.75} cpus, and has ${guaranteed}`);

  await setQuota(cluster, one, {});
  for (const glutton of gluttons) glutton.isHungry = false;
  for (const scheduler of [one, other]) scheduler.suppress();
}

/** How many tasks of one cpu each has, on the average of some seconds. */
async function shares(cluster: Cluster, one: SimScheduler, other: SimScheduler): Promise<[number, number]> {
  await cluster.run(CHANGE_SECONDS * 1000);
  let [ones, others] = [0, 0];
  for (let second = 0; second < LOOK_SECONDS; second++) {
    await cluster.run(1000);
    ones += one.alive.length;
    others += other.alive.length;
  }
  return [ones / LOOK_SECONDS, others / LOOK_SECONDS];
}

async function setQuota(cluster: Cluster, { workload }: SimScheduler, amounts: object): Promise<void> {
  const quota_configs = [{ role: workload.name, ...amounts }];
  let status: number | undefined;
  const call = { type: "UPDATE_QUOTA", update_quota: { quota_configs, force: true } } as const;
  void cluster.master.operate(call).then((answer) => (status = answer?.status));
  await cluster.run(1000);
  if (status !== 200) wrong(`quota is refused with ${status}`);
}

function wrong(what: string): never {
  throw new Violation(`I9: ${what}`);
}
