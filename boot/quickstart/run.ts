import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { fileURLToPath } from "node:url";
import type { FrameworkInfo, Offer, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { writeFileDurably } from "@meseta/lib/io/files.ts";
import type { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { choose, isDue, type Running, taskInfo, wantedTasks } from "./plan.ts";

const folder = fileURLToPath(new URL("../../examples/quickstart", import.meta.url));

interface Kept {
  frameworkId?: string;
  /** How often the quickstart was started: makes its task ids unique. */
  starts: number;
}

/**
 * The example workload: a framework like any other. Its id is kept in `file`, so that the next start goes on as the same
 * framework; its tasks are launched anew.
 */
export class Quickstart {
  readonly tasks: Running[] = wantedTasks();
  readonly #client: SchedulerClient;
  readonly #file: string;
  readonly #kept: Kept;
  readonly #onChange: (task: Running) => void;
  #launches = 0;
  #resting = false;

  constructor(masters: readonly string[], file: string, onChange: (task: Running) => void) {
    this.#file = file;
    this.#onChange = onChange;
    this.#kept = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : { starts: 0 };
    this.#kept.starts++;
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
        return void this.#client.reconcile().catch(() => {});
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
      Object.assign(task, { taskId, port, agentId: offer.agent_id.value, state: "TASK_STAGING", message: undefined });
      this.#onChange(task);
      return taskInfo(task, taskId, port, offer, folder);
    });
    this.#client
      .accept([offer.id], [{ type: "LAUNCH", launch: { task_infos } }], { refuse_seconds: 1 })
      .catch(() => {});
  }

  #update(status: TaskStatus): void {
    const task = this.tasks.find(({ taskId }) => taskId === status.task_id.value);
    if (task === undefined) return this.#endStray(status);
    task.state = status.state;
    task.message = status.message;
    this.#onChange(task);
    if (isDue(task) && !this.#resting) this.#client.revive().catch(() => {});
  }

  // A task of an earlier start that survived (this process was killed): the tasks of this start take its place.
  #endStray({ task_id, agent_id, state }: TaskStatus): void {
    if (state === "TASK_RUNNING" || state === "TASK_STARTING" || state === "TASK_STAGING")
      this.#client.kill(task_id, agent_id).catch(() => {});
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
