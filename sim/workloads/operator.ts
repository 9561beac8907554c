import type { Call } from "@meseta/api/mesos/generated/master.ts";
import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { MasterState } from "@meseta/kernel/core/master/state.ts";
import { type Fact, Ledger } from "../checkers/ledger.ts";
import type { SimMaster } from "../world/master.ts";
import type { World } from "../world/world.ts";
import { scalar } from "./tasks.ts";

const PATIENCE_MS = 5_000;
/** The role for which the operator reserves. */
const HELD_ROLE = "held";

interface Act {
  readonly call: Call;
  /** What it makes of what; empty for calls that nobody promises to keep. */
  readonly makes: readonly [fact: Fact, value: string, before: string][];
}

/** Somebody who governs the cluster by the Operator API, one call after the other, and remembers what was acknowledged. */
export class Operator {
  readonly ledger = new Ledger();
  resting = false;
  readonly #master: SimMaster;
  readonly #world: World;
  readonly #roles: readonly string[];

  constructor(master: SimMaster, world: World, roles: readonly string[]) {
    this.#master = master;
    this.#world = world;
    this.#roles = roles;
  }

  start(): void {
    this.#world.after(this.#world.between(5_000, 40_000), () => this.#next());
  }

  #next(): void {
    const { state } = this.#master.core ?? {};
    const act = state && (this.resting ? this.#mend(state) : this.#draw(state));
    const waitMs = this.resting ? 2_000 : this.#world.between(2_000, 40_000);
    if (act !== undefined) this.#do(act);
    this.#world.after(waitMs + PATIENCE_MS, () => this.#next());
  }

  #do({ call, makes }: Act): void {
    for (const [fact, value, before] of makes) this.ledger.begin(fact, value, before);
    let late = false;
    this.#world.after(PATIENCE_MS, () => (late = true));
    void this.#master.operate(call).then((answer) => {
      if (late || answer === undefined || answer.status !== 200) return;
      for (const [fact, value] of makes) this.ledger.acknowledged(fact, value);
    });
  }

  #draw(state: MasterState): Act | undefined {
    const acts = [quota, quota, weight, reserve, unreserve, deactivate, drain, reactivate, schedule, maintain, gone];
    return this.#any(acts)!(state, this.#any(this.#roles)!, this.#any([...state.agents.keys()]), this.#world);
  }

  /** Takes back what keeps work from being done. */
  #mend(state: MasterState): Act | undefined {
    const away = [...state.agents.values(), ...state.unreachableAgents.values()].find(({ deactivated }) => deactivated);
    if (away !== undefined) return reactivateAgent(away.id);
    if (state.machines.size > 0) return stopMaintenance(state);
    const [role] = state.quotas.keys();
    if (role !== undefined) return quotaOf(role, {});
    return unreserve(state);
  }

  #any<T>(items: readonly T[]): T | undefined {
    return items.length === 0 ? undefined : items[this.#world.random.below(items.length)];
  }
}

type Drawn = (state: MasterState, role: string, agentId: string | undefined, world: World) => Act | undefined;

const quota: Drawn = (_, role, __, world) => {
  const cpus = { value: world.between(1, 4) };
  return quotaOf(role, world.chance(30) ? {} : world.chance(50) ? { guarantees: { cpus } } : { limits: { cpus } });
};

function quotaOf(role: string, amounts: object): Act {
  const config = { role, ...amounts };
  const fact: Fact = { key: `quota of ${role}`, read: ({ quotas }) => JSON.stringify(quotas.get(role) ?? { role }) };
  return {
    call: { type: "UPDATE_QUOTA", update_quota: { quota_configs: [config], force: true } },
    makes: [[fact, JSON.stringify(config), JSON.stringify({ role })]],
  };
}

const weight: Drawn = (_, role, __, world) => {
  const value = world.between(1, 5);
  const fact: Fact = { key: `weight of ${role}`, read: ({ weights }) => String(weights.get(role) ?? 1) };
  return {
    call: { type: "UPDATE_WEIGHTS", update_weights: { weight_infos: [{ role, weight: value }] } },
    makes: [[fact, String(value), "1"]],
  };
};

const deactivate: Drawn = (_, __, id) =>
  id === undefined
    ? undefined
    : { call: { type: "DEACTIVATE_AGENT", deactivate_agent: { agent_id: { value: id } } }, makes: isOut(id, true) };

const drain: Drawn = (_, __, id, world) => {
  if (id === undefined) return undefined;
  const max_grace_period = { seconds: world.between(0, 10) };
  const mark_gone = world.chance(10);
  return {
    call: { type: "DRAIN_AGENT", drain_agent: { agent_id: { value: id }, max_grace_period, mark_gone } },
    makes: [...isOut(id, true), [drainOf(id), String(mark_gone), "none"]],
  };
};

const reactivate: Drawn = (_, __, id) => (id === undefined ? undefined : reactivateAgent(id));

function reactivateAgent(id: string): Act {
  return {
    call: { type: "REACTIVATE_AGENT", reactivate_agent: { agent_id: { value: id } } },
    makes: [...isOut(id, false), [drainOf(id), "none", "none"]],
  };
}

const gone: Drawn = (_, __, id, world) => {
  if (id === undefined || !world.chance(50)) return undefined;
  const fact: Fact = { key: `agent ${id} gone`, read: ({ goneAgents }) => String(goneAgents.has(id)) };
  return {
    call: { type: "MARK_AGENT_GONE", mark_agent_gone: { agent_id: { value: id } } },
    makes: [[fact, "true", "false"]],
  };
};

function isOut(id: string, out: boolean): [Fact, string, string][] {
  const read = (state: MasterState): string | undefined => {
    const agent = state.agents.get(id) ?? state.unreachableAgents.get(id);
    return agent && String(agent.deactivated);
  };
  return [[{ key: `agent ${id} deactivated`, read }, String(out), "false"]];
}

function drainOf(id: string): Fact {
  const configIn = (state: MasterState) =>
    state.agents.get(id)?.drain?.config ?? state.unreachableAgents.get(id)?.drain;
  const read = (state: MasterState): string | undefined => {
    if (!state.agents.has(id) && !state.unreachableAgents.has(id)) return undefined;
    const config = configIn(state);
    return config === undefined ? "none" : String(config.mark_gone ?? false);
  };
  return { key: `drain of agent ${id}`, read };
}

const scheduled: Fact = {
  key: "maintenance schedule",
  read: ({ schedule }) =>
    JSON.stringify(
      (schedule?.windows ?? []).flatMap(({ machine_ids = [] }) => machine_ids.map(({ hostname }) => hostname)),
    ),
};

function downFact(hostname: string): Fact {
  const read = ({ machines }: MasterState) =>
    String([...machines.values()].some(({ id, mode }) => id.hostname === hostname && mode === "DOWN"));
  return { key: `machine ${hostname} down`, read };
}

function hostOf(state: MasterState, id: string | undefined): string | undefined {
  return state.agents.get(id ?? "")?.info.hostname;
}

const schedule: Drawn = (state, _, id, world) => {
  const hostname = hostOf(state, id);
  if (hostname === undefined) return undefined;
  const empty = world.chance(40);
  const window = { machine_ids: [{ hostname }], unavailability: { start: { nanoseconds: world.nowMs * 1e6 } } };
  return {
    call: {
      type: "UPDATE_MAINTENANCE_SCHEDULE",
      update_maintenance_schedule: { schedule: { windows: empty ? [] : [window] } },
    },
    makes: [[scheduled, JSON.stringify(empty ? [] : [hostname]), "[]"]],
  };
};

const maintain: Drawn = (state, _, __, world) => {
  const [machine] = state.machines.values();
  if (machine === undefined) return undefined;
  if (machine.mode === "DOWN") return world.chance(70) ? stopMaintenance(state) : undefined;
  if (!world.chance(30)) return undefined;
  return {
    call: { type: "START_MAINTENANCE", start_maintenance: { machines: [machine.id] } },
    makes: [[downFact(machine.id.hostname!), "true", "false"]],
  };
};

function stopMaintenance({ machines }: MasterState): Act {
  const [machine] = machines.values();
  if (machine!.mode !== "DOWN")
    return {
      call: { type: "UPDATE_MAINTENANCE_SCHEDULE", update_maintenance_schedule: { schedule: { windows: [] } } },
      makes: [[scheduled, "[]", "[]"]],
    };
  return {
    call: { type: "STOP_MAINTENANCE", stop_maintenance: { machines: [machine!.id] } },
    makes: [
      [downFact(machine!.id.hostname!), "false", "false"],
      [scheduled, "[]", "[]"],
    ],
  };
}

const held = (amounts: readonly Resource[]): Resource[] =>
  amounts.map((resource) => ({ ...resource, reservations: [{ type: "DYNAMIC", role: HELD_ROLE }] }));

// 202 means that it is on its way to the agent: nobody promises yet that it is kept.
const reserve: Drawn = (_, __, id) =>
  id === undefined
    ? undefined
    : {
        call: {
          type: "RESERVE_RESOURCES",
          reserve_resources: { agent_id: { value: id }, resources: held([scalar("cpus", 0.5), scalar("mem", 64)]) },
        },
        makes: [],
      };

function unreserve(state: MasterState): Act | undefined {
  for (const { id, total, connection } of state.agents.values()) {
    const resources = total.filter(({ reservations = [] }) => reservations.at(-1)?.role === HELD_ROLE);
    if (connection === "connected" && resources.length > 0)
      return {
        call: { type: "UNRESERVE_RESOURCES", unreserve_resources: { agent_id: { value: id }, resources } },
        makes: [],
      };
  }
  return undefined;
}
