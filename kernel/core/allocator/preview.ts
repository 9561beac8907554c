import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { addAgent, resourcesOfHold, scalarsOfRow, setWhitelist } from "./agents.ts";
import type { OfferDraft, Wanted } from "./allocator.ts";
import { addFramework, clientFor } from "./frameworks.ts";
import { giveBack } from "./ledger.ts";
import { parcelOf, resourcesOf } from "./parcel.ts";
import { configure, topOf } from "./quota.ts";
import { allocate } from "./stages.ts";
import { type Agent, createState, type State } from "./state.ts";
import { setWeight } from "./tree.ts";

/**
 * What the framework would be offered in these roles if it wanted offers now and nothing else changed: one run on a copy, in which nobody else
 * asks, its own filters are gone, and what it is being offered is free. Nothing changes here.
 */
export function preview(state: State, wanted: Wanted, nowMs: number): OfferDraft[] {
  const copy = createState(state.options, state.seed);
  copyRules(state, copy);
  copyFrameworks(state, copy, wanted, nowMs);
  for (const agent of state.agents.values()) copyAgent(state, copy, agent);
  for (const { role, agentId, resources } of wanted.offered) {
    const client = clientFor(copy, wanted.frameworkId, role);
    giveBack(copy, copy.agents.get(agentId)!, client, parcelOf(copy.space, resources));
  }
  return allocate(copy, nowMs).offers.flatMap(({ offers }) => offers);
}

function copyRules(state: State, copy: State): void {
  setWhitelist(copy, state.whitelist === undefined ? undefined : [...state.whitelist]);
  for (const [role, weight] of state.tree.weights) setWeight(copy.tree, role, weight);
  for (const { role, config } of state.quota.tops.values())
    if (config !== undefined) configure(copy.quota, topOf(copy.quota, role), config);
}

function copyFrameworks(state: State, copy: State, { frameworkId, roles }: Wanted, nowMs: number): void {
  for (const { id, settings } of state.frameworks.values()) {
    const asks = id === frameworkId;
    const all = asks ? [...new Set([...settings.roles, ...roles])] : settings.roles;
    const suppressedRoles = asks ? all.filter((role) => !roles.includes(role)) : all;
    addFramework(copy, id, { ...settings, roles: all, suppressedRoles, active: asks }, nowMs);
  }
}

function copyAgent(state: State, copy: State, agent: Agent): void {
  const used = [...agent.holds].map(([index, hold]) => {
    const { framework, role } = state.clients[index]!;
    return { frameworkId: framework.id, role, resources: resourcesOfHold(state, hold) };
  });
  addAgent(copy, agent.id, { ...agent.settings, active: agent.active }, totalOf(state, agent), used);
}

function totalOf(state: State, { index, totalPieces }: Agent): Resource[] {
  return [...scalarsOfRow(state, state.total.data, index * state.space.width), ...resourcesOf(totalPieces)];
}
