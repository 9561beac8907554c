import type { Role } from "@meseta/api/mesos/generated/mesos.ts";
import { addQuantities, type Quantities, quantitiesOfScalars } from "@meseta/api/mesos/resources/quantities.ts";
import { ancestors } from "@meseta/api/mesos/resources/roles.ts";
import { fromMilli } from "@meseta/api/mesos/resources/scalar.ts";
import type { MasterState } from "../state.ts";
import { consumptions } from "./consumption.ts";
import { usedOn } from "./held.ts";

/** GET_ROLES. */
export function viewRoles(state: MasterState): Role[] {
  const consumptionOf = consumptions(state);
  return knownRoles(state).map((name) => {
    const { allocated, offered } = consumptionOf(name);
    return {
      name,
      weight: state.weights.get(name) ?? 1,
      frameworks: frameworksIn(state, name).map((value) => ({ value })),
      resources: byName(addQuantities(allocated, offered)).map(([resource, milli]) => ({
        name: resource,
        type: "SCALAR" as const,
        scalar: { value: fromMilli(milli) },
      })),
    };
  });
}

/** /roles. */
export function viewOldRoles(state: MasterState): object {
  const consumptionOf = consumptions(state);
  const roles = knownRoles(state).map((name) => {
    const { allocated, offered, reserved, consumed } = consumptionOf(name);
    const quota = state.quotas.get(name);
    return {
      name,
      weight: state.weights.get(name) ?? 1,
      quota: {
        role: name,
        guarantee: amounts(quantitiesOfScalars(quota?.guarantees)),
        limit: amounts(quantitiesOfScalars(quota?.limits)),
        consumed: amounts(consumed),
      },
      resources: amounts(addQuantities(allocated, offered)),
      allocated: amounts(allocated),
      offered: amounts(offered),
      reserved: amounts(reserved),
      frameworks: frameworksIn(state, name),
    };
  });
  return { roles };
}

/** Every role that is used, reserved for, or set up, with all above it; or those of the whitelist. In order of name. */
function knownRoles(state: MasterState): string[] {
  const roles = new Set<string>(state.config.roleWhitelist ?? usedRoles(state));
  for (const role of [...roles]) for (const above of ancestors(role)) roles.add(above);
  return [...roles].sort();
}

function* usedRoles(state: MasterState): Generator<string> {
  yield* state.weights.keys();
  yield* state.quotas.keys();
  for (const framework of state.frameworks.values()) yield* framework.roles;
  for (const agent of state.agents.values()) {
    for (const { reservations } of agent.total) {
      const role = reservations?.at(-1)?.role;
      if (role !== undefined) yield role;
    }
    for (const { allocation_info } of usedOn(agent).list())
      if (allocation_info?.role !== undefined) yield allocation_info.role;
  }
}

function frameworksIn(state: MasterState, role: string): string[] {
  return [...state.frameworks.values()].filter(({ roles }) => roles.has(role)).map(({ id }) => id);
}

function byName(of: Quantities): [string, number][] {
  return [...of].sort(([a], [b]) => (a < b ? -1 : 1));
}

function amounts(of: Quantities): Record<string, number> {
  return Object.fromEntries(byName(of).map(([name, milli]) => [name, fromMilli(milli)]));
}
