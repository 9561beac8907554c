// A framework of our own: launches tasks, each once, and writes down all that it is told.

import type { Offer, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { take } from "@meseta/sdk/core/take.ts";
import type { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { type History, noteInTask } from "../history.ts";
import { urlsOf } from "../parts.ts";

const MOST_TASKS = 10;
const FILTERS = { refuse_seconds: 2 };
/** How often what is not over is asked for: updates come again by themselves, launches that were lost do not. */
const RECONCILE_MS = 15_000;

export class Framework {
  readonly #history: History;
  readonly #random: Random;
  readonly #client: SchedulerClient;
  /** Tasks that are not over, and where. */
  readonly #open = new Map<string, string>();
  /** Those of them that are to be killed: nobody promises that a kill arrives. */
  readonly #doomed = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #launched = 0;
  #isResting = false;

  constructor(history: History, random: Random) {
    this.#history = history;
    this.#random = random;
    const framework = {
      user: "root",
      name: "chaos",
      roles: ["chaos"],
      failover_timeout: 3_600,
      checkpoint: true,
      capabilities: [{ type: "MULTI_ROLE" as const }, { type: "PARTITION_AWARE" as const }],
    };
    this.#client = connectScheduler({ masters: urlsOf("master") }, { framework, acknowledge: "manual" });
    this.#client.start({ event: (event) => this.#hear(event) });
    this.#timer = setInterval(() => this.#reconcile(), RECONCILE_MS);
  }

  /** Launches nothing more, and kills what would not end by itself. */
  rest(): void {
    this.#isResting = true;
    for (const [taskId, agentId] of this.#open) this.#kill(taskId, agentId);
  }

  /** Tasks of which no end was heard. */
  get open(): readonly string[] {
    return [...this.#open.keys()];
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#client.teardown().catch(() => this.#client.close());
  }

  #hear(event: Event): void {
    if (event.type === "SUBSCRIBED") {
      this.#history.note({ type: "subscribed", frameworkId: event.subscribed!.framework_id.value });
      this.#reconcile();
    }
    if (event.type === "UPDATE") this.#update(event);
    for (const offer of event.offers?.offers ?? []) this.#use(offer);
  }

  #update({ update }: Event): void {
    const { status } = update!;
    this.#history.note({ type: "update", status });
    const taskId = status.task_id.value;
    if (isTerminal(status.state)) this.#open.delete(taskId);
    // What an agent does not know of it never got, or had lost with its disk; nobody will ever say more.
    else if (this.#isResting) this.#kill(taskId, this.#open.get(taskId) ?? "");
    if (status.uuid === undefined) return;
    this.#history.note({ type: "acknowledge", status });
    this.#client.acknowledge(status).catch(() => {});
  }

  #use({ id, agent_id, resources = [] }: Offer): void {
    const taken = take(resources, { scalars: { cpus: 0.05, mem: 8 } });
    if (this.#isResting || this.#open.size >= MOST_TASKS || taken === undefined) {
      this.#client.decline([id], FILTERS).catch(() => {});
      return;
    }
    const task = this.#draw();
    const info: TaskInfo = { ...task, agent_id, resources: taken.resources };
    this.#open.set(task.task_id.value, agent_id.value);
    this.#history.note({ type: "launch", taskId: task.task_id.value, agentId: agent_id.value });
    // Whether it came there or not, the master is asked later what it knows of the task.
    this.#client.accept([id], [{ type: "LAUNCH", launch: { task_infos: [info] } }], FILTERS).catch(() => {});
  }

  #draw(): Pick<TaskInfo, "name" | "task_id" | "command"> {
    const [number, kind] = [++this.#launched, this.#random.below(4)];
    const seconds = 1 + this.#random.below(20);
    const { dir } = this.#history;
    const [begin, end] = [noteInTask("start", dir), noteInTask("end", dir)];
    const what = [
      { name: "done", value: `${begin}; sleep ${seconds}; ${end}` },
      { name: "exit-3", value: `${begin}; sleep ${seconds}; ${end}; exit 3` },
      { name: "long", value: `${begin}; exec sleep 1000000` },
      { name: "done", value: `${begin}; ${end}` },
    ][kind]!;
    const id = `t-${number}-${what.name}`;
    if (what.name === "long") setTimeout(() => this.#kill(id, this.#open.get(id) ?? ""), 3_000 * seconds).unref();
    const variables = [{ name: "MESOS_TASK_ID", type: "VALUE" as const, value: id }];
    return { name: id, task_id: { value: id }, command: { value: what.value, environment: { variables } } };
  }

  #kill(taskId: string, agentId: string): void {
    if (!this.#open.has(taskId)) return;
    this.#doomed.add(taskId);
    this.#history.note({ type: "kill", taskId });
    this.#client.kill({ value: taskId }, { value: agentId }).catch(() => {});
  }

  #reconcile(): void {
    const tasks = [...this.#open].map(([taskId, agentId]) => ({
      task_id: { value: taskId },
      agent_id: { value: agentId },
    }));
    if (tasks.length > 0) this.#client.reconcile(tasks).catch(() => {});
    for (const [taskId, agentId] of this.#open) if (this.#doomed.has(taskId)) this.#kill(taskId, agentId);
  }
}
