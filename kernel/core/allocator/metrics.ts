import type { AllocatorMetrics } from "./allocator.ts";
import type { Top } from "./quota.ts";
import type { State } from "./state.ts";
import { currentShare, ROOT } from "./tree.ts";

/** The numbers behind `allocator/mesos/…`. */
export function metrics(state: State): AllocatorMetrics {
  const roles: AllocatorMetrics["roles"] = {};
  for (const client of state.clients) {
    if (client === undefined) continue;
    const entry = (roles[client.role] ??= {
      dominantShare: currentShare(state.tree, state.tree.roles.get(client.role)!),
      activeFilters: 0,
    });
    entry.activeFilters += state.filters.active[client.index] ?? 0;
  }
  const quotas: AllocatorMetrics["quotas"] = {};
  for (const top of state.quota.tops.values()) if (top.config !== undefined) quotas[top.role] = quotaOf(state, top);
  return { allocationRuns: state.runs, resources: resourcesOfCluster(state), roles, quotas };
}

function resourcesOfCluster({ space, tree }: State): AllocatorMetrics["resources"] {
  const resources: AllocatorMetrics["resources"] = {};
  space.names.forEach((name, column) => {
    const total = tree.total.data[column]! / 1000;
    const offeredOrAllocated = tree.allocated.data[ROOT * space.width + column]! / 1000;
    if (total !== 0 || offeredOrAllocated !== 0) resources[name] = { total, offeredOrAllocated };
  });
  return resources;
}

function quotaOf(
  { space, quota, tree }: State,
  { config = { role: "" }, index, role }: Top,
): AllocatorMetrics["quotas"][string] {
  const { guarantees = {}, limits = {} } = config;
  const node = tree.roles.get(role);
  const out: AllocatorMetrics["quotas"][string] = {};
  for (const name of new Set([...Object.keys(guarantees), ...Object.keys(limits)])) {
    const column = space.columns.get(name)!;
    out[name] = {
      ...(guarantees[name] === undefined ? {} : { guarantee: guarantees[name].value }),
      ...(limits[name] === undefined ? {} : { limit: limits[name].value }),
      consumed: quota.consumed.data[index * space.width + column]! / 1000,
      offeredOrAllocated: node === undefined ? 0 : tree.allocated.data[node * space.width + column]! / 1000,
    };
  }
  return out;
}
