import type { FrameworkInfoCapabilityType, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { QuotaConfig } from "@meseta/api/mesos/generated/quota.ts";
import { add, contains, subtract, sum } from "@meseta/api/mesos/resources/bag.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { AgentSettings, FrameworkSettings } from "./allocator.ts";
import {
  allocateModel,
  consumedModel,
  createModel,
  freeModel,
  giveBackModel,
  holdModel,
  type Model,
  type ModelOffer,
  type ModelOptions,
  refuseModel,
  tidyModel,
} from "./model.rig.ts";
import { bag, sketch, text } from "./sketch.rig.ts";

test("the allocator makes the same offers as the slow and obvious model, whatever happens", () => {
  fc.assert(
    fc.property(
      optionsArbitrary,
      clusterArbitrary,
      fc.array(stepArbitrary, { minLength: 30, maxLength: 90, size: "max" }),
      (options, cluster, steps) => {
        const pair = createPair(options);
        cluster.forEach(
          (how, i) => void play(pair, { what: i % 2 === 0 ? "agent" : "framework", who: i >> 1, where: i >> 1, how }),
        );
        for (const step of steps) play(pair, step);
        checkNothingLeaks(pair);
      },
    ),
    { numRuns: RUNS },
  );
});

const RUNS = Number(globalThis.process?.env["ALLOCATOR_RUNS"] ?? 120);

const optionsArbitrary = fc.record({
  roleSorter: fc.constantFrom("drf" as const, "drf" as const, "random" as const),
  frameworkSorter: fc.constantFrom("drf" as const, "drf" as const, "random" as const),
  excluded: fc.constantFrom<string[]>([], ["gpus"], ["disk"]),
  region: fc.constant("here"),
  intervalMs: fc.constant(1000),
  /** Above this many eligible clients the tree is walked instead of comparing them; both ways must agree with the model. */
  fewClients: fc.constantFrom(0, 8),
});

/** What happens, and numbers that choose with whom; they are taken modulo what there is. */
const stepArbitrary = fc.record({
  what: fc.constantFrom(
    ...([
      "agent",
      "agent",
      "framework",
      "framework",
      "allocate",
      "allocate",
      "allocate",
      "decline",
      "decline",
      "launch",
      "launch",
    ] as const),
    ...([
      "finish",
      "finish",
      "wait",
      "quota",
      "weight",
      "suppress",
      "revive",
      "update",
      "total",
      "attributes",
      "toggleAgent",
      "toggleFramework",
    ] as const),
    ...(["removeAgent", "removeFramework", "charge", "reserve", "operator", "whitelist"] as const),
  ),
  who: fc.noBias(fc.nat(7)),
  where: fc.noBias(fc.nat(7)),
  how: fc.noBias(fc.nat(63)),
});

/** Agents and frameworks by turns. */
const clusterArbitrary = fc.array(fc.noBias(fc.nat(63)), { minLength: 2, maxLength: 12, size: "max" });

type Step = typeof stepArbitrary extends fc.Arbitrary<infer T> ? T : never;

interface Pair {
  readonly real: ReturnType<typeof sketch>;
  readonly model: Model;
  nowMs: number;
  /** Of charged tasks, beyond what agents have: two tasks never have the same port. */
  port: number;
  offers: ModelOffer[];
  tasks: ModelOffer[];
}

function createPair(options: ModelOptions & { fewClients: number }): Pair {
  const real = sketch({
    roleSorter: options.roleSorter,
    frameworkSorter: options.frameworkSorter,
    fairSharingExcluded: options.excluded,
    region: options.region,
    allocationIntervalMs: options.intervalMs,
  });
  real.state.fewClients = options.fewClients;
  return { real, model: createModel(options, real.state.seed), nowMs: 0, port: 100, offers: [], tasks: [] };
}

function play(pair: Pair, step: Step): void {
  const { what, who, where, how } = step;
  const frameworkId = [...pair.model.frameworks.keys()][who % Math.max(1, pair.model.frameworks.size)];
  const agentId = [...pair.model.agents.keys()][where % Math.max(1, pair.model.agents.size)];
  if (what === "agent") addAgent(pair, `agent${where}`, how);
  else if (what === "framework") addFramework(pair, `f${who}`, how, where);
  else if (what === "allocate") allocateBoth(pair);
  else if (what === "wait") pair.nowMs += [1, 700, 4_999, 5_000, 60_000, 400_000][how % 6]!;
  else if (what === "quota") setQuota(pair, ROLES[who % ROLES.length]!.split("/")[0]!, QUOTAS[how % QUOTAS.length]!);
  else if (what === "weight") setWeight(pair, ROLES[who % ROLES.length]!, [1, 2, 0.5, 3][how % 4]!);
  else if (what === "whitelist") setWhitelist(pair, [undefined, [], ["host0", "host1", "host2"], undefined][how % 4]);
  else if (what === "decline") decline(pair, how, where);
  else if (what === "launch") launch(pair, how);
  else if (what === "finish") finish(pair, who);
  else if (frameworkId !== undefined && what in OF_FRAMEWORK) OF_FRAMEWORK[what]!(pair, frameworkId, how, where);
  else if (agentId !== undefined && what in OF_AGENT) OF_AGENT[what]!(pair, agentId, how, who);
  checkBooks(pair);
}

const ROLES = ["*", "eng", "eng/ads", "eng/web", "ops", "ops/db/x", "sales"];
const TOTALS = [
  "cpus:4;mem:1024;disk:100;ports:[1-20]",
  "cpus:8;mem:4096;disk:50",
  "cpus:2;mem:64",
  "cpus:0.005;mem:16;disk:1000",
  "cpus:4;mem:1024;cpus(eng):2;mem(eng):512;ports:[5-9]",
  "cpus:1;mem:128;cpus(eng/ads<eng):3;mem(eng/ads<eng):300;disk(ops):10",
  "cpus:4;mem:1000;cpus!:2;mem!:200",
  "cpus:4;mem:1000;gpus:2;disk#m:70",
  "cpus:3;mem:500;disk@p:90;tokens:5;ports:[1-3,7-8]",
  "cpus(sales):4;mem(sales):2000;disk(sales)%v:30",
];
const CAPABILITIES: FrameworkInfoCapabilityType[][] = [
  ["MULTI_ROLE", "RESERVATION_REFINEMENT"],
  ["MULTI_ROLE"],
  ["MULTI_ROLE", "RESERVATION_REFINEMENT", "GPU_RESOURCES", "REVOCABLE_RESOURCES", "REGION_AWARE"],
  ["MULTI_ROLE", "RESERVATION_REFINEMENT", "REVOCABLE_RESOURCES"],
];
const QUOTAS: Omit<QuotaConfig, "role">[] = [
  {},
  { guarantees: { cpus: { value: 4 } } },
  { guarantees: { cpus: { value: 2 }, mem: { value: 500 } }, limits: { cpus: { value: 6 } } },
  { limits: { cpus: { value: 3 }, mem: { value: 1000 } } },
  { guarantees: { disk: { value: 60 } }, limits: { disk: { value: 80 }, cpus: { value: 5 } } },
  { limits: { cpus: { value: 0 }, mem: { value: 0 } } },
  { guarantees: { cpus: { value: 20 }, mem: { value: 8000 } } },
];
const MINIMUMS: FrameworkSettings["offerFilters"][] = [
  undefined,
  undefined,
  undefined,
  {
    eng: { min_allocatable_resources: {} },
    "*": { min_allocatable_resources: { quantities: [{ quantities: { cpus: { value: 3 } } }] } },
  },
];
const CONSTRAINTS: FrameworkSettings["offerConstraints"][] = [
  undefined,
  undefined,
  undefined,
  {
    role_constraints: {
      eng: {
        groups: [
          {
            attribute_constraints: [
              { selector: { attribute_name: "rack" }, predicate: { text_equals: { value: "r1" } } },
            ],
          },
        ],
      },
      "*": {
        groups: [
          {
            attribute_constraints: [
              {
                selector: { pseudoattribute_type: "HOSTNAME" },
                predicate: { text_not_matches: { regex: "host[0-3]" } },
              },
            ],
          },
        ],
      },
    },
  },
];

function settingsOf(how: number, where: number): FrameworkSettings {
  const roles = [ROLES[how % ROLES.length]!, ...(where % 2 === 0 ? [] : [ROLES[(how + where) % ROLES.length]!])];
  return {
    roles: [...new Set(roles)],
    suppressedRoles: how % 13 === 12 ? [roles[0]!] : [],
    capabilities: CAPABILITIES[where % CAPABILITIES.length]!,
    offerFilters: MINIMUMS[(how >> 1) % MINIMUMS.length],
    offerConstraints: CONSTRAINTS[(how >> 3) % CONSTRAINTS.length],
  };
}

function agentSettings(where: number, how: number): AgentSettings {
  const region = how % 5 === 4 ? "there" : "here";
  return {
    hostname: `host${where}`,
    attributes: how % 3 === 0 ? [] : [{ name: "rack", type: "TEXT", text: { value: `r${how % 3}` } }],
    domain: { fault_domain: { region: { name: region }, zone: { name: "z" } } },
  };
}

function addAgent({ real, model }: Pair, id: string, how: number): void {
  if (model.agents.has(id)) return;
  const settings = agentSettings(Number(id.slice(5)), how);
  const total = bag(TOTALS[how % TOTALS.length]!);
  real.addAgent(id, settings, total);
  model.agents.set(id, { settings, active: true, total, held: [] });
}

function addFramework({ real, model, nowMs }: Pair, id: string, how: number, where: number): void {
  if (model.frameworks.has(id)) return;
  const settings = settingsOf(how, where);
  real.addFramework(id, settings, nowMs);
  model.frameworks.set(id, {
    settings,
    active: true,
    suppressed: new Set(settings.suppressedRoles),
    filters: [],
    refusingSinceMs: new Map(),
  });
}

function allocateBoth(pair: Pair): void {
  const { real, model, nowMs } = pair;
  const offers = allocateModel(model, nowMs);
  const made = real.allocate(nowMs);
  const line = (frameworkId: string, role: string, agentId: string, resources: readonly Resource[]) =>
    `${agentId} ${frameworkId} ${role} ${text(sum([resources]))}`;
  const expected = offers.map((offer) => line(offer.frameworkId, offer.role, offer.agentId, offer.resources)).sort();
  const actual = made.offers.flatMap(({ frameworkId, offers: drafts }) =>
    drafts.map(({ role, agentId, resources }) => line(frameworkId, role, agentId, resources)),
  );
  expect(actual.sort()).toEqual(expected);
  pair.offers.push(...offers);
}

function decline({ real, model, offers, nowMs }: Pair, how: number, where: number): void {
  if (offers.length === 0) return;
  const [offer] = offers.splice(how % offers.length, 1);
  const { frameworkId, role, agentId, resources } = offer!;
  const seconds = [5, 0, 1, 60, 500, 5, 5, 0.2][where % 8]!;
  giveBackModel(model, agentId, offer!, resources);
  refuseModel(model, agentId, offer!, resources, seconds, nowMs);
  real.recover(frameworkId, role, agentId, resources, { refuseSeconds: seconds, nowMs });
}

/** Uses a part of an offer and gives the rest back with a filter. */
function launch({ real, model, offers, tasks, nowMs }: Pair, how: number): void {
  if (offers.length === 0) return;
  const [offer] = offers.splice(how % offers.length, 1);
  const { frameworkId, role, agentId, resources } = offer!;
  const used = resources.flatMap((resource) => {
    if (resource.type !== "SCALAR" || resource.disk !== undefined) return how % 2 === 0 ? [resource] : [];
    return [
      { ...resource, scalar: { value: Math.round(resource.scalar!.value * (how % 4 === 0 ? 1000 : 400)) / 1000 } },
    ];
  });
  const rest = subtract(resources, used);
  tasks.push({ ...offer!, resources: subtract(resources, rest) });
  const since = model.frameworks.get(frameworkId)!.refusingSinceMs;
  since.delete(role);
  real.accepted(frameworkId, role, nowMs);
  if (rest.length === 0) return;
  giveBackModel(model, agentId, offer!, rest);
  refuseModel(model, agentId, offer!, rest, 5, nowMs);
  real.recover(frameworkId, role, agentId, rest, { refuseSeconds: 5, nowMs });
}

function finish({ real, model, tasks }: Pair, who: number): void {
  if (tasks.length === 0) return;
  const [task] = tasks.splice(who % tasks.length, 1);
  if (task!.resources.length === 0) return;
  giveBackModel(model, task!.agentId, task!, task!.resources);
  real.recover(task!.frameworkId, task!.role, task!.agentId, task!.resources);
}

function setQuota({ real, model }: Pair, role: string, quota: Omit<QuotaConfig, "role">): void {
  real.setQuota({ role, ...quota });
  if (Object.keys(quota).length === 0) model.quotas.delete(role);
  else model.quotas.set(role, { role, ...quota });
}

function setWeight({ real, model }: Pair, role: string, weight: number): void {
  real.setWeight(role, weight);
  model.weights.set(role, weight);
}

function setWhitelist({ real, model }: Pair, hostnames: string[] | undefined): void {
  real.setWhitelist(hostnames);
  model.whitelist = hostnames;
}

type Act = (pair: Pair, id: string, how: number, other: number) => void;

const OF_FRAMEWORK: Record<string, Act> = {
  suppress({ real, model }, id, how) {
    const { settings, suppressed } = model.frameworks.get(id)!;
    const roles = how % 2 === 0 ? undefined : settings.roles.slice(0, 1);
    real.suppress(id, roles);
    for (const role of roles ?? settings.roles) suppressed.add(role);
  },
  revive({ real, model, nowMs }, id, how) {
    const framework = model.frameworks.get(id)!;
    const roles = how % 2 === 0 ? undefined : framework.settings.roles.slice(0, 1);
    real.revive(id, roles, nowMs);
    for (const role of roles ?? framework.settings.roles) {
      framework.suppressed.delete(role);
      framework.refusingSinceMs.delete(role);
      framework.filters = framework.filters.filter((filter) => filter.role !== role);
    }
  },
  update({ real, model, nowMs }, id, how, where) {
    const framework = model.frameworks.get(id)!;
    framework.settings = settingsOf(how, where);
    framework.suppressed.clear();
    for (const role of framework.settings.suppressedRoles!) framework.suppressed.add(role);
    real.updateFramework(id, framework.settings, nowMs);
    tidyModel(model);
  },
  toggleFramework({ real, model, nowMs }, id) {
    const framework = model.frameworks.get(id)!;
    framework.active = !framework.active;
    if (framework.active) framework.refusingSinceMs.clear();
    else framework.filters = [];
    if (framework.active) real.activateFramework(id, nowMs);
    else real.deactivateFramework(id);
  },
  removeFramework(pair, id) {
    const { real, model } = pair;
    for (const agent of model.agents.values()) agent.held = agent.held.filter(({ frameworkId }) => frameworkId !== id);
    model.frameworks.delete(id);
    tidyModel(model);
    pair.offers = pair.offers.filter(({ frameworkId }) => frameworkId !== id);
    pair.tasks = pair.tasks.filter(({ frameworkId }) => frameworkId !== id);
    real.removeFramework(id);
  },
};

const OF_AGENT: Record<string, Act> = {
  removeAgent(pair, id) {
    pair.model.agents.delete(id);
    for (const framework of pair.model.frameworks.values())
      framework.filters = framework.filters.filter(({ agentId }) => agentId !== id);
    tidyModel(pair.model);
    pair.offers = pair.offers.filter(({ agentId }) => agentId !== id);
    pair.tasks = pair.tasks.filter(({ agentId }) => agentId !== id);
    pair.real.removeAgent(id);
  },
  toggleAgent({ real, model }, id) {
    const agent = model.agents.get(id)!;
    agent.active = !agent.active;
    if (agent.active) real.activateAgent(id);
    else real.deactivateAgent(id);
  },
  total({ real, model }, id, how) {
    const total = bag(TOTALS[how % TOTALS.length]!);
    model.agents.get(id)!.total = total;
    real.updateTotal(id, total);
  },
  attributes({ real, model }, id, how) {
    const agent = model.agents.get(id)!;
    const changed = agentSettings(Number(id.slice(5)), how);
    if (JSON.stringify(changed.attributes) !== JSON.stringify(agent.settings.attributes)) {
      for (const framework of model.frameworks.values())
        framework.filters = framework.filters.filter(({ agentId }) => agentId !== id);
    }
    agent.settings = changed;
    real.updateAgent(id, changed);
  },
  charge(pair, id, how, who) {
    const frameworkId = [...pair.model.frameworks.keys()][who % Math.max(1, pair.model.frameworks.size)];
    if (frameworkId === undefined) return;
    const task = {
      frameworkId,
      role: ROLES[how % ROLES.length]!,
      agentId: id,
      resources: bag(how % 2 === 0 ? `cpus:1;mem:50;ports:[${++pair.port}-${pair.port}]` : "cpus:9;mem:1"),
    };
    holdModel(pair.model, id, task, task.resources, true);
    pair.real.charge(frameworkId, task.role, id, task.resources);
    pair.tasks.push(task);
  },
  reserve(pair, id) {
    const offer = pair.offers.find(({ agentId, resources }) => agentId === id && contains(resources, bag("cpus:1")));
    if (offer === undefined || offer.role === "*") return;
    const [consumed, converted] = [bag("cpus:1"), bag(`cpus(${offer.role}):1`)];
    const agent = pair.model.agents.get(id)!;
    if (!contains(agent.total, consumed)) return;
    agent.total = add(subtract(agent.total, consumed), converted);
    const mine = agent.held.find((hold) => hold.frameworkId === offer.frameworkId && hold.role === offer.role)!;
    mine.resources = add(subtract(mine.resources, consumed), converted);
    offer.resources = add(subtract(offer.resources, consumed), converted);
    expect(pair.real.convert(id, [{ consumed, converted }], offer)).toBe(true);
  },
  operator(pair, id, how) {
    const agent = pair.model.agents.get(id)!;
    const [consumed, converted] =
      how % 2 === 0 ? [bag("mem:100"), bag("mem(ops):100")] : [bag("mem(ops):100"), bag("mem:100")];
    const free = contains(freeModel(agent), consumed);
    expect(pair.real.isFree(id, consumed)).toBe(free);
    expect(pair.real.convert(id, [{ consumed, converted }])).toBe(free && contains(agent.total, consumed));
    if (free) agent.total = add(subtract(agent.total, consumed), converted);
  },
};

/** The allocator's own books, kept by adding and subtracting, against the model's, counted anew. */
function checkBooks({ real, model }: Pair): void {
  const { state } = real;
  for (const [id, agent] of model.agents) {
    expect(text(sum(freeOfReal(real, id))), `free of ${id}`).toBe(text(freeModel(agent)));
  }
  for (const top of state.quota.tops.values()) {
    state.space.names.forEach((name, column) => {
      expect(state.quota.consumed.data[top.index * state.space.width + column]).toBe(
        consumedModel(model, top.role, name),
      );
    });
  }
  for (const [id] of model.frameworks) real.explain(id, 0);
}

/** When all is gone, all numbers are 0 again. */
function checkNothingLeaks({ real, model }: Pair): void {
  const { state } = real;
  for (const id of model.frameworks.keys()) real.removeFramework(id);
  for (const id of model.agents.keys()) real.removeAgent(id);
  const { tree, quota, clients, filters, masks } = state;
  expect(tree.roles.size).toBe(0);
  expect(clients.filter((client) => client !== undefined)).toEqual([]);
  for (const { data } of [tree.total, quota.available, state.free, state.counted, state.held]) {
    expect(data.every((milli) => milli === 0)).toBe(true);
  }
  expect(tree.allocated.data.subarray(0, state.space.width).every((milli) => milli === 0)).toBe(true);
  expect(filters.active.every((count) => count === 0)).toBe(true);
  expect([masks.active, masks.open, masks.unmet].every((set) => set.every((word) => word === 0))).toBe(true);
}

function freeOfReal(real: Pair["real"], id: string): Resource[][] {
  const { space, free, agents } = real.state;
  const agent = agents.get(id)!;
  const scalars = space.names.map((name, column): Resource => {
    return {
      name,
      type: "SCALAR",
      scalar: { value: Math.max(0, free.data[agent.index * space.width + column]!) / 1000 },
    };
  });
  return [scalars, agent.freePieces.map(({ resource }) => resource)];
}
