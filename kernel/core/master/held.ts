import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { allocationsByRole } from "@meseta/api/mesos/resources/select.ts";
import type { Holding } from "../allocator/allocator.ts";
import type { Agent, MasterState } from "./state.ts";
import { holdsResources } from "./statuses.ts";

/** Gives back to the allocator what the framework no longer uses on the agent. */
export function release(
  state: MasterState,
  frameworkId: string,
  agentId: string,
  resources: readonly Resource[] | undefined,
): void {
  for (const [role, part] of byRole(resources)) state.allocator.recover(frameworkId, role, agentId, part);
}

/** Charges what came to be used without an offer. */
export function charge(
  state: MasterState,
  frameworkId: string,
  agentId: string,
  resources: readonly Resource[] | undefined,
): void {
  for (const [role, part] of byRole(resources)) state.allocator.charge(frameworkId, role, agentId, part);
}

/** What tasks and executors on the agent use, for the allocator. */
export function holdingsOf(agent: Agent): Holding[] {
  const out: Holding[] = [];
  const hold = (frameworkId: string, resources: readonly Resource[] | undefined) => {
    for (const [role, part] of byRole(resources)) out.push({ frameworkId, role, resources: part });
  };
  for (const { task } of agent.tasks) if (holdsResources(task.state)) hold(task.framework_id.value, task.resources);
  for (const [frameworkId, executors] of agent.executors)
    for (const executor of executors.values()) hold(frameworkId, executor.resources);
  return out;
}

// Nearly always all resources are allocated to one role.
function byRole(resources: readonly Resource[] = []): Iterable<readonly [string, readonly Resource[]]> {
  const role = resources[0]?.allocation_info?.role;
  if (role === undefined) return [];
  if (resources.every((resource) => resource.allocation_info?.role === role)) return [[role, resources]];
  return allocationsByRole(resources);
}
