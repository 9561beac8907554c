import type { Resource, TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import type { Agent, MasterState } from "@meseta/kernel/core/master/state.ts";
import { Violation } from "./violation.ts";

/**
 * I1 and I2, by arithmetic of its own and not the kernel's: on each agent, what is offered and what tasks and executors
 * use fits into what there is, by name, reservations, volume and kind; a port is in at most one place; a shared volume is there,
 * and may be used by many.
 */
export function checkResources(state: MasterState): void {
  for (const agent of state.agents.values()) if (agent.connection !== "recovered") checkAgent(state, agent);
}

/** Who held what of each agent when it was right. Not asked is the master's own word of what has changed: it is what is doubted. */
const rightOnce = new WeakMap<Agent, readonly unknown[]>();

// Most agents are as they were at the step before. Amounts are never changed in place, so the same holders with the same lists hold the same.
function checkAgent(state: MasterState, agent: Agent): void {
  const length = noteHolders(state, agent);
  const before = rightOnce.get(agent);
  if (before !== undefined && before.length === length && isNoted(before)) return;
  leftOf(state, agent);
  rightOnce.set(agent, noted.slice(0, length));
}

/** Used again at each look, because there is one after nearly every step. */
const noted: unknown[] = [];

function isNoted(holders: readonly unknown[]): boolean {
  for (let at = 0; at < holders.length; at++) if (holders[at] !== noted[at]) return false;
  return true;
}

/** Writes down who holds what, as {@link eachHolder} tells it, and returns how much was written. */
function noteHolders(state: MasterState, agent: Agent): number {
  let at = 0;
  noted[at++] = agent.total;
  for (const id of agent.offers) {
    noted[at++] = id;
    noted[at++] = state.offers.get(id)?.offer.resources;
  }
  for (const { task } of agent.tasks) {
    if (FREED.has(task.state)) continue;
    noted[at++] = task.state === "TASK_STAGING";
    noted[at++] = task.task_id.value;
    noted[at++] = task.resources;
  }
  for (const executors of agent.executors.values())
    for (const { executor_id, resources } of executors.values()) {
      noted[at++] = executor_id.value;
      noted[at++] = resources;
    }
  return at;
}

/** What nobody holds of each scalar of the agent, in thousandths. Throws when somebody holds what there is not. */
export function leftOf(state: MasterState, agent: Agent): ReadonlyMap<string, number> {
  const free = new Sums(agent);
  eachHolder(state, agent, (kind, id, resources) => free.take(kind, id, resources));
  return free.milli;
}

/** In thousandths, what offers, tasks and executors hold of each scalar, by name, on agents that are here. */
export function allHeld(state: MasterState): ReadonlyMap<string, number> {
  const held = new Map<string, number>();
  for (const agent of state.agents.values())
    if (agent.connection !== "recovered")
      eachHolder(state, agent, (_kind, _id, resources) => {
        for (const resource of resources)
          if (resource.scalar !== undefined) add(held, resource.name, milliOf(resource));
      });
  return held;
}

const NOTHING: readonly Resource[] = [];

// What is on its way comes last: it may count on what never came to be, and takes nothing from what is there.
function eachHolder(
  state: MasterState,
  agent: Agent,
  hold: (kind: string, id: string, resources: readonly Resource[]) => void,
): void {
  for (const id of agent.offers) hold("offer", id, state.offers.get(id)?.offer.resources ?? NOTHING);
  let launches = 0;
  for (const { task } of agent.tasks)
    if (task.state === "TASK_STAGING") launches++;
    else if (!FREED.has(task.state)) hold("task", task.task_id.value, task.resources ?? NOTHING);
  for (const executors of agent.executors.values())
    for (const { executor_id, resources = NOTHING } of executors.values())
      hold("executor", executor_id.value, resources);
  if (launches === 0) return;
  for (const { task } of agent.tasks)
    if (task.state === "TASK_STAGING") hold(LAUNCH, task.task_id.value, task.resources ?? NOTHING);
}

/** The agent's whole scalars by name: no operation changes them. */
export function amounts(resources: readonly Resource[]): string {
  const sums = new Map<string, number>();
  for (const resource of resources)
    if (resource.scalar !== undefined) sums.set(resource.name, (sums.get(resource.name) ?? 0) + milliOf(resource));
  return JSON.stringify([...sums].sort());
}

/** States in which a task has given its resources back. */
const FREED: ReadonlySet<TaskState> = new Set<TaskState>([
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_LOST",
  "TASK_ERROR",
  "TASK_DROPPED",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
  "TASK_UNREACHABLE",
]);

/**
 * A task that is on its way. The reservation or volume that it counts on may never have come to be: the operation was lost with
 * the link, and so was the launch, which the agent is about to say.
 */
const LAUNCH = "launch of";

function add(sums: Map<string, number>, name: string, milli: number): void {
  sums.set(name, (sums.get(name) ?? 0) + milli);
}

const milliOf = ({ scalar }: Resource): number => Math.round((scalar?.value ?? 0) * 1000);

/** All from the first to the last. */
interface Ports {
  readonly begin: number;
  readonly end: number;
}

class Sums {
  readonly milli: Map<string, number>;
  readonly #agent: string;
  /** What there is by name, reserved or not, and what of it tasks and executors have, those on their way included. */
  readonly #whole: ReadonlyMap<string, number>;
  readonly #used = new Map<string, number>();
  readonly #ports: (Ports & { readonly kind: string; readonly id: string })[] = [];

  constructor({ id, total }: Agent) {
    this.#agent = id;
    const { byKey, byName } = sumsOf(total);
    this.milli = new Map(byKey);
    this.#whole = byName;
  }

  take(kind: string, id: string, resources: readonly Resource[]): void {
    for (const resource of resources) {
      if (resource.scalar !== undefined) this.#takeScalar(kind, id, resource);
      for (const range of resource.ranges?.range ?? []) this.#takePorts(kind, id, range, resource);
    }
  }

  #takeScalar(kind: string, id: string, resource: Resource): void {
    const key = keyOf(resource);
    const left = (this.milli.get(key) ?? 0) - milliOf(resource);
    if (kind !== "offer" && resource.shared === undefined) add(this.#used, resource.name, milliOf(resource));
    if (kind === LAUNCH && left < 0 && this.#mayBeDropped(resource)) return;
    if (left < 0)
      throw new Violation(
        `I1: ${kind} ${id} takes ${milliOf(resource) / 1000} ${key} of agent ${this.#agent}, of which ${(left + milliOf(resource)) / 1000} are left`,
      );
    if (resource.shared === undefined) this.milli.set(key, left);
  }

  // The other way round as well: an UNRESERVE was lost with the link, as the launch was that counts on what it would have freed. Never is more launched than the whole.
  #mayBeDropped({ name, reservations = [] }: Resource): boolean {
    return reservations.length > 0 || (this.#used.get(name) ?? 0) <= (this.#whole.get(name) ?? 0);
  }

  #takePorts(kind: string, id: string, { begin, end }: Ports, { reservations = [] }: Resource): void {
    if (kind !== LAUNCH || reservations.length === 0)
      for (const other of this.#ports)
        if (begin <= other.end && other.begin <= end)
          throw new Violation(
            `I2: port ${Math.max(begin, other.begin)} of agent ${this.#agent} is in ${other.kind} ${other.id} and in ${kind} ${id}`,
          );
    this.#ports.push({ begin, end, kind, id });
  }
}

/** What there is of each scalar, in thousandths: by key, and by name alone. */
interface Whole {
  readonly byKey: ReadonlyMap<string, number>;
  readonly byName: ReadonlyMap<string, number>;
}

const wholesKnown = new WeakMap<readonly Resource[], Whole>();

function sumsOf(total: readonly Resource[]): Whole {
  const known = wholesKnown.get(total);
  if (known !== undefined) return known;
  const [byKey, byName] = [new Map<string, number>(), new Map<string, number>()];
  for (const resource of total)
    if (resource.scalar !== undefined) {
      add(byKey, keyOf(resource), milliOf(resource));
      add(byName, resource.name, milliOf(resource));
    }
  wholesKnown.set(total, { byKey, byName });
  return { byKey, byName };
}

const keysKnown = new WeakMap<Resource, string>();
/** Of what is nobody's: most resources. */
const plainKeys = new Map<string, string>();

/** Resources of one key can be added up: the same name, reservations and volume. */
function keyOf(resource: Resource): string {
  const { name, reservations = [], disk, revocable, shared } = resource;
  if (reservations.length === 0 && disk === undefined && revocable === undefined && shared === undefined)
    return plainKeyOf(name);
  let key = keysKnown.get(resource);
  if (key !== undefined) return key;
  const stack = reservations.map(({ type, role, principal }) => `${type}:${role}:${principal ?? ""}`).join(",");
  key = `${name} (${stack}) ${disk?.persistence?.id ?? ""}${revocable ? " revocable" : ""}${shared ? " shared" : ""}`;
  keysKnown.set(resource, key);
  return key;
}

function plainKeyOf(name: string): string {
  let key = plainKeys.get(name);
  if (key === undefined) plainKeys.set(name, (key = `${name} () `));
  return key;
}
