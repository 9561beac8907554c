import type { Offer, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import type { Book } from "./book.ts";

/** A framework that launches what it is told to, on one agent, and writes down what it hears. */
export class Framework {
  readonly #client: SchedulerClient;
  readonly #book: Book;
  #waiting: TaskInfo[] = [];

  constructor(master: string, book: Book) {
    this.#book = book;
    this.#client = connectScheduler(
      { masters: [master] },
      {
        framework: {
          user: "root",
          name: "kills",
          roles: ["kills"],
          checkpoint: true,
          failover_timeout: 3_600,
          capabilities: [{ type: "MULTI_ROLE" }, { type: "PARTITION_AWARE" }],
        },
      },
    );
    this.#client.start({
      event: ({ offers, update }) => {
        if (update !== undefined) book.hear(update.status);
        for (const offer of offers?.offers ?? []) this.#use(offer);
      },
    });
  }

  /** Of tasks that wait for an offer. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** With the next offer. `image`: in a container of that image. */
  launch(id: string, command: string, exitCode: number | undefined, image: string | undefined): void {
    this.#book.add(id, exitCode);
    this.#waiting.push({
      name: id,
      task_id: { value: id },
      agent_id: { value: "" },
      command: { value: command },
      resources: [
        { name: "cpus", type: "SCALAR", scalar: { value: 0.01 } },
        { name: "mem", type: "SCALAR", scalar: { value: 32 } },
      ],
      ...(image !== undefined && { container: containerOf(image) }),
    });
    void this.#client.revive().catch(ignored);
  }

  kill(id: string): void {
    this.#book.entries.get(id)!.isKilled = true;
    void this.#client.kill({ value: id }).catch(ignored);
  }

  /** Asks for what may have been missed: a call is lost when the master's stream breaks. */
  reconcile(): void {
    void this.#client.reconcile([]).catch(ignored);
    for (const { id, isKilled } of this.#book.open()) if (isKilled) this.kill(id);
  }

  close(): void {
    this.#client.close();
  }

  #use(offer: Offer): void {
    const tasks = this.#waiting.splice(0).map((task) => ({ ...task, agent_id: offer.agent_id }));
    if (tasks.length === 0) return void this.#client.decline([offer.id], { refuse_seconds: 3_600 }).catch(ignored);
    void this.#client
      .accept([offer.id], [{ type: "LAUNCH", launch: { task_infos: tasks } }], { refuse_seconds: 0 })
      .catch(() => this.#waiting.push(...tasks));
  }
}

function containerOf(image: string): TaskInfo["container"] {
  return { type: "MESOS", mesos: { image: { type: "DOCKER", docker: { name: image } } } };
}

function ignored(): void {}
