import type * as executor from "@meseta/api/mesos/generated/executor.ts";
import type { TaskInfo, TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import type { AgentHands } from "./agent-hands.ts";
import type { Machine, Process } from "./containers.ts";
import { parseTask } from "./script.ts";
import type { World } from "./world.ts";

const RETRY_MS = 500;
const IDLE_MS = 5_000;
/** How often it sends its framework a message. */
const MESSAGE_MS = 2_000;

/** An executor of somebody's own on a simulated machine: a process that speaks the Executor API and runs tasks inside itself. */
export class ExecutorProcess {
  readonly #process: Process;
  readonly #machine: Machine;
  readonly #world: World;
  readonly #hands: () => AgentHands | undefined;
  readonly #tasks = new Map<string, TaskInfo>();
  readonly #updates = new Map<string, executor.CallUpdate>();
  readonly #running = new Set<string>();
  #session = 0;
  #leave: () => void = () => {};

  constructor(process: Process, machine: Machine, world: World, hands: () => AgentHands | undefined) {
    this.#process = process;
    this.#machine = machine;
    this.#world = world;
    this.#hands = hands;
    process.onEnd = () => this.#leave();
    if (process.script.isSilent) return;
    world.after(startOf(world.of("start")), () => this.#subscribe());
    world.after(MESSAGE_MS, () => this.#chat());
  }

  get #alive(): boolean {
    return this.#process.exit === undefined;
  }

  #chat(): void {
    if (!this.#alive) return;
    this.#say();
    this.#world.after(MESSAGE_MS, () => this.#chat());
  }

  // What the framework does not hear is lost.
  #say(): void {
    this.#hands()?.callFromExecutor(this.#call({ type: "MESSAGE", message: { data: "" } }));
  }

  #subscribe(): void {
    if (!this.#alive) return;
    const session = ++this.#session;
    const again = (): void => {
      if (session === this.#session) this.#world.after(RETRY_MS, () => this.#subscribe());
    };
    const hands = this.#hands();
    if (hands === undefined) return again();
    const ears = { heard: (event: executor.Event) => this.#alive && this.#heard(event, session), closed: again };
    this.#leave = () => hands.executorLeft(ears);
    const subscribe = {
      unacknowledged_tasks: [...this.#tasks.values()],
      unacknowledged_updates: [...this.#updates.values()],
    };
    hands.subscribeExecutor(this.#call({ type: "SUBSCRIBE", subscribe }), ears);
  }

  #heard(event: executor.Event, session: number): void {
    if (session !== this.#session) return;
    switch (event.type) {
      case "LAUNCH":
        return this.#launch(event.launch!.task);
      case "LAUNCH_GROUP":
        for (const task of event.launch_group!.task_group.tasks ?? []) this.#launch(task);
        return;
      case "KILL":
        return this.#end(event.kill!.task_id.value, "TASK_KILLED");
      case "ACKNOWLEDGED":
        this.#updates.delete(event.acknowledged!.uuid);
        this.#tasks.delete(event.acknowledged!.task_id.value);
        return this.#world.after(IDLE_MS, () => this.#endWhenIdle());
      case "SHUTDOWN":
        for (const id of this.#running) this.#end(id, "TASK_KILLED");
        // A last word, to a framework that may be no more.
        this.#say();
        return this.#world.after(100, () => this.#machine.end(this.#process, 0));
      default:
        return;
    }
  }

  #launch(task: TaskInfo): void {
    const id = task.task_id.value;
    this.#tasks.set(id, task);
    this.#running.add(id);
    this.#machine.taskStarted(this.#process, `${this.#frameworkId}/${id}`);
    this.#update(id, "TASK_RUNNING");
    const { runMs, code } = parseTask(task.labels?.labels?.[0]?.value ?? "");
    this.#world.after(runMs, () => this.#end(id, code === 0 ? "TASK_FINISHED" : "TASK_FAILED"));
  }

  #end(id: string, state: TaskState): void {
    if (!this.#alive || !this.#running.delete(id)) return;
    const status = { TASK_FINISHED: 0, TASK_KILLED: 15 }[state as string] ?? 256;
    this.#machine.taskEnded(this.#process, `${this.#frameworkId}/${id}`, status);
    this.#update(id, state);
  }

  #endWhenIdle(): void {
    if (this.#running.size === 0 && this.#updates.size === 0 && this.#tasks.size === 0)
      this.#machine.end(this.#process, 0);
  }

  #update(id: string, state: TaskState): void {
    const uuid = this.#world.random.uuidBytes();
    const update = { status: { task_id: { value: id }, state, uuid, source: "SOURCE_EXECUTOR" as const } };
    this.#updates.set(uuid, update);
    this.#hands()?.callFromExecutor(this.#call({ type: "UPDATE", update }));
  }

  #call(call: Omit<executor.Call, "framework_id" | "executor_id">): executor.Call {
    return { framework_id: { value: this.#frameworkId }, executor_id: { value: this.#executorId }, ...call };
  }

  get #frameworkId(): string {
    return this.#process.spec.environment["MESOS_FRAMEWORK_ID"]!;
  }

  get #executorId(): string {
    return this.#process.spec.environment["MESOS_EXECUTOR_ID"]!;
  }
}

/** Most are there at once; some load a runtime and what they work on first. */
function startOf(dice: World): number {
  return dice.chance(75) ? dice.between(10, 300) : dice.between(1_000, 8_000);
}
