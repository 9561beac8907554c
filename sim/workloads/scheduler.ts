import type {
  FrameworkInfo,
  Offer,
  OfferOperation,
  OperationState,
  OperationStatus,
  TaskState,
  TaskStatus,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";
import { SchedulerClient } from "@meseta/sdk/scheduler/client.ts";
import { checkOffered } from "../checkers/offered.ts";
import { OperationChecker, UpdateChecker } from "../checkers/updates.ts";
import type { Doors } from "../world/door.ts";
import { SimTransport } from "../world/transport.ts";
import type { World } from "../world/world.ts";

/** What a simulated framework is, and what it does with an offer. */
export interface Workload {
  readonly name: string;
  /** Roles, checkpoint, failover_timeout, capabilities. */
  readonly info: Omit<FrameworkInfo, "name" | "user" | "id">;
  /** Of 100 updates, how many are acknowledged late, or not before they are sent again. */
  readonly slowAcknowledgements: number;
  /** What to do with the offer; nothing declines it. */
  decide(offer: Offer, scheduler: SimScheduler): OfferOperation[];
  /** Whether a task of this id is to be killed, whenever the framework looks at what it has. */
  unwanted?(id: string): boolean;
  /** An update of a task or an operation came. */
  heard?(scheduler: SimScheduler): void;
}

/** Reconciliation told the same before, and not why. */
function isWordOf(told: TaskStatus, { state, uuid }: TaskStatus): boolean {
  return told.uuid === undefined && uuid !== undefined && told.state === state;
}

const MAY_TURN_UP: ReadonlySet<TaskState> = new Set<TaskState>(["TASK_LOST", "TASK_UNKNOWN"]);
const OPEN_OPERATIONS: ReadonlySet<OperationState> = new Set<OperationState>([
  "OPERATION_PENDING",
  "OPERATION_RECOVERING",
  "OPERATION_UNREACHABLE",
]);
const RECONCILE_EVERY_MS = 60_000;

export interface KnownTask {
  agentId: string;
  state: TaskState;
  /** The update that ended it; undefined while it lives. */
  end: TaskStatus | undefined;
}

export interface KnownOperation {
  agentId: string;
  state: OperationState;
}

/** A framework on the scheduler client of the sdk: does what its workload decides, acknowledges, reconciles, comes back. */
export class SimScheduler {
  readonly workload: Workload;
  readonly place: string;
  /** Every task that this framework ever launched, with the last state that it heard; durable, as a framework's own record is. */
  tasks = new Map<string, KnownTask>();
  /** The same for operations that were given an id. */
  operations = new Map<string, KnownOperation>();
  /** Ids of the frameworks that it was before, and that were removed. */
  readonly former: string[] = [];
  /** Told of every update, before it is acknowledged. */
  onUpdate: (status: TaskStatus) => void = () => {};
  onOperation: (status: OperationStatus) => void = () => {};
  frameworkId: string | undefined;
  /** Tasks that somebody may have wanted to end: this framework, or who ends others with them. */
  readonly mayBeKilled = new Set<string>();
  readonly #world: World;
  readonly #doors: Doors;
  #updates: UpdateChecker;
  #statuses = new OperationChecker();
  #client: SchedulerClient | undefined;
  #life = 0;
  /** How many streams it has had. */
  #stream = 0;

  constructor(workload: Workload, world: World, doors: Doors) {
    this.workload = workload;
    this.place = `scheduler-${workload.name}`;
    this.#world = world;
    this.#doors = doors;
    this.#updates = new UpdateChecker(workload.info.checkpoint === true);
  }

  get alive(): KnownTask[] {
    return [...this.tasks.values()].filter((task) => task.end === undefined);
  }

  get openOperations(): string[] {
    return [...this.operations].filter(([, { state }]) => OPEN_OPERATIONS.has(state)).map(([id]) => id);
  }

  /** What stands for the stream that it believes to have; undefined while it has none. */
  get subscription(): unknown {
    return this.#client?.subscribed === true ? this.#stream : undefined;
  }

  /** One process at a time: an earlier one that still runs, since two faults may have killed it together, ends first. */
  start(): void {
    this.kill();
    const life = this.#life;
    const transport = new SimTransport(this.#world, this.#doors, this.place, "/api/v1/scheduler");
    this.#client = new SchedulerClient(transport, { framework: this.#info(), acknowledge: "manual" });
    this.#client.start({
      event: (event) => life === this.#life && this.#event(event),
      ended: (why) => life === this.#life && this.#ended(why),
    });
    this.#world.after(RECONCILE_EVERY_MS, () => this.#keepReconciling(life));
  }

  /** The process dies; what it knew of its tasks was durable. */
  kill(): void {
    this.#life++;
    this.#client?.close();
    this.#doors.leave(this.place);
  }

  killTask(id: string): void {
    this.mayBeKilled.add(id);
    this.#quietly(this.#client?.kill({ value: id }));
  }

  /** Offers again, as a framework that has something new to launch asks for them. */
  revive(): void {
    this.#quietly(this.#client?.revive());
  }

  suppress(): void {
    this.#quietly(this.#client?.suppress());
  }

  /** Asks so many times at once what became of all its tasks. */
  ask(times: number): void {
    for (let time = 0; time < times; time++) this.#quietly(this.#client?.reconcile([]));
  }

  /** Ends the framework; a new one of the same kind comes soon. */
  teardown(): void {
    const life = this.#life;
    this.#client?.teardown().then(
      () => life === this.#life && this.#removed(),
      () => {},
    );
  }

  // Another subscription of ours that was long on its way took the framework over, or the framework is no more: a supervisor starts us again.
  #ended(why: string): void {
    if (why.includes("has been removed")) return this.#removed();
    this.#again();
  }

  #removed(): void {
    if (this.frameworkId !== undefined) this.former.push(this.frameworkId);
    this.frameworkId = undefined;
    this.tasks = new Map();
    this.operations = new Map();
    this.#updates = new UpdateChecker(this.workload.info.checkpoint === true);
    this.#statuses = new OperationChecker();
    this.#client?.close();
    this.#doors.leave(this.place);
    this.#again();
  }

  #again(): void {
    const life = ++this.#life;
    this.#world.after(this.#world.between(100, 3_000), () => life === this.#life && this.start());
  }

  #event(event: Event): void {
    switch (event.type) {
      case "SUBSCRIBED":
        this.frameworkId = event.subscribed!.framework_id.value;
        this.#stream++;
        return this.#reconcile();
      case "OFFERS":
        for (const offer of event.offers!.offers ?? []) this.#use(offer);
        return;
      case "INVERSE_OFFERS":
        for (const { id } of event.inverse_offers!.inverse_offers ?? [])
          this.#quietly(this.#client!.acceptInverseOffers([id]));
        return;
      case "UPDATE":
        return this.#update(event.update!.status);
      case "UPDATE_OPERATION_STATUS":
        return this.#operationUpdate(event.update_operation_status!.status);
      default:
        return;
    }
  }

  #use(offer: Offer): void {
    checkOffered(offer);
    const operations = this.workload.decide(offer, this);
    if (operations.length === 0) return this.#quietly(this.#client!.decline([offer.id], { refuse_seconds: 5 }));
    const agentId = offer.agent_id.value;
    for (const { id, launch, launch_group } of operations) {
      const tasks = launch?.task_infos ?? launch_group?.task_group.tasks ?? [];
      for (const { task_id, executor } of tasks) {
        this.tasks.set(task_id.value, { agentId, state: "TASK_STAGING", end: undefined });
        if (launch_group !== undefined || executor !== undefined) this.mayBeKilled.add(task_id.value);
      }
      if (id !== undefined) this.operations.set(id.value, { agentId, state: "OPERATION_PENDING" });
    }
    this.#quietly(this.#client!.accept([offer.id], operations, { refuse_seconds: 1 }));
  }

  #update(status: TaskStatus): void {
    this.#updates.heard(status);
    const task = this.tasks.get(status.task_id.value);
    // Who was told that nobody knows a task, or that it is lost with its agent, takes it back when it turns up.
    if (task?.end !== undefined && MAY_TURN_UP.has(task.state) && !isOver(status.state)) task.end = undefined;
    if (task !== undefined && task.end === undefined) {
      task.state = status.state;
      if (isOver(status.state)) task.end = status;
    } else if (task?.end !== undefined && isWordOf(task.end, status)) task.end = status;
    this.onUpdate(status);
    this.workload.heard?.(this);
    this.#inTime(() => {
      if (status.uuid !== undefined) this.#updates.acknowledged(status);
      return this.#client!.acknowledge(status);
    });
  }

  #operationUpdate(status: OperationStatus): void {
    this.#statuses.heard(status);
    const operation = this.operations.get(status.operation_id?.value ?? "");
    if (operation !== undefined && OPEN_OPERATIONS.has(operation.state)) operation.state = status.state;
    this.onOperation(status);
    this.workload.heard?.(this);
    this.#inTime(() => this.#client!.acknowledgeOperation(status));
  }

  // Some schedulers take their time, and some die in between: then the same update comes again.
  #inTime(acknowledge: () => Promise<void>): void {
    if (!this.#world.chance(this.workload.slowAcknowledgements)) return this.#quietly(acknowledge());
    if (this.#world.chance(40)) return;
    const life = this.#life;
    this.#world.after(this.#world.between(500, 15_000), () => {
      if (life === this.#life) this.#quietly(acknowledge());
    });
  }

  #keepReconciling(life: number): void {
    if (life !== this.#life) return;
    this.#reconcile();
    for (const [id, { end }] of this.tasks) if (end === undefined && this.workload.unwanted?.(id)) this.killTask(id);
    this.#world.after(RECONCILE_EVERY_MS, () => this.#keepReconciling(life));
  }

  // Tasks and operations that were lost with a master are found this way, as with every framework.
  #reconcile(): void {
    const alive = [...this.tasks].filter(([, { end }]) => end === undefined);
    const asked = alive.map(([id, { agentId }]) => ({ task_id: { value: id }, agent_id: { value: agentId } }));
    this.#quietly(this.#client?.reconcile(asked));
    const open = this.openOperations.map((id) => ({
      operation_id: { value: id },
      agent_id: { value: this.operations.get(id)!.agentId },
    }));
    if (open.length > 0) this.#quietly(this.#client?.reconcileOperations(open));
  }

  // A call that the network lost is made up for by reconciliation and later offers.
  #quietly(call: Promise<void> | undefined): void {
    call?.catch(() => {});
  }

  #info(): FrameworkInfo {
    const { name, info } = this.workload;
    return { user: "root", name, ...(this.frameworkId !== undefined && { id: { value: this.frameworkId } }), ...info };
  }
}

/** Whether a framework expects nothing more of a task in this state. */
function isOver(state: TaskState): boolean {
  return isTerminal(state) || state === "TASK_UNKNOWN";
}
