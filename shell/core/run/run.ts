// What `meseta run` does, as a core: scheduler events go in, steps come out. It launches each task once, follows it to its
// end, and knows the exit code. Whoever carries the steps out also prints.

import type {
  ContainerID,
  Offer,
  OfferOperation,
  Resource,
  TaskState,
  TaskStatus,
  ValueRange,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { quantities } from "@meseta/api/mesos/resources/quantities.ts";
import { isTerminal as isOver } from "@meseta/api/mesos/task-state.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import { type Taken, take } from "@meseta/sdk/core/take.ts";
import { CLUSTER_FAILED, exitCodeOf } from "./exit-code.ts";
import { groupOf, groupWants, taskOf, type Wish } from "./wish.ts";

export type RunStep =
  | { readonly type: "accept"; readonly offer: Offer; readonly operations: readonly OfferOperation[] }
  | { readonly type: "decline"; readonly offers: readonly Offer[]; readonly refuseSeconds: number }
  /** Everything is placed: no offers are wanted any more. */
  | { readonly type: "suppress" }
  | { readonly type: "tell"; readonly task: RunTask; readonly status: TaskStatus }
  /** The task has a sandbox now: what it prints can be followed. */
  | { readonly type: "follow"; readonly task: RunTask }
  | { readonly type: "kill"; readonly task: RunTask }
  | { readonly type: "end"; readonly exit: number };

export interface RunTask {
  readonly id: string;
  state: TaskState | "WAITING";
  agentId: string;
  host: string;
  /** Base URL of its agent. */
  agentUrl: string;
  /** Folder of its output in the agent's `files`. */
  sandbox: string;
  /** Known when it runs. */
  container: ContainerID | undefined;
  healthy: boolean | undefined;
  exit: number | undefined;
}

export interface Shortage {
  readonly offers: number;
  /** Wanted amounts that no single offer had, with the most that one had. */
  readonly missing: readonly { readonly name: string; readonly wanted: number; readonly largest: number }[];
  /** Ports asked for by number that no offer had. */
  readonly ports: readonly number[];
  /** Those that there were, some of them, as "31000-31999". */
  readonly offeredPorts: readonly string[];
}

/** Declined offers come back after this, or at once when they have grown. */
const REFUSE_SECONDS = 5;
const REFUSE_FOR_GOOD_SECONDS = 86_400;

/** One `meseta run`, from its first offer to its exit code. */
export class Run {
  readonly tasks: readonly RunTask[];
  readonly #wish: Wish;
  /** Of a group. */
  readonly #executorId: string;
  readonly #byId: ReadonlyMap<string, RunTask>;
  readonly #offered = new Offered();
  #frameworkId = "";
  #isCancelled = false;
  #firstFailure: number | undefined;

  constructor(wish: Wish, executorId: string) {
    this.#wish = wish;
    this.#executorId = executorId;
    this.tasks = wish.taskIds.map(newTask);
    this.#byId = new Map(this.tasks.map((task) => [task.id, task]));
  }

  apply(event: Event): RunStep[] {
    switch (event.type) {
      case "SUBSCRIBED":
        this.#frameworkId = event.subscribed!.framework_id.value;
        return [];
      case "OFFERS":
        return this.#use(event.offers?.offers ?? []);
      case "UPDATE":
        return this.#update(event.update!.status);
      default:
        return [];
    }
  }

  /** Ends all: tasks that run are killed, others are never launched. */
  cancel(): RunStep[] {
    this.#isCancelled = true;
    for (const task of this.#unplaced()) Object.assign(task, { state: "TASK_KILLED", exit: CLUSTER_FAILED });
    const live = this.tasks.filter(({ state }) => !ended(state));
    return [...live.map((task): RunStep => ({ type: "kill", task })), ...this.#end()];
  }

  /** How many tasks have found no place yet. */
  waiting(): number {
    return this.#unplaced().length;
  }

  /** What is missing: nothing was offered, no offer was large enough in something, or only in everything at once. */
  shortage(): Shortage {
    return this.#offered.shortageFor(totalOf(this.#wish), this.#wish.each.namedPorts ?? []);
  }

  #unplaced(): RunTask[] {
    return this.tasks.filter(({ state }) => state === "WAITING");
  }

  #end(): RunStep[] {
    if (this.tasks.some(({ state }) => !ended(state))) return [];
    return [{ type: "end", exit: this.#isCancelled ? 130 : (this.#firstFailure ?? 0) }];
  }

  #use(offers: readonly Offer[]): RunStep[] {
    const hadWaiting = this.waiting() > 0;
    const steps: RunStep[] = [];
    const refused: Offer[] = [];
    for (const offer of offers) {
      this.#offered.see(offer);
      const operations = this.#launch(offer);
      if (operations.length > 0) steps.push({ type: "accept", offer, operations });
      else refused.push(offer);
    }
    const isPlaced = this.waiting() === 0;
    const refuseSeconds = isPlaced ? REFUSE_FOR_GOOD_SECONDS : REFUSE_SECONDS;
    if (refused.length > 0) steps.push({ type: "decline", offers: refused, refuseSeconds });
    if (hadWaiting && isPlaced) steps.push({ type: "suppress" });
    return steps;
  }

  #launch(offer: Offer): OfferOperation[] {
    if (this.#isCancelled) return [];
    return this.#wish.group ? this.#launchGroup(offer) : this.#launchTasks(offer);
  }

  #launchTasks(offer: Offer): OfferOperation[] {
    let rest: readonly Resource[] = offer.resources ?? [];
    const task_infos = [];
    for (const task of this.#unplaced()) {
      const taken = take(rest, this.#wish.each);
      if (!taken) break;
      rest = taken.rest;
      task_infos.push(taskOf(this.#wish, this.tasks.indexOf(task), offer.agent_id.value, taken));
      settle(task, offer, this.#sandboxOf(task.id));
    }
    return task_infos.length > 0 ? [{ type: "LAUNCH", launch: { task_infos } }] : [];
  }

  #launchGroup(offer: Offer): OfferOperation[] {
    if (this.waiting() === 0) return [];
    const taken: Taken[] = [];
    for (const wanted of groupWants(this.#wish)) {
      const part = take(taken.at(-1)?.rest ?? offer.resources ?? [], wanted);
      if (!part) return [];
      taken.push(part);
    }
    for (const task of this.tasks) settle(task, offer, this.#sandboxOf(this.#executorId));
    const launch_group = groupOf(this.#wish, offer.agent_id.value, this.#executorId, taken);
    return [{ type: "LAUNCH_GROUP", launch_group }];
  }

  #sandboxOf(executor: string): string {
    return `/frameworks/${this.#frameworkId}/executors/${executor}/runs/latest`;
  }

  #update(status: TaskStatus): RunStep[] {
    const task = this.#byId.get(status.task_id.value);
    if (!task || task.state === "WAITING" || ended(task.state)) return [];
    if (task.state === status.state && task.healthy === status.healthy) return [];
    const hadSandbox = task.state === "TASK_RUNNING" || task.state === "TASK_STARTING";
    this.#note(task, status);
    const steps: RunStep[] = [{ type: "tell", task, status }];
    // What it writes can be read before it runs; joined it can be only then.
    if (status.state === "TASK_RUNNING" && (!hadSandbox || this.#wish.interactive))
      steps.push({ type: "follow", task });
    if (status.state === "TASK_STARTING") steps.push({ type: "follow", task });
    return [...steps, ...this.#end()];
  }

  #note(task: RunTask, status: TaskStatus): void {
    const container = status.container_status?.container_id;
    task.state = status.state;
    task.healthy = status.healthy;
    task.container = container ?? task.container;
    if (this.#wish.group && container?.parent)
      task.sandbox = `${this.#sandboxOf(this.#executorId)}/containers/${container.value}`;
    if (!ended(status.state)) return;
    task.exit = exitCodeOf(status);
    this.#firstFailure ??= task.exit === 0 ? undefined : task.exit;
  }
}

/** What all offers that were seen had. */
class Offered {
  #offers = 0;
  readonly #largest = new Map<string, number>();
  readonly #ports = new Map<string, ValueRange>();

  see({ resources = [] }: Offer): void {
    this.#offers++;
    for (const [name, milli] of quantities(resources))
      this.#largest.set(name, Math.max(this.#most(name), milli / 1000));
    for (const { name, ranges } of resources)
      if (name === "ports")
        for (const range of ranges?.range ?? []) this.#ports.set(`${range.begin}-${range.end}`, range);
  }

  shortageFor(wanted: Readonly<Record<string, number>>, ports: readonly number[]): Shortage {
    return {
      offers: this.#offers,
      missing: Object.entries(wanted)
        .filter(([name, amount]) => amount > this.#most(name))
        .map(([name, amount]) => ({ name, wanted: amount, largest: this.#most(name) })),
      ports: ports.filter((port) => !this.#hadPort(port)),
      offeredPorts: [...this.#ports.keys()].slice(0, 4),
    };
  }

  #most(name: string): number {
    return this.#largest.get(name) ?? 0;
  }

  #hadPort(port: number): boolean {
    return [...this.#ports.values()].some(({ begin, end }) => begin <= port && port <= end);
  }
}

/** What one instance wants, or the whole group, which must fit into one offer. */
function totalOf(wish: Wish): Record<string, number> {
  const total: Record<string, number> = {};
  for (const { scalars, ports } of wish.group ? groupWants(wish) : [wish.each])
    for (const [name, amount] of Object.entries({ ...scalars, ports: ports ?? 0 }))
      total[name] = (total[name] ?? 0) + amount;
  return total;
}

/** For `run`, a task that the cluster does not know is over as well. */
function ended(state: TaskState | "WAITING"): boolean {
  return state === "TASK_UNKNOWN" || (state !== "WAITING" && isOver(state));
}

function newTask(id: string): RunTask {
  const nowhere = { agentId: "", host: "", agentUrl: "", sandbox: "" };
  return { id, state: "WAITING", ...nowhere, container: undefined, healthy: undefined, exit: undefined };
}

function settle(task: RunTask, offer: Offer, sandbox: string): void {
  const address = offer.url?.address;
  task.state = "TASK_STAGING";
  task.agentId = offer.agent_id.value;
  task.host = offer.hostname;
  task.agentUrl = `http://${hostAndPort(address?.ip ?? address?.hostname ?? offer.hostname, address?.port ?? 5051)}`;
  task.sandbox = sandbox;
}
