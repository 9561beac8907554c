import type { FrameworkInfo, Offer, TaskID, TaskInfo, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { CallStream } from "@meseta/lib/io/call-stream.ts";
import { protobuf } from "@meseta/sdk/core/protobuf.ts";
import { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { bag } from "./agents.ts";

const framework: FrameworkInfo = {
  user: "root",
  name: "commands",
  roles: ["bench"],
  checkpoint: true,
  capabilities: [{ type: "MULTI_ROLE" }, { type: "RESERVATION_REFINEMENT" }],
};

/** A framework that runs commands on one agent of a real cluster. */
export class Commands {
  readonly #client: SchedulerClient;
  readonly #hostname: string;
  readonly #heard = new Map<string, (status: TaskStatus) => void>();
  #waiting: ((offer: Offer) => void)[] = [];
  #offers: Offer[] = [];
  #next = 0;

  constructor(master: string, hostname: string) {
    const transport = new CallStream({
      urls: [master],
      path: "/api/v1/scheduler",
      mediaType: "application/x-protobuf",
      connections: 8,
    });
    this.#client = new SchedulerClient(transport, { framework, format: protobuf });
    this.#hostname = hostname;
    this.#client.start({ event: (event) => this.#event(event) });
  }

  /** The next offer of the agent, or the one that is there. */
  offer(): Promise<Offer> {
    const offer = this.#offers.shift();
    return offer === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(offer);
  }

  /** A task of 0.01 cpus and 1 MB; `on` hears its statuses. */
  task({ agent_id }: Offer, command: string, on: (status: TaskStatus) => void): TaskInfo {
    const value = `task-${this.#next++}`;
    this.#heard.set(value, on);
    return { name: value, task_id: { value }, agent_id, command: { value: command }, resources };
  }

  /** What is left of the offer comes back at once. */
  async launch({ id }: Offer, task_infos: TaskInfo[]): Promise<void> {
    await this.#client.accept([id], [{ type: "LAUNCH", launch: { task_infos } }], { refuse_seconds: 0 });
  }

  async kill(id: TaskID): Promise<void> {
    await this.#client.kill(id);
  }

  async end(): Promise<void> {
    await this.#client.teardown();
    this.#client.close();
  }

  #event({ offers, rescind, update }: Event): void {
    if (rescind !== undefined) this.#offers = this.#offers.filter(({ id }) => id.value !== rescind.offer_id.value);
    for (const offer of offers?.offers ?? []) this.#offered(offer);
    if (update !== undefined) this.#heard.get(update.status.task_id.value)?.(update.status);
  }

  #offered(offer: Offer): void {
    if (offer.hostname !== this.#hostname) return void this.#client.decline([offer.id], { refuse_seconds: 3_600 });
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#offers.push(offer);
    else waiting(offer);
  }
}

const resources = bag({ cpus: 0.01, mem: 1 });
