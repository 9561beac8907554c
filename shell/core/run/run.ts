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

export interface Run {
  readonly tasks: readonly RunTask[];
  apply(event: Event): RunStep[];
  /** Ends all: tasks that run are killed, others are never launched. */
  cancel(): RunStep[];
  /** How many tasks have found no place yet. */
  waiting(): number;
  /** What is missing: nothing was offered, no offer was large enough in something, or only in everything at once. */
  shortage(): Shortage;
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

export function createRun(wish: Wish, executorId: string): Run {
  const tasks = wish.taskIds.map(newTask);
  const byId = new Map(tasks.map((task) => [task.id, task]));
  let frameworkId = "";
  let cancelled = false;
  let firstFailure: number | undefined;
  let seen = 0;
  const largest = new Map<string, number>();
  const ports = new OfferedPorts();

  const waiting = (): RunTask[] => tasks.filter(({ state }) => state === "WAITING");
  const end = (): RunStep[] => {
    if (tasks.some(({ state }) => !ended(state))) return [];
    return [{ type: "end", exit: cancelled ? 130 : (firstFailure ?? 0) }];
  };

  const offers = (offered: readonly Offer[]): RunStep[] => {
    const steps: RunStep[] = [];
    const refused: Offer[] = [];
    const hadWaiting = waiting().length > 0;
    for (const offer of offered) {
      seen++;
      for (const [name, milli] of quantities(offer.resources ?? []))
        largest.set(name, Math.max(largest.get(name) ?? 0, milli / 1000));
      ports.see(offer);
      const operations = cancelled ? [] : wish.group ? launchGroup(offer) : launch(offer);
      if (operations.length > 0) steps.push({ type: "accept", offer, operations });
      else refused.push(offer);
    }
    const placed = waiting().length === 0;
    if (refused.length > 0) {
      steps.push({
        type: "decline",
        offers: refused,
        refuseSeconds: placed ? REFUSE_FOR_GOOD_SECONDS : REFUSE_SECONDS,
      });
    }
    if (hadWaiting && placed) steps.push({ type: "suppress" });
    return steps;
  };

  const launch = (offer: Offer): OfferOperation[] => {
    let rest: readonly Resource[] = offer.resources ?? [];
    const task_infos = [];
    for (const task of waiting()) {
      const taken = take(rest, wish.each);
      if (!taken) break;
      rest = taken.rest;
      task_infos.push(taskOf(wish, tasks.indexOf(task), offer.agent_id.value, taken));
      settle(task, offer, `${sandboxes(task.id)}`);
    }
    return task_infos.length > 0 ? [{ type: "LAUNCH", launch: { task_infos } }] : [];
  };

  const launchGroup = (offer: Offer): OfferOperation[] => {
    if (waiting().length === 0) return [];
    const taken: Taken[] = [];
    for (const wanted of groupWants(wish)) {
      const part = take(taken.at(-1)?.rest ?? offer.resources ?? [], wanted);
      if (!part) return [];
      taken.push(part);
    }
    for (const task of tasks) settle(task, offer, sandboxes(executorId));
    return [{ type: "LAUNCH_GROUP", launch_group: groupOf(wish, offer.agent_id.value, executorId, taken) }];
  };

  const sandboxes = (executor: string): string => `/frameworks/${frameworkId}/executors/${executor}/runs/latest`;

  const update = (status: TaskStatus): RunStep[] => {
    const task = byId.get(status.task_id.value);
    if (!task || task.state === "WAITING" || ended(task.state)) return [];
    if (task.state === status.state && task.healthy === status.healthy) return [];
    const hadSandbox = task.state === "TASK_RUNNING" || task.state === "TASK_STARTING";
    task.state = status.state;
    task.healthy = status.healthy;
    task.container = status.container_status?.container_id ?? task.container;
    if (wish.group && status.container_status?.container_id?.parent) {
      task.sandbox = `${sandboxes(executorId)}/containers/${status.container_status.container_id.value}`;
    }
    const steps: RunStep[] = [{ type: "tell", task, status }];
    // What it writes can be read before it runs; joined it can be only then.
    if (status.state === "TASK_RUNNING" && (!hadSandbox || wish.interactive)) steps.push({ type: "follow", task });
    if (status.state === "TASK_STARTING") steps.push({ type: "follow", task });
    if (ended(status.state)) {
      task.exit = exitCodeOf(status);
      firstFailure ??= task.exit === 0 ? undefined : task.exit;
    }
    return [...steps, ...end()];
  };

  return {
    tasks,
    waiting: () => waiting().length,
    shortage() {
      const most = (name: string): number => largest.get(name) ?? 0;
      const wanted = Object.entries(totalOf(wish)).filter(([name, amount]) => amount > most(name));
      return {
        offers: seen,
        missing: wanted.map(([name, amount]) => ({ name, wanted: amount, largest: most(name) })),
        ports: (wish.each.namedPorts ?? []).filter((port) => !ports.have(port)),
        offeredPorts: ports.texts(),
      };
    },
    apply(event) {
      switch (event.type) {
        case "SUBSCRIBED":
          frameworkId = event.subscribed!.framework_id.value;
          return [];
        case "OFFERS":
          return offers(event.offers?.offers ?? []);
        case "UPDATE":
          return update(event.update!.status);
        default:
          return [];
      }
    },
    cancel() {
      cancelled = true;
      for (const task of waiting()) Object.assign(task, { state: "TASK_KILLED", exit: CLUSTER_FAILED });
      const live = tasks.filter(({ state }) => !ended(state));
      return [...live.map((task): RunStep => ({ type: "kill", task })), ...end()];
    },
  };
}

/** The ports of all offers that were seen. */
class OfferedPorts {
  readonly #ranges = new Map<string, ValueRange>();

  see({ resources = [] }: Offer): void {
    for (const { name, ranges } of resources)
      if (name === "ports")
        for (const range of ranges?.range ?? []) this.#ranges.set(`${range.begin}-${range.end}`, range);
  }

  have(port: number): boolean {
    return [...this.#ranges.values()].some(({ begin, end }) => begin <= port && port <= end);
  }

  texts(): string[] {
    return [...this.#ranges.keys()].slice(0, 4);
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
