import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { addQuantities, type Quantities, subtractQuantities } from "@meseta/api/mesos/resources/quantities.ts";
import { ancestors } from "@meseta/api/mesos/resources/roles.ts";
import { quantityOf } from "@meseta/api/mesos/resources/value.ts";
import type { Agent, MasterState } from "../state.ts";
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
  const [allocated, offered, reserved, idle] = [new ByRole(), new ByRole(), new ByRole(), new ByRole()];
  for (const agent of state.agents.values()) {
    if (agent.connection === "recovered") continue;
    const used = usedOn(agent).list();
    for (const resource of used) allocated.add(resource.allocation_info?.role, resource);
    if (agent.offers.size > 0)
      for (const resource of offeredIn(state, agent.offers).list())
        offered.add(resource.allocation_info?.role, resource);
    addReserved(agent, used, reserved, idle);
  }
  const sums = [allocated, offered, reserved, idle].map((amounts) => amounts.withAncestors());
  return (role) => {
    const [held = NOTHING, open = NOTHING, kept = NOTHING, free = NOTHING] = sums.map((sum) => sum.get(role));
    return { allocated: held, offered: open, reserved: kept, consumed: addQuantities(held, free) };
  };
}

const NOTHING: Quantities = new Map();

/** Few agents have anything reserved. What is reserved and not used is found agent by agent, because roles do not lend it. */
function addReserved({ total }: Agent, used: readonly Resource[], reserved: ByRole, idle: ByRole): void {
  if (!total.some(({ reservations }) => reservations !== undefined && reservations.length > 0)) return;
  const whole = new ByRole();
  for (const resource of total) whole.add(resource.reservations?.at(-1)?.role, resource);
  const inUse = new ByRole();
  for (const resource of used) inUse.add(resource.reservations?.at(-1)?.role, resource);
  for (const [role, amounts] of whole.sums) {
    reserved.addAll(role, amounts);
    idle.addAll(role, subtractQuantities(amounts, inUse.sums.get(role) ?? NOTHING));
  }
}

/** Amounts by role and name. */
class ByRole {
  readonly sums = new Map<string, Map<string, number>>();

  /** What belongs to no role is left out. */
  add(role: string | undefined, resource: Resource): void {
    if (role !== undefined) this.#raise(this.#of(role), resource.name, quantityOf(resource));
  }

  addAll(role: string, amounts: Quantities): void {
    const of = this.#of(role);
    for (const [name, milli] of amounts) this.#raise(of, name, milli);
  }

  /** The same, with what each role has added to all roles above it. */
  withAncestors(): ReadonlyMap<string, Quantities> {
    const out = new ByRole();
    for (const [role, amounts] of this.sums) for (const each of [role, ...ancestors(role)]) out.addAll(each, amounts);
    return out.sums;
  }

  #of(role: string): Map<string, number> {
    let amounts = this.sums.get(role);
    if (amounts === undefined) this.sums.set(role, (amounts = new Map()));
    return amounts;
  }

  #raise(amounts: Map<string, number>, name: string, by: number): void {
    amounts.set(name, (amounts.get(name) ?? 0) + by);
  }
}
