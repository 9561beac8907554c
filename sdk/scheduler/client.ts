import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type {
  AgentID,
  ExecutorID,
  Filters,
  FrameworkID,
  FrameworkInfo,
  KillPolicy,
  MasterInfo,
  OfferID,
  OfferOperation,
  OperationStatus,
  Request,
  TaskID,
  TaskStatus,
} from "@meseta/api/mesos/generated/mesos.ts";
import type {
  Call,
  CallReconcileOperationsOperation,
  CallReconcileTask,
  Event,
  OfferConstraints,
} from "@meseta/api/mesos/generated/scheduler.ts";
import type { CallOrder, Loss, Subscription, Transport } from "@meseta/lib/core/ports/transport.ts";
import { CallRefused, Disconnected } from "../core/errors.ts";
import { EventQueue } from "../core/event-queue.ts";
import { type Format, json } from "../core/format.ts";

export interface SchedulerOptions {
  /** With an `id`, the framework of that id goes on; without one it is new. */
  readonly framework: FrameworkInfo;
  readonly suppressedRoles?: readonly string[];
  readonly offerConstraints?: OfferConstraints;
  /**
   * "automatic" (the default) acknowledges an update when the handler has returned, or when the reader of `events()` asks
   * for the next one: an update whose handling fails or never ends is sent again. "manual" leaves it to `acknowledge`.
   */
  readonly acknowledge?: "automatic" | "manual";
  /** Must be the transport's; JSON unless said otherwise. */
  readonly format?: Format;
}

/** What a framework hears. All are called one at a time. */
export interface SchedulerHandler {
  /** Every event but heartbeats. SUBSCRIBED comes again after each reconnection. */
  event(event: Event): void;
  /** The stream is lost; unless `ended` follows, it is opened again by itself. */
  disconnected?(loss: Loss): void;
  /** No more events will come: an ERROR event, a refused subscription, or `close`. */
  ended?(why: string): void;
}

/**
 * A framework's side of the Scheduler API: one stream of events, and a typed method for each call. The transport reconnects,
 * follows the leader and watches heartbeats; this client subscribes again under the same id and acknowledges updates.
 */
export class SchedulerClient {
  readonly #transport: Transport;
  readonly #options: SchedulerOptions;
  readonly #format: Format;
  #framework: FrameworkInfo;
  #suppressedRoles: readonly string[] | undefined;
  #handler: SchedulerHandler | undefined;
  #subscription: Subscription | undefined;
  #subscribed = false;
  #ended = false;
  /** Events go to a loop, which acknowledges by coming back. */
  #looped = false;

  constructor(transport: Transport, options: SchedulerOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#format = options.format ?? json;
    this.#framework = options.framework;
    this.#suppressedRoles = options.suppressedRoles;
  }

  /** The id that the master has given, from the first SUBSCRIBED on. */
  get frameworkId(): FrameworkID | undefined {
    return this.#framework.id;
  }

  /** Whether there is a stream now; without one, calls are refused with {@link Disconnected}. */
  get subscribed(): boolean {
    return this.#subscribed;
  }

  /** Subscribes, and tells the handler what happens until `close`. Once per client. */
  start(handler: SchedulerHandler): void {
    this.#handler = handler;
    this.#subscription = this.#transport.subscribe({
      body: () => this.#format.encode("mesos.v1.scheduler.Call", this.#subscribeCall()),
      opened: () => {},
      event: (record) => this.#receive(this.#format.decode("mesos.v1.scheduler.Event", record)),
      lost: (loss) => this.#lost(loss),
    });
  }

  /** Subscribes, and gives the events to a `for await` loop, which throws when the master ends the session. */
  async *events(): AsyncGenerator<Event, void, void> {
    const queue = new EventQueue<Event>();
    this.#looped = true;
    this.start({
      event: (event) => queue.push(event),
      ended: (why) => queue.end(this.#ended ? new Error(why) : undefined),
    });
    try {
      for await (const event of queue) {
        yield event;
        this.#acknowledgeAutomatically(event);
      }
    } finally {
      this.close();
    }
  }

  /** Leaves without ending the framework: its tasks go on for `failover_timeout`. */
  close(): void {
    if (this.#handler === undefined) return this.#transport.close();
    this.#subscribed = false;
    this.#transport.close();
    const handler = this.#handler;
    this.#handler = undefined;
    handler.ended?.("closed");
  }

  /** Uses offers of one agent and one role, in the order of the operations; what is left over is refused by `filters`. */
  accept(offer_ids: OfferID[], operations: OfferOperation[], filters?: Filters): Promise<void> {
    return this.call({ type: "ACCEPT", accept: { offer_ids, operations, filters } });
  }

  decline(offer_ids: OfferID[], filters?: Filters): Promise<void> {
    return this.call({ type: "DECLINE", decline: { offer_ids, filters } });
  }

  acceptInverseOffers(inverse_offer_ids: OfferID[], filters?: Filters): Promise<void> {
    return this.call({ type: "ACCEPT_INVERSE_OFFERS", accept_inverse_offers: { inverse_offer_ids, filters } });
  }

  declineInverseOffers(inverse_offer_ids: OfferID[], filters?: Filters): Promise<void> {
    return this.call({ type: "DECLINE_INVERSE_OFFERS", decline_inverse_offers: { inverse_offer_ids, filters } });
  }

  /** Forgets refusals and suppression, for these roles or for all. */
  revive(roles?: string[]): Promise<void> {
    return this.call({ type: "REVIVE", ...(roles && { revive: { roles } }) });
  }

  /** Wants no offers, for these roles or for all. */
  suppress(roles?: string[]): Promise<void> {
    return this.call({ type: "SUPPRESS", ...(roles && { suppress: { roles } }) });
  }

  kill(task_id: TaskID, agent_id?: AgentID, kill_policy?: KillPolicy): Promise<void> {
    return this.call({ type: "KILL", kill: { task_id, agent_id, kill_policy } });
  }

  shutdown(executor_id: ExecutorID, agent_id: AgentID): Promise<void> {
    return this.call({ type: "SHUTDOWN", shutdown: { executor_id, agent_id } });
  }

  /** For updates with a uuid only; others need none and are ignored here. */
  async acknowledge({ uuid, agent_id, task_id }: TaskStatus): Promise<void> {
    if (!uuid || !agent_id) return;
    await this.call({ type: "ACKNOWLEDGE", acknowledge: { uuid, agent_id, task_id } });
  }

  async acknowledgeOperation(status: OperationStatus): Promise<void> {
    const { uuid, operation_id, agent_id, resource_provider_id } = status;
    if (!uuid || !operation_id) return;
    await this.call({
      type: "ACKNOWLEDGE_OPERATION_STATUS",
      acknowledge_operation_status: { uuid: uuid.value, operation_id, agent_id, resource_provider_id },
    });
  }

  /** Asks for the state of these tasks, or of all when the list is empty; the answers are UPDATE events. */
  reconcile(tasks: CallReconcileTask[] = []): Promise<void> {
    return this.call({ type: "RECONCILE", reconcile: { tasks } });
  }

  reconcileOperations(operations: CallReconcileOperationsOperation[] = []): Promise<void> {
    return this.call({ type: "RECONCILE_OPERATIONS", reconcile_operations: { operations } });
  }

  /** Sends bytes, in base64, to an executor; nobody promises that they arrive. */
  message(agent_id: AgentID, executor_id: ExecutorID, data: string): Promise<void> {
    return this.call({ type: "MESSAGE", message: { agent_id, executor_id, data } });
  }

  request(requests: Request[]): Promise<void> {
    return this.call({ type: "REQUEST", request: { requests } });
  }

  /** Changes the FrameworkInfo and the suppressed roles, which later subscriptions then carry; principal, user and checkpoint stay. */
  async updateFramework(framework_info: FrameworkInfo, suppressedRoles = this.#suppressedRoles): Promise<void> {
    const info = { ...framework_info, id: this.#framework.id };
    await this.call({
      type: "UPDATE_FRAMEWORK",
      update_framework: {
        framework_info: info,
        ...(suppressedRoles && { suppressed_roles: [...suppressedRoles] }),
        offer_constraints: this.#options.offerConstraints,
      },
    });
    this.describe(info, suppressedRoles);
  }

  /** What the next subscription says of this framework; a stream that is open goes on as it is. */
  describe(framework_info: FrameworkInfo, suppressedRoles = this.#suppressedRoles): void {
    this.#framework = { ...framework_info, id: this.#framework.id };
    this.#suppressedRoles = suppressedRoles;
  }

  /** Ends the framework and all its tasks, and closes this client; the id can never be used again. */
  async teardown(): Promise<void> {
    await this.call({ type: "TEARDOWN" });
    this.close();
  }

  /**
   * Sends one call under the framework's id. Resolves when the master has taken it, which is before it has done it.
   * Rejects with {@link Disconnected}, with CallRefused, or with the transport's CallFailed when no answer came.
   */
  async call(call: Omit<Call, "framework_id">): Promise<void> {
    if (!this.#subscribed) throw new Disconnected();
    const body = this.#format.body("mesos.v1.scheduler.Call", { framework_id: this.#framework.id, ...call });
    const answer = await this.#transport.call(body, ORDERS[call.type ?? ""]);
    if (answer.status >= 200 && answer.status < 300) return;
    throw new CallRefused("the master", call.type ?? "call", answer.status, decodeUtf8(answer.body));
  }

  #subscribeCall(): Call {
    const suppressedRoles = this.#suppressedRoles;
    const { offerConstraints } = this.#options;
    return {
      type: "SUBSCRIBE",
      ...(this.#framework.id && { framework_id: this.#framework.id }),
      subscribe: {
        framework_info: this.#framework,
        ...(suppressedRoles && { suppressed_roles: [...suppressedRoles] }),
        ...(offerConstraints && { offer_constraints: offerConstraints }),
      },
    };
  }

  #receive(event: Event): void {
    switch (event.type) {
      case "HEARTBEAT":
        return;
      case "SUBSCRIBED":
        this.#subscribed = true;
        this.#framework = { ...this.#framework, id: event.subscribed!.framework_id };
        this.#subscription!.expectEvery((event.subscribed!.heartbeat_interval_seconds ?? 15) * 1000);
        this.#follow(event.subscribed!.master_info);
        return this.#tell(event);
      case "ERROR":
        this.#tell(event);
        return this.#end(event.error?.message ?? "the master ended the session");
      default:
        return this.#tell(event);
    }
  }

  #follow(master: MasterInfo | undefined): void {
    if (master?.hostname === undefined) return;
    this.#subscription!.ledBy?.({ hostname: master.hostname, port: master.port });
  }

  #tell(event: Event): void {
    const handler = this.#handler;
    if (!handler) return;
    handler.event(event);
    if (!this.#looped) this.#acknowledgeAutomatically(event);
  }

  // A failed acknowledgement needs no care: the agent sends the update again until one arrives.
  #acknowledgeAutomatically(event: Event): void {
    if (this.#options.acknowledge === "manual" || !this.#subscribed) return;
    if (event.update) this.acknowledge(event.update.status).catch(() => {});
    if (event.update_operation_status) this.acknowledgeOperation(event.update_operation_status.status).catch(() => {});
  }

  #lost(loss: Loss): void {
    this.#subscribed = false;
    this.#handler?.disconnected?.(loss);
    const { answer } = loss;
    if (answer && answer.status >= 400 && answer.status < 500) {
      this.#end(`the master refuses the subscription with ${answer.status}: ${decodeUtf8(answer.body)}`);
    }
  }

  #end(why: string): void {
    const handler = this.#handler;
    this.#ended = true;
    this.#subscribed = false;
    this.#handler = undefined;
    this.#transport.close();
    handler?.ended?.(why);
  }
}

/** Thousands of tasks a second are more calls than fit one behind the other. What uses offers says which; an acknowledgement says which status. */
const ORDERS: Readonly<Record<string, CallOrder>> = {
  ACCEPT: "alike",
  ACKNOWLEDGE: "any",
  ACKNOWLEDGE_OPERATION_STATUS: "any",
};
