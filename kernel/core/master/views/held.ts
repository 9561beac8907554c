import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { Agent, Framework, MasterState, MasterTask } from "../state.ts";
import { holdsResources } from "../statuses.ts";
import { Remembered } from "./remembered.ts";
import type { Look } from "./shape.ts";
import { type Sum, Total } from "./total.ts";

const sums = new Remembered<Sum>();

/** What the tasks and executors on the agent use. */
export function usedOn(agent: Agent): Sum {
  return sums.of(agent, agent.viewVersion, () => {
    const total = new Total();
    for (const task of agent.tasks) addTask(total, task);
    for (const executors of agent.executors.values())
      for (const executor of executors.values()) total.add(executor.resources);
    return total;
  });
}

/** What the framework's tasks and executors use on all agents. */
export function usedBy(framework: Framework, look: Look): Sum {
  return sums.of(framework, framework.version, () => {
    const total = new Total();
    for (const task of framework.tasks.values()) addTask(total, task);
    for (const { executor } of look.executorsOf(framework.id)) total.add(executor.resources);
    return total;
  });
}

/** What stands in these outstanding offers. */
export function offeredIn(state: MasterState, offers: Iterable<string>): Sum {
  const total = new Total();
  for (const id of offers) total.add(state.offers.get(id)?.offer.resources);
  return total;
}

/** Both together. */
export function both(a: Sum, b: Sum): readonly Resource[] {
  const total = new Total();
  total.add(a.list());
  total.add(b.list());
  return total.list();
}

function addTask(total: Total, { task }: MasterTask): void {
  if (holdsResources(task.state)) total.add(task.resources);
}
