import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import {
  addQuantities,
  type Quantities,
  quantities,
  subtractQuantities,
} from "@meseta/api/mesos/resources/quantities.ts";
import { ancestors } from "@meseta/api/mesos/resources/roles.ts";
import type { MasterState } from "../state.ts";
import { offeredIn, usedOn } from "./held.ts";

/** What a role, with all below it, has: in thousandths, by the name of the resource. */
export interface Consumption {
  /** Held by tasks and executors. */
  readonly allocated: Quantities;
  readonly offered: Quantities;
  /** Reserved for it, used or not. */
  readonly reserved: Quantities;
  /** What counts against its quota: what is allocated, and what is reserved and not allocated. */
  readonly consumed: Quantities;
}

/** The consumption of every role that has any; an ancestor's includes that of the roles below it. */
export function consumptions(state: MasterState): (role: string) => Consumption {
  const allocated = new Map<string, Quantities>();
  const offered = new Map<string, Quantities>();
  const reserved = new Map<string, Quantities>();
  const idle = new Map<string, Quantities>();
  for (const agent of state.agents.values()) {
    if (agent.connection === "recovered") continue;
    const used = usedOn(agent).list();
    const inUse = reservedQuantities(used);
    merge(allocated, used, (resource) => resource.allocation_info?.role);
    merge(offered, offeredIn(state, agent.offers).list(), (resource) => resource.allocation_info?.role);
    for (const [role, whole] of reservedQuantities(agent.total)) {
      reserved.set(role, addQuantities(reserved.get(role) ?? NOTHING, whole));
      idle.set(role, addQuantities(idle.get(role) ?? NOTHING, subtractQuantities(whole, inUse.get(role) ?? NOTHING)));
    }
  }
  const of = (amounts: Map<string, Quantities>, role: string) => amounts.get(role) ?? NOTHING;
  return (role) => ({
    allocated: of(allocated, role),
    offered: of(offered, role),
    reserved: of(reserved, role),
    consumed: addQuantities(of(allocated, role), of(idle, role)),
  });
}

const NOTHING: Quantities = new Map();

function reservedQuantities(resources: readonly Resource[]): Map<string, Quantities> {
  const out = new Map<string, Quantities>();
  merge(out, resources, (resource) => resource.reservations?.at(-1)?.role);
  return out;
}

/** Adds each resource to the role that it belongs to and to all above. */
function merge(
  out: Map<string, Quantities>,
  resources: readonly Resource[],
  roleOf: (resource: Resource) => string | undefined,
): void {
  for (const [role, list] of Map.groupBy(resources, roleOf)) {
    if (role === undefined) continue;
    const amounts = quantities(list);
    for (const each of [role, ...ancestors(role)]) out.set(each, addQuantities(out.get(each) ?? NOTHING, amounts));
  }
}
