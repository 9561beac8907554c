import { encodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type {
  Attribute,
  Offer,
  OfferOperation,
  Resource,
  TaskInfo,
  TaskState,
  TaskStatus,
  Unavailability,
} from "@meseta/api/mesos/generated/mesos.ts";
import type { Call, Event } from "@meseta/api/mesos/generated/scheduler.ts";
import { allocate, unallocate } from "@meseta/api/mesos/resources/allocation.ts";
import { contains, subtract, sum } from "@meseta/api/mesos/resources/bag.ts";
import { applyOperation } from "@meseta/api/mesos/resources/operations.ts";
import { readResources } from "@meseta/api/mesos/resources/read.ts";
import { isTerminal } from "@meseta/api/mesos/task-state.ts";

export type Sent = Omit<Call, "framework_id">;

export interface Task {
  readonly id: string;
  readonly agent: string;
  readonly info: TaskInfo;
  readonly resources: readonly Resource[];
  state: TaskState;
  /** Its last status, and whether it has been acknowledged. */
  status?: TaskStatus;
  isKilled?: boolean;
}

interface Agent {
  readonly id: string;
  readonly hostname: string;
  readonly attributes: readonly Attribute[];
  total: Resource[];
  isReachable: boolean;
  /** Its maintenance, as offers tell of it. */
  unavailability?: Unavailability;
  readonly refusedBy: Map<string, number>;
}

/** A master and its agents, as far as a framework sees them: what is sent to it comes to something, and what it says waits in `events`. */
export class Cluster {
  readonly agents = new Map<string, Agent>();
  readonly tasks = new Map<string, Task>();
  readonly offers = new Map<string, Offer>();
  readonly events: Event[] = [];
  /** All calls, as they came. */
  readonly calls: Sent[] = [];
  readonly refusals: string[] = [];
  readonly suppressed = new Set<string>();
  roles: readonly string[] = [];
  isConnected = false;
  /** So many of the next ACCEPTs come too late: their offers are no more. */
  late = 0;
  /** Agents say what they did. */
  hasFeedback = true;
  #unacknowledged = new Map<string, TaskStatus>();
  #next = 0;

  addAgent(id: string, resources: string, attributes: readonly Attribute[] = []): void {
    const total = readResources(resources) as Resource[];
    this.agents.set(id, { id, hostname: `${id}.example`, attributes, total, isReachable: true, refusedBy: new Map() });
  }

  subscribe(frameworkId = "f1"): void {
    this.isConnected = true;
    this.offers.clear();
    this.suppressed.clear();
    this.events.push({ type: "SUBSCRIBED", subscribed: { framework_id: { value: frameworkId } } });
    for (const status of this.#unacknowledged.values()) this.events.push({ type: "UPDATE", update: { status } });
  }

  /** The connection breaks: what was on its way in either direction is lost. */
  disconnect(): void {
    this.isConnected = false;
    this.events.length = 0;
    this.offers.clear();
  }

  receive(call: Sent, nowMs: number): void {
    if (!this.isConnected) return;
    this.calls.push(call);
    switch (call.type) {
      case "ACCEPT":
        return this.#accept(call.accept!, nowMs);
      case "DECLINE":
        for (const { value } of call.decline!.offer_ids ?? [])
          this.#refuse(value, call.decline!.filters?.refuse_seconds ?? 5, nowMs);
        return;
      case "KILL":
        return this.#kill(call.kill!.task_id.value);
      case "ACKNOWLEDGE":
        if (this.#unacknowledged.get(call.acknowledge!.task_id.value)?.uuid === call.acknowledge!.uuid)
          this.#unacknowledged.delete(call.acknowledge!.task_id.value);
        return;
      case "RECONCILE":
        return this.#reconcile((call.reconcile!.tasks ?? []).map(({ task_id }) => task_id.value));
      case "SUPPRESS":
        for (const role of call.suppress!.roles ?? []) this.suppressed.add(role);
        return;
      case "REVIVE":
        for (const role of call.revive!.roles ?? []) this.#revive(role);
        return;
    }
  }

  /** Offers what is free, to each role that wants it and has not refused it; false when there is nothing to offer. */
  offer(nowMs: number): boolean {
    const offers: Offer[] = [];
    if (!this.isConnected) return false;
    for (const role of this.roles)
      if (!this.suppressed.has(role))
        for (const agent of this.agents.values()) {
          const free = this.freeOf(agent.id);
          if (!agent.isReachable || free.length === 0 || nowMs < (agent.refusedBy.get(role) ?? 0)) continue;
          offers.push(this.#offerOf(agent, role, free));
        }
    if (offers.length === 0) return false;
    this.events.push({ type: "OFFERS", offers: { offers } });
    return true;
  }

  freeOf(agentId: string): Resource[] {
    const used = [...this.tasks.values()].filter(({ agent, state }) => agent === agentId && !isTerminal(state));
    const offered = [...this.offers.values()].filter(({ agent_id }) => agent_id.value === agentId);
    const taken = sum([...used.map(({ resources }) => resources), ...offered.map((one) => unallocate(one.resources!))]);
    return subtract(this.agents.get(agentId)!.total, taken);
  }

  /** A task comes to another state, and the framework is told. */
  update(taskId: string, state: TaskState, more: Partial<TaskStatus> = {}): void {
    const task = this.tasks.get(taskId)!;
    task.state = state;
    if (isTerminal(state)) for (const agent of this.agents.values()) agent.refusedBy.clear();
    const uuid = `u${this.#next++}`;
    const agent_id = { value: task.agent };
    const status: TaskStatus = { task_id: { value: taskId }, agent_id, state, timestamp: this.#next, uuid, ...more };
    task.status = status;
    this.#unacknowledged.set(taskId, status);
    this.#tell(status);
  }

  /** A maintenance of the agent is announced: its offers say so, and the framework is asked to leave it. */
  maintain(agentId: string, startMs: number): void {
    const unavailability = { start: { nanoseconds: startMs * 1e6 } };
    this.agents.get(agentId)!.unavailability = unavailability;
    this.askBack(agentId, unavailability);
  }

  /** Asks for all that the framework has on the agent, which it is asked for again and again. */
  askBack(agentId: string, unavailability: Unavailability): void {
    const asked = { id: { value: `o${this.#next++}` }, framework_id: { value: "f1" }, agent_id: { value: agentId } };
    this.events.push({ type: "INVERSE_OFFERS", inverse_offers: { inverse_offers: [{ ...asked, unavailability }] } });
  }

  /** The agent is lost, or comes back with its tasks as they are. */
  setReachable(agentId: string, isReachable: boolean): void {
    this.agents.get(agentId)!.isReachable = isReachable;
    for (const task of this.tasks.values())
      if (task.agent === agentId && !isTerminal(task.state)) this.#tell(this.#latest(task.id));
  }

  get live(): Task[] {
    return [...this.tasks.values()].filter(({ state }) => !isTerminal(state));
  }

  #accept({ offer_ids, operations, filters }: NonNullable<Call["accept"]>, nowMs: number): void {
    if (this.late-- > 0) this.offers.delete(offer_ids![0]!.value);
    const offer = this.offers.get(offer_ids![0]!.value);
    const launches = (operations ?? []).flatMap((one) => one.launch?.task_infos ?? []);
    const pods = (operations ?? []).flatMap(({ launch_group }) => (launch_group ? [launch_group] : []));
    const tasks = [...launches, ...pods.flatMap((group) => group.task_group.tasks ?? [])];
    if (offer === undefined) {
      for (const { task_id, agent_id } of tasks)
        this.#tell({ task_id, agent_id, state: "TASK_DROPPED", reason: "REASON_INVALID_OFFERS" });
      return;
    }
    this.offers.delete(offer.id.value);
    const agent = this.agents.get(offer.agent_id.value)!;
    for (const operation of operations ?? []) {
      if (operation.type === "LAUNCH" || operation.type === "LAUNCH_GROUP") continue;
      const after = applyOperation(agent.total, JSON.parse(JSON.stringify(operation), withoutAllocation));
      if (Array.isArray(after)) {
        agent.total = after;
        this.#tellDone(operation, agent);
      } else this.refusals.push(JSON.stringify(after));
    }
    for (const info of tasks) this.#launch(info, agent);
    for (const { executor, task_group } of pods)
      this.#addExecutor(task_group.tasks![0]!.task_id.value, executor.resources ?? []);
    const refusedMs = (filters?.refuse_seconds ?? 5) * 1000;
    if (refusedMs > 0) agent.refusedBy.set(offer.allocation_info!.role!, nowMs + refusedMs);
  }

  #tellDone({ id }: OfferOperation, { id: agentId }: Agent): void {
    if (id === undefined || !this.hasFeedback) return;
    const uuid = { value: encodeUtf8(id.value).toBase64() };
    const status = { operation_id: id, agent_id: { value: agentId }, state: "OPERATION_FINISHED" as const, uuid };
    this.events.push({ type: "UPDATE_OPERATION_STATUS", update_operation_status: { status } });
  }

  #launch(info: TaskInfo, agent: Agent): void {
    const id = info.task_id.value;
    const resources = unallocate([...(info.resources ?? []), ...(info.executor?.resources ?? [])]);
    if (!contains(this.freeOf(agent.id), resources)) this.refusals.push(`no room for ${id}`);
    if (this.tasks.has(id)) this.refusals.push(`${id} again`);
    this.tasks.set(id, { id, agent: agent.id, info, resources, state: "TASK_STAGING" });
  }

  #addExecutor(taskId: string, resources: readonly Resource[]): void {
    const task = this.tasks.get(taskId)!;
    this.tasks.set(taskId, { ...task, resources: sum([task.resources, unallocate(resources)]) });
  }

  #kill(taskId: string): void {
    const task = this.tasks.get(taskId);
    if (task === undefined || isTerminal(task.state)) return this.#tell(this.#latest(taskId));
    if (this.agents.get(task.agent)!.isReachable) task.isKilled = true;
  }

  #reconcile(ids: readonly string[]): void {
    const known = new Set([...this.live.map(({ id }) => id), ...this.#unacknowledged.keys()]);
    const asked = ids.length > 0 ? ids : known;
    for (const id of asked) this.#tell({ ...this.#latest(id), reason: "REASON_RECONCILIATION" });
  }

  #latest(id: string): TaskStatus {
    const task = this.tasks.get(id);
    const task_id = { value: id };
    if (task === undefined) return { task_id, state: "TASK_GONE" };
    const agent_id = { value: task.agent };
    if (!this.agents.get(task.agent)!.isReachable) return { task_id, agent_id, state: "TASK_UNREACHABLE" };
    return {
      task_id,
      agent_id,
      state: task.state,
      ...(task.status?.healthy !== undefined && { healthy: task.status.healthy }),
    };
  }

  #tell(status: TaskStatus): void {
    if (this.isConnected) this.events.push({ type: "UPDATE", update: { status } });
  }

  #refuse(offerId: string, seconds: number, nowMs: number): void {
    const offer = this.offers.get(offerId);
    this.offers.delete(offerId);
    if (offer !== undefined)
      this.agents.get(offer.agent_id.value)!.refusedBy.set(offer.allocation_info!.role!, nowMs + seconds * 1000);
  }

  #revive(role: string): void {
    this.suppressed.delete(role);
    for (const agent of this.agents.values()) agent.refusedBy.delete(role);
  }

  #offerOf({ id, hostname, attributes, unavailability }: Agent, role: string, free: Resource[]): Offer {
    const offer: Offer = {
      id: { value: `o${this.#next++}` },
      framework_id: { value: "f1" },
      agent_id: { value: id },
      hostname,
      attributes: [...attributes],
      resources: allocate(free, role),
      allocation_info: { role },
      ...(unavailability && { unavailability }),
    };
    this.offers.set(offer.id.value, offer);
    return offer;
  }
}

function withoutAllocation(key: string, value: unknown): unknown {
  return key === "allocation_info" ? undefined : value;
}
