import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { QuotaConfig } from "@meseta/api/mesos/generated/quota.ts";
import { add, contains, isEmpty, subtract, sum } from "@meseta/api/mesos/resources/bag.ts";
import { reservationRole } from "@meseta/api/mesos/resources/identity.ts";
import { isAllocatableTo, isRefined } from "@meseta/api/mesos/resources/select.ts";
import { milliOf, quantityOf, withMilli } from "@meseta/api/mesos/resources/value.ts";
import type { AgentSettings, FrameworkSettings } from "./allocator.ts";
import { compileConstraints, satisfies } from "./constraints.ts";
import { hashText, mix } from "./order.ts";
import { refusalMs } from "./refusal.ts";

/**
 * The allocator's rules once more, slow and obvious, for tests to compare with: lists of resources as on the wire, everything computed
 * anew when it is asked, and every run over all agents and all clients. It knows nothing of candidates, masks, rows or sorted children.
 */
export interface Model {
  readonly options: ModelOptions;
  readonly seed: number;
  calls: number;
  readonly frameworks: Map<string, ModelFramework>;
  readonly agents: Map<string, ModelAgent>;
  readonly quotas: Map<string, QuotaConfig>;
  readonly weights: Map<string, number>;
  whitelist: readonly string[] | undefined;
  /** How often a node of the tree was given something. */
  readonly given: Map<string, number>;
}

export interface ModelOptions {
  readonly roleSorter: "drf" | "random";
  readonly frameworkSorter: "drf" | "random";
  readonly excluded: readonly string[];
  readonly region: string;
  readonly intervalMs: number;
}

export interface ModelFramework {
  settings: FrameworkSettings;
  active: boolean;
  readonly suppressed: Set<string>;
  filters: { role: string; agentId: string; refused: Resource[]; untilMs: number }[];
  readonly refusingSinceMs: Map<string, number>;
}

export interface ModelAgent {
  settings: AgentSettings;
  active: boolean;
  total: Resource[];
  held: { frameworkId: string; role: string; resources: Resource[] }[];
}

export interface ModelOffer {
  readonly frameworkId: string;
  readonly role: string;
  readonly agentId: string;
  resources: Resource[];
}

interface Client {
  readonly frameworkId: string;
  readonly role: string;
}

export function createModel(options: ModelOptions, seed: number): Model {
  return {
    options,
    seed,
    calls: 0,
    frameworks: new Map(),
    agents: new Map(),
    quotas: new Map(),
    weights: new Map(),
    whitelist: undefined,
    given: new Map(),
  };
}

/** One run. */
export function allocateModel(model: Model, nowMs: number): ModelOffer[] {
  model.calls++;
  for (const framework of model.frameworks.values())
    framework.filters = framework.filters.filter(({ untilMs }) => untilMs > nowMs);
  const offers: ModelOffer[] = [];
  for (const stage of [1, 2]) {
    for (const agentId of shuffled(model, stage)) divide(model, agentId, stage, offers);
  }
  return offers;
}

/** Books what a client gets; `chosen` counts. */
export function holdModel(
  model: Model,
  agentId: string,
  client: Client,
  resources: readonly Resource[],
  chosen: boolean,
): void {
  const { held } = model.agents.get(agentId)!;
  const mine = held.find((hold) => hold.frameworkId === client.frameworkId && hold.role === client.role);
  if (mine !== undefined) mine.resources = add(mine.resources, resources);
  else held.push({ ...client, resources: [...resources] });
  if (!chosen) return;
  for (const node of pathOf(client)) model.given.set(node, (model.given.get(node) ?? 0) + 1);
}

export function giveBackModel(model: Model, agentId: string, client: Client, resources: readonly Resource[]): void {
  const agent = model.agents.get(agentId)!;
  const mine = agent.held.find((hold) => hold.frameworkId === client.frameworkId && hold.role === client.role)!;
  mine.resources = subtract(mine.resources, resources);
  if (isEmpty(mine.resources)) agent.held.splice(agent.held.indexOf(mine), 1);
  tidyModel(model);
}

export function refuseModel(
  model: Model,
  agentId: string,
  client: Client,
  refused: Resource[],
  seconds: number,
  nowMs: number,
): void {
  const framework = model.frameworks.get(client.frameworkId)!;
  if (!framework.settings.roles.includes(client.role)) return;
  const since = framework.refusingSinceMs.get(client.role) ?? nowMs;
  framework.refusingSinceMs.set(client.role, since);
  const backoff = Math.floor((nowMs - since) / 12);
  const wanted = refusalMs(seconds);
  const lasts =
    wanted === 0
      ? Math.min(backoff, model.options.intervalMs)
      : Math.max(model.options.intervalMs, wanted, Math.min(backoff, 60_000));
  if (lasts > 0) framework.filters.push({ role: client.role, agentId, refused, untilMs: nowMs + lasts });
}

/** Roles and frameworks that are gone forget how often they were given something. */
export function tidyModel(model: Model): void {
  const alive = new Set<string>();
  for (const [frameworkId, { settings }] of model.frameworks) {
    for (const role of settings.roles) for (const node of pathOf({ frameworkId, role })) alive.add(node);
  }
  for (const { held } of model.agents.values())
    for (const client of held) for (const node of pathOf(client)) alive.add(node);
  for (const node of model.given.keys()) if (!alive.has(node)) model.given.delete(node);
  for (const [frameworkId, framework] of model.frameworks) {
    framework.filters = framework.filters.filter(({ role }) => alive.has(pathOf({ frameworkId, role }).at(-1)!));
    for (const role of framework.refusingSinceMs.keys()) {
      if (!alive.has(pathOf({ frameworkId, role }).at(-1)!)) framework.refusingSinceMs.delete(role);
    }
  }
}

export function freeModel({ total, held }: ModelAgent): Resource[] {
  return subtract(total, sum(held.map(({ resources }) => resources)));
}

/** What a top-level role consumes of a name: its reservations, and what its frameworks hold unreserved and not revocable. In thousandths. */
export function consumedModel(model: Model, top: string, name: string): number {
  let consumed = 0;
  for (const { total, held } of model.agents.values()) {
    for (const resource of total)
      if (topOf(reservationRole(resource) ?? "") === top) consumed += scalar(resource, name);
    for (const { role, resources } of held)
      if (topOf(role) === top)
        for (const resource of resources) if (isOpen(resource)) consumed += scalar(resource, name);
  }
  return consumed;
}

/** The nodes above and of a client, from the top down. */
function pathOf({ frameworkId, role }: Client): string[] {
  const parts = role.split("/");
  return [...parts.map((_, i) => parts.slice(0, i + 1).join("/")), `${role}/.`, `${role}/. ${frameworkId}`];
}

function topOf(role: string): string {
  return role.split("/")[0]!;
}

function isOpen(resource: Resource): boolean {
  return resource.type === "SCALAR" && reservationRole(resource) === undefined && resource.revocable === undefined;
}

function scalar(resource: Resource, name: string): number {
  return resource.type === "SCALAR" && resource.name === name ? milliOf(resource) : 0;
}

function offerableAgents(model: Model): [string, ModelAgent][] {
  const { whitelist } = model;
  return [...model.agents].filter(
    ([, { active, settings }]) => active && (whitelist === undefined || whitelist.includes(settings.hostname)),
  );
}

function shuffled(model: Model, stage: number): string[] {
  const seed = mix(mix(model.seed, model.calls), stage);
  return offerableAgents(model)
    .map(([id]) => ({ id, key: mix(seed, hashText(id)) }))
    .sort((a, b) => a.key - b.key)
    .map(({ id }) => id);
}

function lack(model: Model, top: string, name: string): number {
  const guarantee = Math.round((model.quotas.get(top)?.guarantees?.[name]?.value ?? 0) * 1000);
  return Math.max(0, guarantee - (guarantee === 0 ? 0 : consumedModel(model, top, name)));
}

function room(model: Model, top: string, name: string): number {
  const limit = model.quotas.get(top)?.limits?.[name]?.value;
  return limit === undefined
    ? Number.POSITIVE_INFINITY
    : Math.max(0, Math.round(limit * 1000) - consumedModel(model, top, name));
}

function surplus(model: Model, name: string): number {
  let required = 0;
  for (const top of model.quotas.keys()) required += lack(model, top, name);
  if (required === 0) return Number.POSITIVE_INFINITY;
  let available = 0;
  for (const [, agent] of offerableAgents(model))
    for (const resource of freeModel(agent)) if (isOpen(resource)) available += scalar(resource, name);
  return Math.max(0, available - required);
}

function divide(model: Model, agentId: string, stage: number, offers: ModelOffer[]): void {
  const agent = model.agents.get(agentId)!;
  for (const client of clientsInOrder(model, agentId, stage)) {
    const resources = portion(model, agent, client, stage);
    if (isEmpty(resources) || !isWanted(model, agentId, agent, client, resources)) continue;
    holdModel(model, agentId, client, resources, true);
    const earlier = offers.find(
      (offer) => offer.agentId === agentId && offer.frameworkId === client.frameworkId && offer.role === client.role,
    );
    if (earlier !== undefined) earlier.resources = add(earlier.resources, resources);
    else offers.push({ ...client, agentId, resources });
  }
}

function portion(model: Model, agent: ModelAgent, { frameworkId, role }: Client, stage: number): Resource[] {
  const { settings } = model.frameworks.get(frameworkId)!;
  const top = topOf(role);
  const taken: Resource[] = [];
  let helps = false;
  for (const resource of freeModel(agent)) {
    if (resource.revocable !== undefined && !settings.capabilities.includes("REVOCABLE_RESOURCES")) continue;
    if (isRefined(resource) && !settings.capabilities.includes("RESERVATION_REFINEMENT")) continue;
    if (!isAllocatableTo(resource, role)) continue;
    const cut = isOpen(resource) ? cutByQuota(model, top, resource, stage, taken) : resource;
    if (cut === undefined) continue;
    taken.push(cut);
    if (isOpen(resource) && lack(model, top, resource.name) > 0) helps = true;
  }
  return stage === 1 && !helps ? [] : taken;
}

function cutByQuota(
  model: Model,
  top: string,
  resource: Resource,
  stage: number,
  taken: Resource[],
): Resource | undefined {
  const { name } = resource;
  const headroom = surplus(model, name) + (stage === 1 ? lack(model, top, name) : 0);
  const already = taken.filter(isOpen).reduce((milli, other) => milli + scalar(other, name), 0);
  const allowed = Math.min(room(model, top, name), headroom) - already;
  if (allowed >= milliOf(resource)) return resource;
  return allowed > 0 && resource.disk?.source?.mount === undefined ? withMilli(resource, allowed) : undefined;
}

function isWanted(
  model: Model,
  agentId: string,
  agent: ModelAgent,
  { frameworkId, role }: Client,
  resources: Resource[],
): boolean {
  const { settings, filters } = model.frameworks.get(frameworkId)!;
  const constraints = compileConstraints(settings.offerConstraints, role);
  if (constraints !== undefined && !satisfies(constraints, agent.settings)) return false;
  if (agent.total.some(({ name }) => name === "gpus") && !settings.capabilities.includes("GPU_RESOURCES")) return false;
  const region = agent.settings.domain?.fault_domain?.region.name ?? model.options.region;
  if (region !== model.options.region && !settings.capabilities.includes("REGION_AWARE")) return false;
  if (!reachesMinimum(settings, role, resources)) return false;
  return !filters.some(
    (filter) => filter.role === role && filter.agentId === agentId && contains(filter.refused, resources),
  );
}

function reachesMinimum(settings: FrameworkSettings, role: string, resources: Resource[]): boolean {
  const own = settings.offerFilters?.[role]?.min_allocatable_resources;
  const alternatives: Record<string, { value: number }>[] =
    own === undefined
      ? [{ cpus: { value: 0.01 } }, { mem: { value: 32 } }]
      : (own.quantities ?? []).map(({ quantities = {} }) => quantities);
  const quantity = (name: string) =>
    resources.filter((resource) => resource.name === name).reduce((milli, resource) => milli + quantityOf(resource), 0);
  return (
    alternatives.length === 0 ||
    alternatives.some((needs) => Object.entries(needs).every(([name, { value }]) => quantity(name) >= value * 1000))
  );
}

function clientsInOrder(model: Model, agentId: string, stage: number): Client[] {
  const clients = activeClients(model);
  const seed = mix(mix(model.seed, model.calls) + stage, hashText(agentId));
  const byShare = (a: Client, b: Client) => compareByShare(model, a, b);
  const roles = [...new Set(clients.map(({ role }) => role))];
  const random = (role: string) => -Math.log(unit(mix(seed, hashText(role)))) / leafWeight(model, role, roles);
  return clients.sort((a, b) => {
    if (a.role !== b.role)
      return model.options.roleSorter === "random" ? random(a.role) - random(b.role) : byShare(a, b);
    if (model.options.frameworkSorter === "drf") return byShare(a, b);
    return unit(mix(seed, hashText(a.frameworkId))) - unit(mix(seed, hashText(b.frameworkId)));
  });
}

function activeClients(model: Model): Client[] {
  return [...model.frameworks].flatMap(([frameworkId, { settings, active, suppressed }]) =>
    active ? settings.roles.filter((role) => !suppressed.has(role)).map((role) => ({ frameworkId, role })) : [],
  );
}

/** The first node where the two paths part decides. */
function compareByShare(model: Model, a: Client, b: Client): number {
  const left = pathOf(a);
  const right = pathOf(b);
  const at = left.findIndex((node, i) => node !== right[i]);
  const [x, y] = [left[at]!, right[at]!];
  const [shareX, shareY] = [share(model, x), share(model, y)];
  if (shareX !== shareY) return shareX - shareY;
  const [givenX, givenY] = [model.given.get(x) ?? 0, model.given.get(y) ?? 0];
  if (givenX !== givenY) return givenX - givenY;
  return x < y ? -1 : 1;
}

function share(model: Model, node: string): number {
  const held = new Map<string, number>();
  const total = new Map<string, number>();
  const count = (into: Map<string, number>, resources: readonly Resource[]) => {
    for (const resource of resources)
      if (resource.type === "SCALAR") into.set(resource.name, (into.get(resource.name) ?? 0) + milliOf(resource));
  };
  for (const agent of model.agents.values()) {
    count(total, agent.total);
    for (const hold of agent.held) if (pathOf(hold).includes(node)) count(held, hold.resources);
  }
  let largest = 0;
  for (const [name, all] of total) {
    if (all > 0 && !model.options.excluded.includes(name)) largest = Math.max(largest, (held.get(name) ?? 0) / all);
  }
  return largest / (node.includes(" ") || node.endsWith("/.") ? 1 : (model.weights.get(node) ?? 1));
}

function leafWeight(model: Model, role: string, roles: readonly string[]): number {
  const nodes = pathOf({ frameworkId: "", role }).slice(0, -1);
  const all = new Set(roles.flatMap((other) => pathOf({ frameworkId: "", role: other }).slice(0, -1)));
  const weightOf = (node: string) => (node.endsWith("/.") ? 1 : (model.weights.get(node) ?? 1));
  return nodes.reduce((weight, node, depth) => {
    const parent = depth === 0 ? "" : nodes[depth - 1]!;
    const siblings = [...all].filter(
      (other) => (other.includes("/") ? other.slice(0, other.lastIndexOf("/")) : "") === parent,
    );
    return weight * (weightOf(node) / siblings.reduce((total, other) => total + weightOf(other), 0));
  }, 1);
}

function unit(hash: number): number {
  return (hash + 0.5) / 0x1_0000_0000;
}
