import { fromJsonText } from "@meseta/api/mesos/codec/from-json.ts";
import { toJson } from "@meseta/api/mesos/codec/to-json.ts";
import type {
  FrameworkInfo,
  Offer,
  OfferOperation,
  TaskInfo,
  TaskState,
  TaskStatus,
} from "@meseta/api/mesos/generated/mesos.ts";
import type * as scheduler from "@meseta/api/mesos/generated/scheduler.ts";
import { type Doors, pack, unpack } from "../world/door.ts";
import type { End } from "../world/network.ts";
import type { World } from "../world/world.ts";

/** A task to launch: its command sleeps so many seconds and ends with a code. */
export interface TaskSpec {
  id: string;
  cpus: number;
  memMiB: number;
  seconds: number;
  exitCode: number;
}

/** What a simulated framework is, and what it does with an offer. */
export interface Workload {
  readonly name: string;
  readonly role: string;
  readonly failoverSeconds: number;
  /** Tasks to launch on the offer, which has room for them; none declines it. */
  choose(room: Room, aliveTasks: number): TaskSpec[];
}

/** What an offer has. */
export interface Room {
  agentId: string;
  hostname: string;
  cpus: number;
  memMiB: number;
}

const TERMINAL: ReadonlySet<TaskState> = new Set<TaskState>([
  "TASK_FINISHED",
  "TASK_FAILED",
  "TASK_KILLED",
  "TASK_ERROR",
  "TASK_LOST",
  "TASK_DROPPED",
  "TASK_GONE",
  "TASK_GONE_BY_OPERATOR",
]);
const PATH = "/api/v1/scheduler";
const RECONCILE_EVERY_MS = 60_000;

export interface KnownTask {
  agentId: string;
  state: TaskState;
}

/** A framework: subscribes, launches what it wishes for, acknowledges, reconciles, and comes back after every break. */
export class SimScheduler {
  readonly workload: Workload;
  readonly place: string;
  frameworkId: string | undefined;
  /** Every task that it ever launched, with the last state that it heard. */
  readonly tasks = new Map<string, KnownTask>();
  /** Told of every update, before the acknowledgement. */
  onUpdate: (scheduler: SimScheduler, status: TaskStatus) => void = () => {};
  /** Told of an acknowledgement that was sent. */
  onAcknowledge: (scheduler: SimScheduler, status: TaskStatus) => void = () => {};
  errors: string[] = [];
  readonly #world: World;
  readonly #doors: Doors;
  #stream: End | undefined;
  #calls: End | undefined;
  #streamId: string | undefined;
  #request = 1;
  #subscription = 0;

  constructor(workload: Workload, world: World, doors: Doors) {
    this.workload = workload;
    this.place = `scheduler-${workload.name}`;
    this.#world = world;
    this.#doors = doors;
  }

  get alive(): KnownTask[] {
    return [...this.tasks.values()].filter((task) => !TERMINAL.has(task.state));
  }

  start(): void {
    const subscription = ++this.#subscription;
    this.#stream = this.#doors.connect(this.place, "master");
    this.#calls = this.#doors.connect(this.place, "master");
    this.#streamId = undefined;
    const broken = (): void => this.#reconnect(subscription);
    this.#stream.onClose = broken;
    this.#calls.onClose = broken;
    this.#stream.onMessage = (text) => this.#heard(subscription, text);
    this.#stream.send(
      pack({
        kind: "subscribe",
        path: PATH,
        body: this.#encode({ type: "SUBSCRIBE", subscribe: { framework_info: this.#info() } }),
      }),
    );
    this.#world.after(RECONCILE_EVERY_MS, () => this.#keepReconciling(subscription));
  }

  /** The process dies; what it knew of its tasks was durable. */
  kill(): void {
    this.#subscription++;
    this.#doors.leave(this.place);
  }

  killTask(id: string): void {
    this.#call({ type: "KILL", kill: { task_id: { value: id } } });
  }

  #reconnect(subscription: number): void {
    if (subscription !== this.#subscription) return;
    this.#subscription++;
    this.#stream?.close();
    this.#calls?.close();
    this.#world.after(this.#world.between(100, 3_000), () => {
      if (this.#subscription === subscription + 1) this.start();
    });
  }

  #heard(subscription: number, text: string): void {
    if (subscription !== this.#subscription) return;
    const wire = unpack(text);
    if (wire.kind === "opened") this.#streamId = wire.headers["Mesos-Stream-Id"];
    else if (wire.kind === "refused") this.#reconnect(subscription);
    else if (wire.kind === "event") this.#event(fromJsonText("mesos.v1.scheduler.Event", wire.body));
  }

  #event(event: scheduler.Event): void {
    switch (event.type) {
      case "SUBSCRIBED":
        this.frameworkId = event.subscribed!.framework_id.value;
        return this.#reconcile();
      case "OFFERS":
        for (const offer of event.offers!.offers ?? []) this.#use(offer);
        return;
      case "UPDATE":
        return this.#update(event.update!.status);
      case "ERROR":
        this.errors.push(event.error!.message);
        return;
      default:
        return;
    }
  }

  #use(offer: Offer): void {
    const room = {
      agentId: offer.agent_id.value,
      hostname: offer.hostname,
      cpus: amount(offer, "cpus"),
      memMiB: amount(offer, "mem"),
    };
    const chosen = this.workload.choose(room, this.alive.length);
    if (chosen.length === 0)
      return this.#call({ type: "DECLINE", decline: { offer_ids: [offer.id], filters: { refuse_seconds: 5 } } });
    for (const { id } of chosen) this.tasks.set(id, { agentId: room.agentId, state: "TASK_STAGING" });
    const task_infos = chosen.map((spec) => taskInfo(spec, offer));
    const operations: OfferOperation[] = [{ type: "LAUNCH", launch: { task_infos } }];
    this.#call({ type: "ACCEPT", accept: { offer_ids: [offer.id], operations, filters: { refuse_seconds: 1 } } });
  }

  /** Offers again, as a framework that has something new to launch asks for them. */
  revive(): void {
    this.#call({ type: "REVIVE" });
  }

  #update(status: TaskStatus): void {
    this.onUpdate(this, status);
    const task = this.tasks.get(status.task_id.value);
    if (task !== undefined && !TERMINAL.has(task.state)) task.state = status.state;
    if (status.uuid === undefined) return;
    this.onAcknowledge(this, status);
    this.#call({
      type: "ACKNOWLEDGE",
      acknowledge: { agent_id: status.agent_id!, task_id: status.task_id, uuid: status.uuid },
    });
  }

  // Tasks whose launch was lost with a master are found this way, as with every framework.
  #reconcile(): void {
    const alive = [...this.tasks].filter(([, task]) => !TERMINAL.has(task.state));
    this.#call({
      type: "RECONCILE",
      reconcile: { tasks: alive.map(([id, task]) => ({ task_id: { value: id }, agent_id: { value: task.agentId } })) },
    });
  }

  #keepReconciling(subscription: number): void {
    if (subscription !== this.#subscription) return;
    this.#reconcile();
    this.#world.after(RECONCILE_EVERY_MS, () => this.#keepReconciling(subscription));
  }

  #call(call: scheduler.Call): void {
    if (this.#streamId === undefined) return;
    this.#calls?.send(
      pack({ kind: "call", request: this.#request++, path: PATH, streamId: this.#streamId, body: this.#encode(call) }),
    );
  }

  #encode(call: scheduler.Call): string {
    const framework_id = this.frameworkId === undefined ? undefined : { value: this.frameworkId };
    return toJson("mesos.v1.scheduler.Call", { ...call, framework_id });
  }

  #info(): FrameworkInfo {
    return {
      user: "root",
      name: this.workload.name,
      id: this.frameworkId === undefined ? undefined : { value: this.frameworkId },
      roles: [this.workload.role],
      checkpoint: true,
      failover_timeout: this.workload.failoverSeconds,
      capabilities: [{ type: "MULTI_ROLE" }, { type: "PARTITION_AWARE" }, { type: "RESERVATION_REFINEMENT" }],
    };
  }
}

function amount(offer: Offer, name: string): number {
  return (offer.resources ?? []).reduce(
    (sum, resource) => sum + (resource.name === name ? (resource.scalar?.value ?? 0) : 0),
    0,
  );
}

function taskInfo({ id, cpus, memMiB, seconds, exitCode }: TaskSpec, offer: Offer): TaskInfo {
  return {
    name: id,
    task_id: { value: id },
    agent_id: offer.agent_id,
    resources: [scalar("cpus", cpus), scalar("mem", memMiB)],
    command: { value: `sleep ${seconds}; exit ${exitCode}` },
  };
}

const scalar = (name: string, value: number) => ({ name, type: "SCALAR" as const, scalar: { value } });
