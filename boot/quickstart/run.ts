import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import type { FrameworkInfo, Offer, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { writeFileDurably } from "@meseta/lib/io/files.ts";
import type { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { choose, isAlive, isDue, type Running, taskInfo, wantedTasks } from "./plan.ts";

const folder = fileURLToPath(new URL("../../examples/quickstart", import.meta.url));

/** What is written before a launch is asked for, so that no task is ever launched twice or forgotten. */
interface Kept {
  frameworkId?: string;
  /** How often the quickstart was started: makes its task ids unique. */
  starts: number;
  tasks: Running[];
}

/** Reconciliation stays unanswered while agents are on their way back to a master that was restarted. */
const RECONCILE_AGAIN_MS = 2_000;

/**
 * The example workload: a framework like any other. Its id and tasks are kept in `file`: the next start goes on as the
 * same framework, finds the tasks that still run, and launches the others anew.
 */
export class Quickstart {
  readonly tasks: Running[];
  readonly #client: SchedulerClient;
  readonly #file: string;
  readonly #kept: Kept;
  #launches = 0;
  #resting = false;

  constructor(masters: readonly string[], file: string) {
    this.#file = file;
    this.#kept = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { starts: 0, tasks: [] };
    this.#kept.starts++;
    this.tasks = this.#kept.tasks = wantedTasks().map(
      (wanted) => this.#kept.tasks.find((task) => isAlive(task, wanted)) ?? wanted,
    );
    for (const task of this.tasks) task.confirmed = false;
    this.#client = connectScheduler({ masters }, { framework: this.#info() });
  }

  start(): void {
    this.#keep();
    this.#client.start({ event: (event) => this.#handle(event), ended: (why) => this.#ended(why) });
  }

  /** Launches nothing more; what still runs is ended by whoever stops the cluster, and heard here. */
  rest(): void {
    this.#resting = true;
  }

  close(): void {
    this.#client.close();
  }

  #info(): FrameworkInfo {
    const { frameworkId } = this.#kept;
    return {
      user: userInfo().username,
      name: "quickstart",
      roles: ["quickstart"],
      checkpoint: true,
      failover_timeout: 7 * 24 * 3600,
      capabilities: [{ type: "MULTI_ROLE" }, { type: "PARTITION_AWARE" }, { type: "RESERVATION_REFINEMENT" }],
      ...(frameworkId !== undefined && { id: { value: frameworkId } }),
    };
  }

  #handle(event: Event): void {
    switch (event.type) {
      case "SUBSCRIBED":
        this.#kept.frameworkId = event.subscribed!.framework_id.value;
        this.#keep();
        return this.#reconcile();
      case "OFFERS":
        for (const offer of event.offers!.offers ?? []) this.#use(offer);
        return;
      case "UPDATE":
        return this.#update(event.update!.status);
      default:
        return;
    }
  }

  #use(offer: Offer): void {
    const chosen = this.#resting ? [] : choose(this.tasks, offer);
    if (chosen.length === 0)
      return void this.#client.decline([offer.id], { refuse_seconds: this.#allDone() ? 60 : 1 }).catch(() => {});
    const task_infos = chosen.map(({ task, port }) => {
      const taskId = `${task.name}.${this.#kept.starts}-${++this.#launches}`;
      Object.assign(task, {
        taskId,
        port,
        agentId: offer.agent_id.value,
        state: "TASK_STAGING",
        message: undefined,
        confirmed: true,
      });
      this.#keep();
      return taskInfo(task, taskId, port, offer, folder);
    });
    this.#client
      .accept([offer.id], [{ type: "LAUNCH", launch: { task_infos } }], { refuse_seconds: 1 })
      .catch(() => {});
  }

  #update(status: TaskStatus): void {
    const task = this.tasks.find(({ taskId }) => taskId === status.task_id.value);
    if (task === undefined) return this.#endStray(status);
    Object.assign(task, { state: status.state, message: status.message, confirmed: true });
    this.#keep();
    if (isDue(task) && !this.#resting) this.#client.revive().catch(() => {});
  }

  // Nobody wants it any more: the file that knew of it was lost.
  #endStray({ task_id, agent_id, state }: TaskStatus): void {
    if (state === "TASK_RUNNING" || state === "TASK_STARTING") this.#client.kill(task_id, agent_id).catch(() => {});
  }

  // Each task that a former life has launched is asked for by name, until there is an answer.
  #reconcile(): void {
    const unsure = this.tasks.filter(({ taskId, confirmed }) => taskId !== undefined && !confirmed);
    if (unsure.length === 0 || this.#resting) return;
    const asked = unsure.map(({ taskId, agentId }) => ({ task_id: { value: taskId! }, agent_id: { value: agentId! } }));
    this.#client.reconcile(asked).catch(() => {});
    setTimeout(() => this.#reconcile(), RECONCILE_AGAIN_MS).unref();
  }

  #allDone(): boolean {
    return !this.tasks.some(isDue);
  }

  // The id is of no use any more (the framework was torn down): forget it, and begin as a new one at the next start.
  #ended(why: string): void {
    if (!why.includes("removed")) return;
    delete this.#kept.frameworkId;
    this.#keep();
  }

  #keep(): void {
    writeFileDurably(this.#file, `${JSON.stringify(this.#kept)}\n`);
  }
}
