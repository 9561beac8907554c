import type {
  FrameworkInfo,
  Offer,
  OfferOperation,
  TaskInfo,
  TaskState,
  TaskStatus,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import type { Doors } from "../world/door.ts";
import { SimTransport } from "../world/transport.ts";
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

const RECONCILE_EVERY_MS = 60_000;

export interface KnownTask {
  agentId: string;
  state: TaskState;
}

/** A framework on the scheduler client of the sdk: launches what its workload chooses, acknowledges, reconciles, comes back. */
export class SimScheduler {
  readonly workload: Workload;
  readonly place: string;
  /** Every task that it ever launched, with the last state that it heard; durable, as a framework's own record is. */
  readonly tasks = new Map<string, KnownTask>();
  /** Told of every update, before it is acknowledged. */
  onUpdate: (status: TaskStatus) => void = () => {};
  readonly #world: World;
  readonly #doors: Doors;
  #frameworkId: string | undefined;
  #client: SchedulerClient | undefined;
  #life = 0;

  constructor(workload: Workload, world: World, doors: Doors) {
    this.workload = workload;
    this.place = `scheduler-${workload.name}`;
    this.#world = world;
    this.#doors = doors;
  }

  get alive(): KnownTask[] {
    return [...this.tasks.values()].filter((task) => !isTerminal(task.state));
  }

  start(): void {
    const life = ++this.#life;
    const transport = new SimTransport(this.#world, this.#doors, this.place, "/api/v1/scheduler");
    this.#client = new SchedulerClient(transport, { framework: this.#info() });
    this.#client.start({
      event: (event) => life === this.#life && this.#event(event),
      ended: () => life === this.#life && this.#restart(),
    });
    this.#world.after(RECONCILE_EVERY_MS, () => this.#keepReconciling(life));
  }

  // A subscription of a former life that was long on its way took the framework over: a supervisor starts us again.
  #restart(): void {
    const life = ++this.#life;
    this.#world.after(this.#world.between(100, 3_000), () => life === this.#life && this.start());
  }

  /** The process dies; what it knew of its tasks was durable. */
  kill(): void {
    this.#life++;
    this.#client?.close();
    this.#doors.leave(this.place);
  }

  killTask(id: string): void {
    this.#quietly(this.#client?.kill({ value: id }));
  }

  /** Offers again, as a framework that has something new to launch asks for them. */
  revive(): void {
    this.#quietly(this.#client?.revive());
  }

  #event(event: Event): void {
    switch (event.type) {
      case "SUBSCRIBED":
        this.#frameworkId = event.subscribed!.framework_id.value;
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
    const room = {
      agentId: offer.agent_id.value,
      hostname: offer.hostname,
      cpus: amount(offer, "cpus"),
      memMiB: amount(offer, "mem"),
    };
    const chosen = this.workload.choose(room, this.alive.length);
    if (chosen.length === 0) return this.#quietly(this.#client!.decline([offer.id], { refuse_seconds: 5 }));
    for (const { id } of chosen) this.tasks.set(id, { agentId: room.agentId, state: "TASK_STAGING" });
    const task_infos = chosen.map((spec) => taskInfo(spec, offer));
    const launch: OfferOperation = { type: "LAUNCH", launch: { task_infos } };
    this.#quietly(this.#client!.accept([offer.id], [launch], { refuse_seconds: 1 }));
  }

  #update(status: TaskStatus): void {
    this.onUpdate(status);
    const task = this.tasks.get(status.task_id.value);
    if (task !== undefined && !isTerminal(task.state)) task.state = status.state;
  }

  #keepReconciling(life: number): void {
    if (life !== this.#life) return;
    this.#reconcile();
    this.#world.after(RECONCILE_EVERY_MS, () => this.#keepReconciling(life));
  }

  // Tasks whose launch was lost with a master are found this way, as with every framework.
  #reconcile(): void {
    const alive = [...this.tasks].filter(([, task]) => !isTerminal(task.state));
    const asked = alive.map(([id, { agentId }]) => ({ task_id: { value: id }, agent_id: { value: agentId } }));
    this.#quietly(this.#client?.reconcile(asked));
  }

  // A call that the network lost is made up for by reconciliation and later offers.
  #quietly(call: Promise<void> | undefined): void {
    call?.catch(() => {});
  }

  #info(): FrameworkInfo {
    return {
      user: "root",
      name: this.workload.name,
      ...(this.#frameworkId !== undefined && { id: { value: this.#frameworkId } }),
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
