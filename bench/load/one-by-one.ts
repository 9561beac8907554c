import type { FrameworkInfo, Offer } from "@meseta/api/mesos/generated/mesos.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import type { SchedulerClient, SchedulerHandler } from "@meseta/sdk/scheduler/client.ts";
import { cpuMs } from "../measure/numbers.ts";
import { bag } from "./agents.ts";

export const framework: FrameworkInfo = {
  user: "root",
  name: "one-by-one",
  roles: ["bench"],
  checkpoint: true,
  failover_timeout: 3_600,
  capabilities: [{ type: "MULTI_ROLE" }, { type: "RESERVATION_REFINEMENT" }],
};

export interface Load {
  tasks: number;
  /** The first ACCEPT waits until so many offers are there. */
  offers: number;
  /** The most tasks between their ACCEPT and the answer to their acknowledgement. */
  inFlight: number;
}

/** From the first ACCEPT to the last acknowledgement; CPU time of this process, all threads. */
export interface Spent {
  ms: number;
  cpuMs: number;
}

/**
 * Launches tasks one by one: each offer is accepted with a single task of 0.1 cpus and 500 MB, what is left of it comes back in another offer.
 * Resolves when the scheduler has seen all tasks running and the master has taken the acknowledgements.
 */
export function launchOneByOne(client: SchedulerClient, load: Load): Promise<Spent> {
  return new Promise((resolve, reject) => client.start(new OneByOne(client, load, resolve, reject)));
}

class OneByOne implements SchedulerHandler {
  readonly #client: SchedulerClient;
  readonly #load: Load;
  readonly #resolve: (spent: Spent) => void;
  readonly #reject: (error: Error) => void;
  /** In the order in which they came, so that the tasks go round the agents. */
  #offers: Offer[] = [];
  #next = 0;
  #launched = 0;
  #running = 0;
  #started: { ms: number; usage: NodeJS.CpuUsage } | undefined;

  constructor(client: SchedulerClient, load: Load, resolve: (spent: Spent) => void, reject: (error: Error) => void) {
    this.#client = client;
    this.#load = load;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  event(event: Event): void {
    this.#offers.push(...(event.offers?.offers ?? []));
    if (event.update !== undefined) this.#heard(event.update.status);
    else if (event.offers !== undefined) this.#go();
  }

  ended(why: string): void {
    this.#reject(new Error(why));
  }

  #heard(status: NonNullable<Event["update"]>["status"]): void {
    if (status.state !== "TASK_RUNNING") return this.#reject(new Error(`${status.state}: ${status.message}`));
    this.#client.acknowledge(status).then(() => this.#acknowledged(), this.#reject);
  }

  #acknowledged(): void {
    if (++this.#running < this.#load.tasks) return this.#go();
    const { ms, usage } = this.#started!;
    this.#resolve({ ms: performance.now() - ms, cpuMs: cpuMs(usage) });
  }

  #go(): void {
    if (this.#offers.length < this.#load.offers && this.#started === undefined) return;
    this.#started ??= { ms: performance.now(), usage: process.cpuUsage() };
    const { tasks, inFlight } = this.#load;
    const most = Math.min(tasks, this.#running + inFlight);
    while (this.#launched < most && this.#next < this.#offers.length) this.#accept(this.#offers[this.#next++]!);
    if (this.#next < this.#offers.length / 2) return;
    this.#offers = this.#offers.slice(this.#next);
    this.#next = 0;
  }

  #accept({ id, agent_id }: Offer): void {
    const value = `task-${this.#launched++}`;
    const task = { name: value, task_id: { value }, agent_id, command: { value: "sleep 1000" }, resources };
    const launch = { type: "LAUNCH" as const, launch: { task_infos: [task] } };
    this.#client.accept([id], [launch], { refuse_seconds: 0 }).catch(this.#reject);
  }
}

const resources = bag({ cpus: 0.1, mem: 500 });
