import type { FrameworkInfoCapabilityType } from "@meseta/api/mesos/generated/mesos.ts";
import { AssertionError, assert } from "@meseta/lib/core/assert.ts";
import type { FrameworkSettings } from "./allocator.ts";
import { refreshMasks } from "./candidates.ts";
import { compileConstraints } from "./constraints.ts";
import { clearClient } from "./filters.ts";
import { giveBack, parcelOfHold } from "./ledger.ts";
import { ensureClient, unblockClient, want } from "./masks.ts";
import { createMinimum, type Minimum } from "./minimum.ts";
import { releaseTop, topOf } from "./quota.ts";
import { type Client, type Framework, markAgent, type State, wireOf } from "./state.ts";
import { activate, addClient, deactivate, enterRole, removeClient } from "./tree.ts";

/** Frameworks and their clients: a client exists while its framework is subscribed to the role or holds something in it. */

export function addFramework(state: State, id: string, settings: FrameworkSettings, nowMs: number): void {
  assert(!state.frameworks.has(id), `framework ${id} is added once`);
  const framework: Framework = {
    id,
    settings,
    active: settings.active ?? true,
    clients: new Map(),
    inverseFilters: new Map(),
    offers: undefined,
    ...abilitiesOf(settings.capabilities),
  };
  state.frameworks.set(id, framework);
  state.inverseDirty = true;
  subscribe(state, framework, nowMs);
}

export function updateFramework(state: State, id: string, settings: FrameworkSettings, nowMs: number): void {
  const framework = frameworkOf(state, id);
  framework.settings = settings;
  Object.assign(framework, abilitiesOf(settings.capabilities));
  if (settings.active !== undefined) framework.active = settings.active;
  subscribe(state, framework, nowMs);
}

export function removeFramework(state: State, id: string): void {
  const framework = frameworkOf(state, id);
  for (const client of framework.clients.values()) {
    if (client.holds > 0) takeBackAll(state, client);
    client.subscribed = false;
    refreshClient(state, client);
  }
  state.frameworks.delete(id);
  for (const agent of state.agentAt) agent?.inverse?.delete(id);
}

export function setFrameworkActive(state: State, id: string, active: boolean, nowMs: number | undefined): void {
  const framework = frameworkOf(state, id);
  framework.active = active;
  state.inverseDirty = true;
  for (const client of framework.clients.values()) {
    if (active) resetRefusals(client, nowMs!);
    else dropFilters(state, client);
    refreshClient(state, client);
  }
  if (!active) framework.inverseFilters.clear();
}

export function setSuppressed(
  state: State,
  id: string,
  roles: readonly string[] | undefined,
  suppressed: boolean,
  nowMs: number | undefined,
): void {
  const framework = frameworkOf(state, id);
  for (const role of roles ?? framework.settings.roles) {
    const client = framework.clients.get(role);
    assert(client?.subscribed, `framework ${id} is subscribed to ${role}`);
    client.suppressed = suppressed;
    if (!suppressed) revive(state, client, nowMs!);
    refreshClient(state, client);
  }
  if (suppressed) return;
  framework.inverseFilters.clear();
  state.inverseDirty = true;
}

/** The framework's client in the role, made (without subscription) if it has none, because it holds something there. */
export function clientFor(state: State, frameworkId: string, role: string): Client {
  const framework = frameworkOf(state, frameworkId);
  return framework.clients.get(role) ?? addToRole(state, framework, role, 0);
}

export function frameworkOf(state: State, id: string): Framework {
  const framework = state.frameworks.get(id);
  if (framework === undefined) throw new AssertionError(`framework ${id} is not known to the allocator`);
  return framework;
}

/** A client that is neither subscribed nor holds anything goes. */
export function releaseClient(state: State, client: Client): void {
  if (client.subscribed || client.holds > 0) return;
  const { framework, index } = client;
  dropFilters(state, client);
  if (client.minimum !== undefined && client.active) state.ownMinimums--;
  removeClient(state.tree, client.node);
  client.top.clients.delete(index);
  releaseTop(state.quota, client.top);
  framework.clients.delete(client.role);
  state.clientOfNode[client.node] = -1;
  state.clients[index] = undefined;
  state.unusedClients.push(index);
}

export function accepted(state: State, id: string, role: string, nowMs: number): void {
  const client = frameworkOf(state, id).clients.get(role);
  if (client !== undefined) resetRefusals(client, nowMs);
}

function resetRefusals(client: Client, nowMs: number): void {
  client.lastUseMs = nowMs;
  client.refusingSinceMs = undefined;
}

function subscribe(state: State, framework: Framework, nowMs: number): void {
  const { roles, suppressedRoles = [], offerFilters, offerConstraints } = framework.settings;
  const wanted = new Set(roles);
  for (const role of wanted) if (!framework.clients.has(role)) addToRole(state, framework, role, nowMs);
  for (const client of [...framework.clients.values()]) {
    const { role } = client;
    setMinimum(state, client, minimumOf(state, offerFilters?.[role]));
    client.constraints = compileConstraints(offerConstraints, role);
    client.subscribed = wanted.has(role);
    client.suppressed = suppressedRoles.includes(role);
    unblockClient(state.masks, client.index, state.agentAt.length);
    if (client.subscribed) want(state.masks, client.index);
    refreshClient(state, client);
  }
}

function addToRole(state: State, framework: Framework, role: string, nowMs: number): Client {
  const { tree, masks } = state;
  const index = state.unusedClients.pop() ?? state.clients.length;
  const leaf = enterRole(tree, role);
  const node = addClient(tree, leaf, framework.id);
  const client: Client = {
    index,
    framework,
    role,
    node,
    top: topOf(state.quota, role),
    wire: wireOf(state, role),
    subscribed: false,
    suppressed: false,
    active: false,
    minimum: undefined,
    constraints: undefined,
    holds: 0,
    lastOfferMs: undefined,
    lastUseMs: nowMs,
    refusingSinceMs: undefined,
  };
  state.clients[index] = client;
  state.clientOfNode[node] = index;
  client.top.clients.add(index);
  framework.clients.set(role, client);
  ensureClient(masks, index);
  unblockClient(masks, index, state.agentAt.length);
  return client;
}

/** Brings the tree and the masks in line with whether the client may get offers; then lets go of it if nothing keeps it. */
function refreshClient(state: State, client: Client): void {
  const active = client.subscribed && !client.suppressed && client.framework.active;
  if (active !== client.active) {
    client.active = active;
    if (client.minimum !== undefined) state.ownMinimums += active ? 1 : -1;
    if (active) activate(state.tree, client.node);
    else deactivate(state.tree, client.node);
    if (active) want(state.masks, client.index);
  }
  refreshMasks(state, client);
  releaseClient(state, client);
}

function revive(state: State, client: Client, nowMs: number): void {
  resetRefusals(client, nowMs);
  dropFilters(state, client);
  want(state.masks, client.index);
}

function dropFilters(state: State, client: Client): void {
  clearClient(state.filters, client.index, state.agentAt.length);
  unblockClient(state.masks, client.index, state.agentAt.length);
}

function takeBackAll(state: State, client: Client): void {
  for (const agent of state.agentAt) {
    const held = agent?.holds.get(client.index);
    if (agent === undefined || held === undefined) continue;
    giveBack(state, agent, client, parcelOfHold(state, held));
    markAgent(state, agent);
  }
}

function setMinimum(state: State, client: Client, minimum: Minimum | undefined): void {
  if (client.active) state.ownMinimums += (minimum === undefined ? 0 : 1) - (client.minimum === undefined ? 0 : 1);
  client.minimum = minimum;
}

function minimumOf(
  state: State,
  filters: NonNullable<FrameworkSettings["offerFilters"]>[string] | undefined,
): Minimum | undefined {
  const least = filters?.min_allocatable_resources;
  if (least === undefined) return undefined;
  const alternatives = (least.quantities ?? []).map(({ quantities = {} }) =>
    Object.fromEntries(Object.entries(quantities).map(([name, { value }]) => [name, value])),
  );
  return createMinimum(state.space, alternatives);
}

function abilitiesOf(capabilities: readonly FrameworkInfoCapabilityType[]) {
  return {
    revocable: capabilities.includes("REVOCABLE_RESOURCES"),
    gpu: capabilities.includes("GPU_RESOURCES"),
    shared: capabilities.includes("SHARED_RESOURCES"),
    refinement: capabilities.includes("RESERVATION_REFINEMENT"),
    regionAware: capabilities.includes("REGION_AWARE"),
  };
}
