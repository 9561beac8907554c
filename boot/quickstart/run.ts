import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FrameworkInfo, Offer, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { writeFileDurably } from "@meseta/lib/io/files.ts";
import type { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { connectScheduler } from "@meseta/sdk/scheduler/connect.ts";
import { podForm } from "./image.ts";
import { operationsOf, type PodForm } from "./operations.ts";
import { type Chosen, choose, isAlive, isDue, type Running, wantedTasks } from "./plan.ts";

const folder = fileURLToPath(new URL("../../examples/quickstart", import.meta.url));

/** What is written before a launch is asked for, so that no task is ever launched twice or forgotten. */
interface Kept {
  frameworkId?: string;
  /** How often the quickstart was started: makes its task ids unique. */
  starts: number;
  tasks: Running[];
  /** The agent that has the counter's volume. */
  volumeAgentId?: string;
}

export interface QuickstartOptions {
  readonly masters: readonly string[];
  /** Where it keeps its file, and the image of its pod. */
  readonly dir: string;
  /** The port of the agent that gets the counter's volume. */
  readonly homePort: number;
  /** Tells people a line. */
  readonly say: (line: string) => void;
}

/** Reconciliation stays unanswered while agents are on their way back to a master that was restarted. */
const RECONCILE_AGAIN_MS = 2_000;
const ROLE = "quickstart";
/** A server listens a moment after its task runs; asked this often, this many times. */
const ASK_AGAIN_MS = 100;
const ASKS = 100;

/**
 * The example workload: a framework like any other. Its id and tasks are kept in a file: the next start goes on as the
 * same framework, finds the tasks that still run, and launches the others anew.
 */
export class Quickstart {
  readonly tasks: Running[];
  readonly #client: SchedulerClient;
  readonly #file: string;
  readonly #kept: Kept;
  readonly #options: QuickstartOptions;
  #pod: PodForm | undefined;
  #launches = 0;
  #resting = false;

  constructor(options: QuickstartOptions) {
    const { masters, dir } = options;
    this.#options = options;
    const file = join(dir, "quickstart.json");
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
      roles: [ROLE],
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
    const place = { homePort: this.#options.homePort, agentId: this.#kept.volumeAgentId };
    const chosen = this.#resting ? [] : choose(this.tasks, offer, place);
    if (chosen.length === 0)
      return void this.#client.decline([offer.id], { refuse_seconds: this.#allDone() ? 60 : 1 }).catch(() => {});
    const before = chosen.flatMap(({ tasks }) => tasks.map((task) => ({ ...task })));
    for (const each of chosen) this.#name(each, offer);
    if (!this.#keep()) {
      // What nobody would know of after a restart is not launched.
      for (const [at, task] of chosen.flatMap(({ tasks }) => tasks).entries()) Object.assign(task, before[at]);
      return void this.#client.decline([offer.id], { refuse_seconds: 1 }).catch(() => {});
    }
    const operations = operationsOf(chosen, { offer, folder, role: ROLE, pod: this.#podForm(chosen) });
    this.#client.accept([offer.id], operations, { refuse_seconds: 1 }).catch(() => {});
  }

  #name({ tasks, port }: Chosen, offer: Offer): void {
    for (const task of tasks)
      Object.assign(task, {
        taskId: `${task.name}.${this.#kept.starts}-${++this.#launches}`,
        port,
        agentId: offer.agent_id.value,
        state: "TASK_STAGING",
        message: undefined,
        confirmed: true,
      });
  }

  // Its image is made when it is needed first: not while the cluster starts.
  #podForm(chosen: readonly Chosen[]): PodForm {
    if (this.#pod !== undefined || !chosen.some(({ tasks }) => tasks[0]!.kind === "pod")) return this.#pod ?? "plain";
    const { form, why } = podForm(join(this.#options.dir, "quickstart"), folder);
    this.#pod = form;
    if (why !== undefined) this.#options.say(`The pod runs as plain processes: ${why}.`);
    return form;
  }

  #update(status: TaskStatus): void {
    const task = this.tasks.find(({ taskId }) => taskId === status.task_id.value);
    if (task === undefined) return this.#endStray(status);
    const begins = status.state === "TASK_RUNNING" && task.state !== "TASK_RUNNING";
    Object.assign(task, { state: status.state, message: status.message, confirmed: true });
    if (task.kind === "counter" && begins) this.#counterRuns(task);
    if (task.kind === "pod") this.#podUpdate(status);
    this.#keep();
    // What was refused would be again at once: the next offers come by themselves.
    if (isDue(task) && !isRefused(status) && !this.#resting) this.#client.revive().catch(() => {});
  }

  #counterRuns(task: Running): void {
    this.#kept.volumeAgentId = task.agentId!;
    void this.#tellCount(task, ASKS);
  }

  async #tellCount(task: Running, asks: number): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${task.port}`).then(
      async (response) => (await response.json()) as { starts: number },
      () => undefined,
    );
    if (answer !== undefined)
      return this.#options.say(`The counter has started ${times(answer.starts)}: so says the file in its volume.`);
    if (asks > 1 && task.state === "TASK_RUNNING" && !this.#resting)
      setTimeout(() => void this.#tellCount(task, asks - 1), ASK_AGAIN_MS).unref();
  }

  // Where containers cannot be had all the same, the pod has another way to run.
  #podUpdate(status: TaskStatus): void {
    if (!isRefused(status) || this.#pod === undefined || this.#pod === "plain") return;
    this.#pod = "plain";
    const why = status.message?.replace(/^Failed to launch container: /, "") ?? "its containers were refused";
    this.#options.say(`The pod runs as plain processes: ${why}`);
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

  /** Whether it is written: on a full disk it is with the next change, which no cluster ends over. */
  #keep(): boolean {
    try {
      writeFileDurably(this.#file, `${JSON.stringify(this.#kept)}\n`);
      return true;
    } catch {
      return false;
    }
  }
}

function isRefused({ state, reason }: TaskStatus): boolean {
  return state === "TASK_ERROR" || reason === "REASON_CONTAINER_LAUNCH_FAILED";
}

function times(count: number): string {
  return count === 1 ? "once" : count === 2 ? "twice" : `${count} times`;
}
