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

/** Who held what of each agent when it was right. */
const rightOnce = new WeakMap<Agent, readonly unknown[]>();

// Most agents are as they were at the step before. Amounts are never changed in place, so the same holders with the same lists hold the same.
function checkAgent(state: MasterState, agent: Agent): void {
  const length = noteHolders(state, agent);
  const before = rightOnce.get(agent);
  if (before !== undefined && before.length === length && before.every((one, at) => one === noted[at])) return;
  leftOf(state, agent);
  rightOnce.set(agent, noted.slice(0, length));
}

/** Used again at each look, because there is one after nearly every step. */
const noted: unknown[] = [];

/** Writes down who holds what, as {@link holdersOn} tells it, and returns how much was written. */
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
  for (const { kind, id, resources } of holdersOn(state, agent)) free.take(kind, id, resources);
  return free.milli;
}

/** In thousandths, what offers, tasks and executors hold of one scalar on agents that are here. */
export function heldOf(state: MasterState, name: string): number {
  let held = 0;
  for (const agent of state.agents.values())
    if (agent.connection !== "recovered")
      for (const { resources } of holdersOn(state, agent))
        for (const resource of resources) if (resource.name === name) held += milliOf(resource);
  return held;
}

interface Holder {
  readonly kind: string;
  readonly id: string;
  readonly resources: readonly Resource[];
}

const NOTHING: readonly Resource[] = [];

// What is on its way comes last: it may count on what never came to be, and takes nothing from what is there.
function* holdersOn(state: MasterState, agent: Agent): Generator<Holder> {
  for (const id of agent.offers)
    yield { kind: "offer", id, resources: state.offers.get(id)?.offer.resources ?? NOTHING };
  const launches: Holder[] = [];
  for (const { task } of agent.tasks) {
    if (FREED.has(task.state)) continue;
    const [id, resources] = [task.task_id.value, task.resources ?? NOTHING];
    if (task.state === "TASK_STAGING") launches.push({ kind: LAUNCH, id, resources });
    else yield { kind: "task", id, resources };
  }
  for (const executors of agent.executors.values())
    for (const { executor_id, resources = NOTHING } of executors.values())
      yield { kind: "executor", id: executor_id.value, resources };
  yield* launches;
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
  readonly milli = new Map<string, number>();
  readonly #agent: string;
  /** What there is by name, reserved or not, and what of it tasks and executors have, those on their way included. */
  readonly #whole = new Map<string, number>();
  readonly #used = new Map<string, number>();
  readonly #ports: (Ports & { readonly kind: string; readonly id: string })[] = [];

  constructor({ id, total }: Agent) {
    this.#agent = id;
    for (const resource of total)
      if (resource.scalar !== undefined) {
        const key = keyOf(resource);
        this.milli.set(key, (this.milli.get(key) ?? 0) + milliOf(resource));
        add(this.#whole, resource.name, milliOf(resource));
      }
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

const keysKnown = new WeakMap<Resource, string>();

/** Resources of one key can be added up: the same name, reservations and volume. */
function keyOf(resource: Resource): string {
  let key = keysKnown.get(resource);
  if (key !== undefined) return key;
  const { name, reservations = [], disk, revocable, shared } = resource;
  const stack = reservations.map(({ type, role, principal }) => `${type}:${role}:${principal ?? ""}`).join(",");
  key = `${name} (${stack}) ${disk?.persistence?.id ?? ""}${revocable ? " revocable" : ""}${shared ? " shared" : ""}`;
  keysKnown.set(resource, key);
  return key;
}
