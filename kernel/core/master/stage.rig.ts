import type * as link from "@meseta/api/mesos/generated/link.ts";
import type * as operator from "@meseta/api/mesos/generated/master.ts";
import type {
  AgentInfoCapabilityType,
  FrameworkInfo,
  FrameworkInfoCapabilityType,
  OfferOperation,
  Resource,
  TaskInfo,
  TaskState,
  TaskStatus,
} from "@meseta/api/mesos/generated/mesos.ts";
import type * as scheduler from "@meseta/api/mesos/generated/scheduler.ts";
import { unallocate } from "@meseta/api/mesos/resources/allocation.ts";
import { printResources } from "@meseta/api/mesos/resources/print.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { Timers } from "@meseta/lib/core/timers.ts";
import { bag } from "../allocator/sketch.rig.ts";
import type { MasterEvent, StreamId } from "./event.ts";
import { createMaster, type Master } from "./master.ts";
import { type Answer, type MasterEffect, MasterOut } from "./out.ts";
import { MASTER_DEFAULTS, type MasterConfig } from "./state.ts";

/** For tests only: a master on a stage, with actors around it that speak its lines. Time passes when told, and every save is kept. */
export class Stage {
  nowMs = 1_000_000;
  master: Master;
  readonly config: MasterConfig;
  readonly records = new Map<string, string>();
  readonly logs: string[] = [];
  /** Why the process was to end. */
  readonly aborts: string[] = [];
  /** What operators who subscribed are told. */
  readonly published: operator.Event[] = [];
  /** The most records that one event saved or erased. */
  mostSaves = 0;
  #epoch = 0;
  #next = 1;
  #timers = new Timers<MasterEvent>();
  #streams = new Map<StreamId, StreamLog>();
  #answers = new Map<number, Answer>();
  #agents: LinkAgent[] = [];
  #pinged: LinkAgent[] = [];

  constructor(config: Partial<MasterConfig> = {}) {
    this.config = { ...CONFIG, ...config };
    this.master = this.#boot();
  }

  get state() {
    return this.master.state;
  }

  /** The master's process ends and starts again; all streams are gone. */
  restart(): void {
    this.#timers = new Timers();
    this.#streams.clear();
    this.master = this.#boot();
  }

  #boot(): Master {
    this.#epoch++;
    const records = [...this.records].sort(([a], [b]) => (a < b ? -1 : 1));
    const random = createRandom(this.#epoch);
    this.master = createMaster(this.config, { random, epoch: this.#epoch, startMs: this.nowMs, records });
    this.apply({ type: "wake", wake: { for: "start" } });
    return this.master;
  }

  apply(event: MasterEvent): void {
    const out = new MasterOut();
    this.master.apply(event, this.nowMs, out);
    this.mostSaves = Math.max(this.mostSaves, out.puts.size + out.deletes.size);
    for (const [key, value] of out.puts) this.records.set(key, value);
    for (const key of out.deletes) this.records.delete(key);
    for (const effect of out.effects) this.#carryOut(effect);
    for (const agent of this.#pinged.splice(0)) agent.pong();
  }

  /** Lets time pass; what falls due is done in its order. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let dueMs = this.#timers.nextMs(); dueMs !== undefined && dueMs <= untilMs; dueMs = this.#timers.nextMs()) {
      this.nowMs = Math.max(this.nowMs, dueMs);
      this.apply(this.#timers.takeDue(this.nowMs)!);
    }
    this.nowMs = untilMs;
  }

  openStream(subscribe: (stream: StreamId) => MasterEvent): StreamLog {
    const stream = this.#next++;
    const log: StreamLog = { stream, events: [], headers: {}, state: "waiting", refusal: undefined };
    this.#streams.set(stream, log);
    this.apply(subscribe(stream));
    return log;
  }

  request(event: (request: number) => MasterEvent): Answer {
    const request = this.#next++;
    this.apply(event(request));
    return this.#answers.get(request)!;
  }

  watch(): void {
    this.openStream((stream) => ({ type: "operator-subscribe", stream, principal: undefined }));
  }

  operate(call: operator.Call): Answer {
    return this.request((request) => ({ type: "operator-call", request, principal: undefined, call }));
  }

  framework(info: Partial<FrameworkInfo> = {}, subscribe: Partial<scheduler.CallSubscribe> = {}): Scheduler {
    return new Scheduler(this, info, subscribe);
  }

  agent(resources = "cpus:4;mem:1024;disk:1000", changes: Partial<link.CallSubscribe> = {}): LinkAgent {
    const agent = new LinkAgent(this, resources, 5051 + this.#next, changes);
    this.#agents.push(agent);
    agent.subscribe();
    return agent;
  }

  #answersPing(stream: StreamId): boolean {
    const agent = this.#agents.find(({ log, isSilent }) => log?.stream === stream && !isSilent);
    if (agent !== undefined) this.#pinged.push(agent);
    return agent !== undefined;
  }

  #carryOut(effect: MasterEffect): void {
    switch (effect.type) {
      case "answer":
        return void this.#answers.set(effect.request, effect.answer);
      case "open":
        return void Object.assign(this.#streams.get(effect.stream)!, { headers: effect.headers, state: "open" });
      case "refuse-stream":
        return void Object.assign(this.#streams.get(effect.stream)!, { refusal: effect.answer, state: "refused" });
      case "send-agent":
      case "send-agent-unless-slow":
        if (effect.event.type === "PING" && this.#answersPing(effect.stream)) return;
        return void this.#streams.get(effect.stream)?.events.push(copyOf(effect.event));
      case "send-scheduler":
      case "send-scheduler-unless-slow":
      case "send-operator":
        return void this.#streams.get(effect.stream)?.events.push(copyOf(effect.event));
      case "send-snapshot":
        return;
      case "publish":
        return void this.published.push(copyOf(effect.event));
      case "close":
        return void Object.assign(this.#streams.get(effect.stream) ?? {}, { state: "closed" });
      case "wake":
        return this.#timers.add(effect.atMs, { type: "wake", wake: effect.wake });
      case "abort":
        return void this.aborts.push(effect.reason);
      case "log":
        return void this.logs.push(effect.message);
    }
  }
}

export interface StreamLog {
  readonly stream: StreamId;
  readonly events: (scheduler.Event | link.Event | operator.Event)[];
  readonly headers: Readonly<Record<string, string>>;
  readonly state: "waiting" | "open" | "closed" | "refused";
  readonly refusal: Answer | undefined;
}

/** A framework's scheduler. It remembers what it was told until it is asked (`take…`). */
export class Scheduler {
  readonly stage: Stage;
  info: FrameworkInfo;
  log!: StreamLog;

  constructor(stage: Stage, info: Partial<FrameworkInfo>, subscribe: Partial<scheduler.CallSubscribe>) {
    this.stage = stage;
    const capabilities = capabilitiesNamed(["MULTI_ROLE", "RESERVATION_REFINEMENT", "PARTITION_AWARE"]);
    const plain = { user: "someone", name: "f", roles: ["eng"], failover_timeout: 3600, checkpoint: true };
    this.info = { ...plain, principal: "p", capabilities, ...info };
    this.subscribe(subscribe);
  }

  subscribe(subscribe: Partial<scheduler.CallSubscribe> = {}, principal?: string): void {
    const call: scheduler.Call = { type: "SUBSCRIBE", subscribe: { framework_info: this.info, ...subscribe } };
    this.log = this.stage.openStream((stream) => ({ type: "scheduler-subscribe", stream, principal, call }));
    const subscribed = (this.log.events as scheduler.Event[]).find(({ type }) => type === "SUBSCRIBED")?.subscribed;
    if (subscribed !== undefined) this.info = { ...this.info, id: subscribed.framework_id };
  }

  get id(): string {
    return this.info.id!.value;
  }

  get held() {
    return this.stage.state.frameworks.get(this.id);
  }

  call(call: scheduler.Call, streamId: string | undefined = this.log.headers["Mesos-Stream-Id"]): Answer {
    const whole = { framework_id: this.info.id, ...call };
    return this.stage.request((request) => ({
      type: "scheduler-call",
      request,
      streamId,
      principal: undefined,
      call: whole,
    }));
  }

  /** Its stream breaks. */
  leave(): void {
    this.stage.apply({ type: "stream-closed", stream: this.log.stream });
  }

  /** The events of the type, or all, that were not taken before. */
  take(type?: scheduler.EventType): scheduler.Event[] {
    return takeOf(this.log.events as scheduler.Event[], type);
  }

  takeOffers() {
    return this.take("OFFERS").flatMap(({ offers }) => offers?.offers ?? []);
  }

  /** The offers that it could use now. */
  standing() {
    return [...this.held!.offers].map((id) => this.stage.state.offers.get(id)!.offer);
  }

  /** `agent: resources` for each. */
  shownOffers(): string[] {
    return this.takeOffers().map(({ agent_id, resources }) => `${agent_id.value}: ${shown(resources)}`);
  }

  takeUpdates(): TaskStatus[] {
    return this.take("UPDATE").flatMap(({ update }) => update?.status ?? []);
  }

  /** `task STATE REASON` for each. */
  shownUpdates(): string[] {
    return this.takeUpdates().map((status) =>
      [status.task_id.value, status.state, status.reason].filter((part) => part !== undefined).join(" "),
    );
  }

  takeOperationUpdates() {
    return this.take("UPDATE_OPERATION_STATUS").flatMap(({ update_operation_status: update }) => update?.status ?? []);
  }

  accept(offers: readonly { id: { value: string } }[], operations: OfferOperation[], refuse_seconds = 0): Answer {
    const accept = { offer_ids: offers.map(({ id }) => id), operations, filters: { refuse_seconds } };
    return this.call({ type: "ACCEPT", accept });
  }

  /** Launches with the command executor on the first offer of the agent that has come since the last time. */
  launch(agent: LinkAgent, ...taskIds: string[]): void {
    const offer = this.takeOffers().filter(({ agent_id }) => agent_id.value === agent.id);
    this.accept(offer.slice(-1), [{ type: "LAUNCH", launch: { task_infos: taskIds.map((id) => task(id, agent.id)) } }]);
  }

  acknowledge({ task_id, agent_id, uuid }: TaskStatus): Answer {
    return this.call({ type: "ACKNOWLEDGE", acknowledge: { task_id, agent_id: agent_id!, uuid: uuid! } });
  }
}

/** An agent at the other end of the link. What runs on it is up to the test. */
export class LinkAgent {
  readonly stage: Stage;
  readonly subscribed: link.CallSubscribe;
  bootId = "boot-1";
  /** It answers pings unless told not to. */
  isSilent = false;
  address = "10.0.0.1";
  id = "";
  epoch: number | undefined;
  log!: StreamLog;
  /** Versions of the link. */
  speaks: { link_version: number; oldest_link_version?: number } = { link_version: 1 };
  #updates = 0;

  constructor(stage: Stage, resources: string, port: number, changes: Partial<link.CallSubscribe>) {
    this.stage = stage;
    const capabilities = AGENT_CAPABILITIES.map((type) => ({ type }));
    const agent_info = { hostname: "host", port };
    const total_resources = bag(resources);
    this.subscribed = { agent_info, version: "1.0", capabilities, total_resources, resource_version: "v1", ...changes };
  }

  subscribe(changes: Partial<link.CallSubscribe> = {}): void {
    const agent_id = this.id === "" ? undefined : { value: this.id };
    const call: link.Call = {
      ...{ ...this.speaks, boot_id: this.bootId, epoch: this.epoch, agent_id, type: "SUBSCRIBE" },
      subscribe: { ...this.subscribed, ...changes },
    };
    const { address } = this;
    this.log = this.stage.openStream((stream) => ({
      type: "agent-subscribe",
      stream,
      principal: undefined,
      address,
      call,
    }));
    const welcome = this.events.find(({ type }) => type === "SUBSCRIBED")?.subscribed;
    if (welcome === undefined) return;
    this.id = welcome.agent_id.value;
    this.epoch = welcome.epoch;
  }

  get events(): link.Event[] {
    return this.log.events as link.Event[];
  }

  take(type?: link.EventType): link.Event[] {
    return takeOf(this.events, type);
  }

  call(call: Partial<link.Call>): Answer {
    const whole: link.Call = {
      ...{ link_version: 1, boot_id: this.bootId, epoch: this.epoch, agent_id: { value: this.id } },
      ...call,
    };
    return this.stage.request((request) => ({ type: "agent-call", request, principal: undefined, call: whole }));
  }

  send(...messages: link.Message[]): Answer {
    return this.call({ type: "MESSAGES", messages });
  }

  pong(): Answer {
    return this.send({ type: "PONG" });
  }

  update(
    framework: { id: string },
    taskId: string,
    state: TaskState,
    more: Partial<TaskStatus> = {},
    latest_state: TaskState = state,
  ): TaskStatus {
    const uuid = `${String(++this.#updates).padStart(22, "0")}==`;
    const status: TaskStatus = {
      ...{ task_id: { value: taskId }, state, agent_id: { value: this.id }, source: "SOURCE_EXECUTOR" as const, uuid },
      ...more,
    };
    this.send({ type: "UPDATE", update: { framework_id: { value: framework.id }, status, latest_state } });
    return status;
  }

  /** Its stream breaks. */
  leave(): void {
    this.stage.apply({ type: "stream-closed", stream: this.log.stream });
  }
}

// What was sent must not change with what the master changes later.
function copyOf<T>(event: T): T {
  return JSON.parse(JSON.stringify(event));
}

function takeOf<E extends { type?: string | undefined }>(events: E[], type: E["type"]): E[] {
  const all = events.splice(0);
  if (type === undefined) return all;
  events.push(...all.filter((event) => event.type !== type));
  return all.filter((event) => event.type === type);
}

/** A task with a command. */
export function task(id: string, agentId: string, resources = "cpus:1;mem:64", more: Partial<TaskInfo> = {}): TaskInfo {
  return {
    name: id,
    task_id: { value: id },
    agent_id: { value: agentId },
    resources: bag(resources),
    command: { value: "true" },
    ...more,
  };
}

export function shown(resources: readonly Resource[] | undefined): string {
  return printResources(unallocate(resources ?? []));
}

export function capabilitiesNamed(types: readonly FrameworkInfoCapabilityType[]) {
  return types.map((type) => ({ type }));
}

const AGENT_CAPABILITIES: readonly AgentInfoCapabilityType[] = [
  "MULTI_ROLE",
  "HIERARCHICAL_ROLE",
  "RESERVATION_REFINEMENT",
  "RESOURCE_PROVIDER",
  "RESIZE_VOLUME",
  "AGENT_OPERATION_FEEDBACK",
  "AGENT_DRAINING",
  "TASK_RESOURCE_LIMITS",
];

const CONFIG: MasterConfig = {
  ...MASTER_DEFAULTS,
  hostname: "master",
  ip: "127.0.0.1",
  port: 5050,
  version: "1.12.0",
};
