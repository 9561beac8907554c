import type { Resource, TaskState, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { Agent, MasterState } from "@meseta/kernel/core/master/state.ts";

/** A promise of the kernel that was broken; the message names the invariant, what broke it, and where. */
export class Violation extends Error {
  override name = "Violation";
}

/**
 * I1 and I2, by arithmetic of its own and not the kernel's: on each agent, what is offered and what tasks and executors
 * use fits into what there is, by resource name; a port is in at most one place.
 */
export function checkResources(state: MasterState): void {
  for (const agent of state.agents.values()) {
    if (agent.connection === "recovered") continue;
    const free = new Sums(agent);
    for (const offerId of agent.offers) free.take(`offer ${offerId}`, state.offers.get(offerId)?.offer.resources);
    for (const { task } of agent.tasks)
      if (holdsResources(task.state)) free.take(`task ${task.task_id.value}`, task.resources);
    for (const executors of agent.executors.values())
      for (const executor of executors.values())
        free.take(`executor ${executor.executor_id.value}`, executor.resources);
  }
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
const holdsResources = (state: TaskState): boolean => !FREED.has(state);

class Sums {
  readonly #agent: string;
  readonly #milli = new Map<string, number>();
  readonly #ports = new Map<number, string>();

  constructor({ id, total }: Agent) {
    this.#agent = id;
    for (const { name, scalar } of total)
      if (scalar !== undefined) this.#milli.set(name, (this.#milli.get(name) ?? 0) + Math.round(scalar.value * 1000));
  }

  take(who: string, resources: readonly Resource[] = []): void {
    for (const { name, scalar, ranges } of resources) {
      if (scalar !== undefined) this.#takeScalar(who, name, Math.round(scalar.value * 1000));
      for (const range of ranges?.range ?? [])
        for (let port = range.begin; port <= range.end; port++) this.#takePort(who, port);
    }
  }

  #takeScalar(who: string, name: string, milli: number): void {
    const left = (this.#milli.get(name) ?? 0) - milli;
    if (left < 0)
      throw new Violation(
        `I1: ${who} takes ${milli / 1000} ${name} of agent ${this.#agent}, of which ${(left + milli) / 1000} are left`,
      );
    this.#milli.set(name, left);
  }

  #takePort(who: string, port: number): void {
    const holder = this.#ports.get(port);
    if (holder !== undefined)
      throw new Violation(`I2: port ${port} of agent ${this.#agent} is in ${holder} and in ${who}`);
    this.#ports.set(port, who);
  }
}

const FINAL: ReadonlySet<TaskState> = new Set<TaskState>(["TASK_FINISHED", "TASK_FAILED", "TASK_KILLED", "TASK_ERROR"]);
const ORDER: Partial<Record<TaskState, number>> = {
  TASK_STAGING: 0,
  TASK_STARTING: 1,
  TASK_RUNNING: 2,
  TASK_KILLING: 3,
};

interface Story {
  final: TaskState | undefined;
  /** The highest state of the life cycle that an agent's own update told. */
  progress: number;
}

/**
 * I3 and I4, from what one framework hears: a task's states go forward, and a final state is final.
 */
export class UpdateChecker {
  readonly #stories = new Map<string, Story>();

  heard(status: TaskStatus): void {
    const story = this.#story(status.task_id.value);
    const { state, uuid } = status;
    if (story.final !== undefined && FINAL.has(state) && state !== story.final)
      throw new Violation(`I3: task ${status.task_id.value} was ${story.final} and is now ${state}`);
    if (story.final !== undefined && ORDER[state] !== undefined && uuid !== undefined)
      throw new Violation(`I3: task ${status.task_id.value} was ${story.final} and is now ${state}`);
    // A resent update is the same one again; only an earlier state after a later one is out of order.
    const step = ORDER[state];
    if (uuid !== undefined && step !== undefined) {
      if (step < story.progress) throw new Violation(`I4: task ${status.task_id.value} went back to ${state}`);
      story.progress = step;
    }
    if (FINAL.has(state)) story.final = state;
  }

  #story(id: string): Story {
    let story = this.#stories.get(id);
    if (story === undefined) {
      story = { final: undefined, progress: 0 };
      this.#stories.set(id, story);
    }
    return story;
  }
}
