import { createRandom } from "@meseta/lib/core/random.ts";
import type { Cluster } from "../cluster.ts";
import type { SimAgent } from "../world/agent.ts";
import { type FaultKind, fault, schedulerAt } from "./fault.ts";

/** What is no fault of machines, and comes at the wrong time all the same. */
export const PEOPLE_FAULTS: readonly FaultKind[] = [
  fault(
    "teardown",
    1,
    ["scheduler"],
    () => ({}),
    (cluster, { place }) => {
      schedulerAt(cluster, place)?.teardown();
      return `${place} ends its framework`;
    },
  ),
  fault(
    "kill task",
    8,
    ["scheduler"],
    (dice) => ({ back: dice.between(1, 10) }),
    (cluster, { place, back }) => {
      const scheduler = schedulerAt(cluster, place);
      const id = [...(scheduler?.tasks.keys() ?? [])].at(-back);
      if (id === undefined) return "";
      scheduler!.killTask(id);
      return `${id} is to be killed`;
    },
  ),
  fault(
    "suppress",
    2,
    ["scheduler"],
    (dice) => ({ ms: dice.between(1_000, 30_000) }),
    (cluster, { place, ms }) => {
      const scheduler = schedulerAt(cluster, place);
      if (scheduler === undefined) return "";
      scheduler.suppress();
      cluster.world.after(ms, () => scheduler.revive());
      return `${place} wants no offers for ${ms} ms`;
    },
  ),
  fault(
    "burst",
    1,
    ["scheduler"],
    (dice) => ({ calls: dice.between(50, 500) }),
    (cluster, { place, calls }) => {
      const scheduler = schedulerAt(cluster, place);
      if (scheduler === undefined) return "";
      scheduler.ask(calls);
      return `${place} asks ${calls} times at once what became of its tasks`;
    },
  ),
  fault(
    "tasks end",
    8,
    ["tenant"],
    (dice) => ({ percent: dice.between(10, 100), seed: dice.random.below(0x7fffffff) }),
    ({ agents, tenants }, { place, percent, seed }) => {
      const framework = tenants.find((tenant) => tenant.framework.place === place)?.framework;
      const frameworkId = framework?.frameworkId;
      if (frameworkId === undefined) return "";
      const random = createRandom(seed);
      const all = agents.flatMap(({ machine }) => machine.running.map((process) => ({ machine, process })));
      const chosen = all.filter(
        ({ process }) => process.script.task?.startsWith(frameworkId) && random.below(100) < percent,
      );
      for (const { machine, process } of chosen) machine.end(process, random.below(100) < 70 ? 1 << 8 : 0);
      return chosen.length === 0 ? "" : `${chosen.length} tasks of ${place}'s end`;
    },
  ),
];

/** An agent has something more for a while: what was offered or sent before the change counts on what it had. */
export const RECONFIGURE: FaultKind = fault(
  "reconfigure agent",
  1,
  ["agent"],
  (dice) => ({ licences: dice.between(1, 8), ms: dice.between(200, 60_000) }),
  (cluster, { place, licences, ms }) => {
    const agent = cluster.agents.find((each) => each.place === place);
    if (agent?.core === undefined || !isAsItWas(agent, cluster)) return "";
    // Nobody uses any, so that they can be taken away again.
    agent.reconfigure([...cluster.resources, { name: "licences", type: "SCALAR", scalar: { value: licences } }]);
    cluster.world.after(ms, () => takeAway(cluster, agent));
    return `${place} is given ${licences} licences for ${ms} ms`;
  },
);

const AGAIN_MS = 2_000;

// Who has just begun, with what was configured before, does not hear of it.
function takeAway(cluster: Cluster, agent: SimAgent): void {
  agent.reconfigure(cluster.resources);
  cluster.world.after(AGAIN_MS, () => isAsItWas(agent, cluster) || takeAway(cluster, agent));
}

function isAsItWas({ core }: SimAgent, { resources }: Cluster): boolean {
  return core?.state.configured.length === resources.length;
}
