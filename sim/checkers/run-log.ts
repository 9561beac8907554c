import type { JobRun, PastRun, RunTask } from "@meseta/cron/core/run.ts";
import type { Change } from "@meseta/lib/core/ports/store.ts";
import type { SimAgent } from "../world/agent.ts";
import type { SimMaster } from "../world/master.ts";
import type { World } from "../world/world.ts";
import type { Attempt } from "./instants.ts";
import { Losses } from "./losses.ts";
import { FOREVER, type Outages, type Span } from "./outages.ts";

/** An attempt, by the name that its task has. */
export interface NamedAttempt extends Attempt {
  readonly taskId: string;
}

/** What cron's disk told of one run, at the world's time in ms. */
export interface LoggedRun {
  readonly job: string;
  readonly dueMs: number;
  readonly madeMs: number;
  endedMs: number;
  /** Where its tasks were launched, and since when. */
  readonly places: { readonly taskId: string; readonly place: string; readonly atMs: number }[];
  past?: PastRun;
}

/** Writes down what is committed to a cron's disk, and then what the machines know of it. */
export class RunLog {
  readonly runs = new Map<string, LoggedRun>();
  readonly #world: World;
  readonly #agents: readonly SimAgent[];
  readonly #losses: Losses;

  constructor(world: World, master: SimMaster, agents: readonly SimAgent[]) {
    this.#world = world;
    this.#agents = agents;
    this.#losses = new Losses(master);
  }

  /** The master's state has changed. */
  looked(): void {
    this.#losses.look();
  }

  committed({ puts, deletes }: Change): void {
    for (const [key, text] of puts) {
      if (key.startsWith("run/")) this.#run(JSON.parse(text));
      if (key.startsWith("past/")) this.#past(JSON.parse(text));
    }
    for (const key of deletes) {
      const run = this.runs.get(key.slice("run/".length));
      if (key.startsWith("run/") && run !== undefined) run.endedMs = this.#world.nowMs;
    }
  }

  /** The job's runs while each was under way. */
  busy(job: string, exceptDueMs: number): Span[] {
    return [...this.runs.values()]
      .filter((run) => run.job === job && run.dueMs < exceptDueMs)
      .map(({ madeMs, endedMs }) => ({ fromMs: madeMs, toMs: endedMs }));
  }

  /** All attempts that really began. Seconds since `zeroMs`. */
  attempts(frameworkId: string, zeroMs: number, outages: Outages): NamedAttempt[] {
    const endedMs = new Map(this.runs.values().flatMap((run) => run.places.map(({ taskId }) => [taskId, run.endedMs])));
    return this.#agents.flatMap(({ machine, place }) =>
      [...machine.truths].flatMap(([task, { process, ended }]) => {
        const taskId = task.slice(frameworkId.length + 1);
        if (!task.startsWith(`${frameworkId}/`)) return [];
        const [, dueMs, , name] = taskId.split(":");
        // Also when the machine dies after it, and before cron knows.
        const isBroken =
          (ended !== undefined && ended.waitStatus !== 0) ||
          outages.hasLostPower(place, process.startTimeTicks, endedMs.get(taskId) ?? FOREVER);
        return {
          taskId,
          name: name!,
          instant: (Number(dueMs) - zeroMs) / 1000,
          start: (process.startTimeTicks - zeroMs) / 1000,
          isComplete: ended?.waitStatus === 0,
          isLost: isBroken || this.#losses.isLost(taskId),
        };
      }),
    );
  }

  /** The run that stands for the job's instant: its own, or the one before it that was for all that was due. */
  standsFor(job: string, dueMs: number): LoggedRun | undefined {
    const earlier = [...this.runs.values()].filter((run) => run.job === job && run.dueMs <= dueMs);
    return earlier.toSorted((one, other) => one.dueMs - other.dueMs).at(-1);
  }

  /** Whether the master has given up an agent since the task was launched there. */
  isGivenUp(taskId: string): boolean {
    return this.#losses.isLost(taskId);
  }

  #run({ id, job, dueMs, tasks }: JobRun): void {
    const run = this.#of(job, id, dueMs);
    for (const task of tasks) this.#task(run, task);
  }

  #past(past: PastRun): void {
    const run = this.#of(past.job, past.id, past.dueMs);
    run.past = past;
    for (const task of past.tasks) this.#task(run, task);
  }

  #of(job: string, id: string, dueMs: number): LoggedRun {
    const { nowMs } = this.#world;
    const run = this.runs.get(`${job}/${id}`) ?? { job, dueMs, madeMs: nowMs, endedMs: FOREVER, places: [] };
    this.runs.set(`${job}/${id}`, run);
    return run;
  }

  #task(run: LoggedRun, { id, agentId, hostname }: RunTask): void {
    this.#losses.note(id, agentId);
    if (!run.places.some(({ taskId }) => taskId === id))
      run.places.push({ taskId: id, place: hostname, atMs: this.#world.nowMs });
  }
}
