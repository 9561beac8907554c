import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { Call, Event } from "@meseta/api/mesos/generated/executor.ts";
import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { CallFailed, type Loss, type Subscription, type Transport } from "@meseta/lib/core/ports/transport.ts";
import { CallRefused } from "../core/errors.ts";
import { EventQueue } from "../core/event-queue.ts";
import type { ExecutorEnvironment } from "../core/executor-environment.ts";
import { type Format, json } from "../core/format.ts";
import { Unacknowledged } from "../core/unacknowledged.ts";

export interface ExecutorOptions {
  readonly environment: ExecutorEnvironment;
  /** Sixteen random bytes in base64, for each update. */
  readonly uuid: () => string;
  /** Seconds since 1970, for updates' timestamps. */
  readonly nowSeconds: () => number;
  /** Calls back once after so long; gives the function that prevents it. */
  readonly after: (ms: number, run: () => void) => () => void;
  readonly format?: Format;
}

export interface ExecutorHandler {
  /** Every event but heartbeats. After SHUTDOWN, end the tasks, send their updates, and leave. */
  event(event: Event): void;
  /** The agent is away; with checkpointing it is waited for. */
  disconnected?(loss: Loss): void;
  /** No more events will come: end the tasks and leave. */
  ended?(why: string): void;
}

/** Agents send heartbeats to executors every half hour. */
const HEARTBEAT_MS = 30 * 60_000;

/**
 * An executor's side of the Executor API. Updates are kept until the agent has stored them, and told again whenever it comes
 * back; without checkpointing, or when the agent stays away longer than the recovery timeout, the session ends.
 */
export class ExecutorClient {
  readonly #transport: Transport;
  readonly #options: ExecutorOptions;
  readonly #format: Format;
  readonly #open = new Unacknowledged();
  #handler: ExecutorHandler | undefined;
  #subscription: Subscription | undefined;
  #cancelTimeout: (() => void) | undefined;
  #failure: string | undefined;

  constructor(transport: Transport, options: ExecutorOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#format = options.format ?? json;
  }

  /** How many updates the agent has not yet acknowledged; an executor leaves when there are none. */
  get unacknowledgedUpdates(): number {
    return this.#open.updates;
  }

  /** Subscribes, and tells the handler what happens until `close`. Once per client. */
  start(handler: ExecutorHandler): void {
    this.#handler = handler;
    this.#subscription = this.#transport.subscribe({
      body: () => this.#encode({ type: "SUBSCRIBE", subscribe: this.#open.forSubscribe() }),
      opened: () => this.#found(),
      event: (record) => this.#receive(this.#format.decode("mesos.v1.executor.Event", record)),
      lost: (loss) => this.#lost(loss),
    });
    this.#subscription.expectEvery(HEARTBEAT_MS);
  }

  /** Subscribes, and gives the events to a `for await` loop, which throws when the agent ends the session. */
  async *events(): AsyncGenerator<Event, void, void> {
    const queue = new EventQueue<Event>();
    this.start({
      event: (event) => queue.push(event),
      ended: () => queue.end(this.#failure && new Error(this.#failure)),
    });
    try {
      yield* queue;
    } finally {
      this.close();
    }
  }

  /**
   * Reports a task's state; uuid, source, executor and time are filled in. Resolves when the agent has taken it, or when it
   * could not be reached: then the update is sent again with the next subscription. Rejects when it is refused.
   */
  async update(status: Omit<TaskStatus, "uuid" | "source" | "executor_id">): Promise<void> {
    const { uuid, nowSeconds, environment } = this.#options;
    const whole: TaskStatus = {
      timestamp: nowSeconds(),
      ...status,
      uuid: uuid(),
      source: "SOURCE_EXECUTOR",
      executor_id: { value: environment.executorId },
    };
    this.#open.sent(whole);
    await this.#call({ type: "UPDATE", update: { status: whole } }).catch((error: unknown) => {
      if (!(error instanceof CallFailed) && !(error instanceof CallRefused && error.status === 503)) throw error;
    });
  }

  /** Sends bytes, in base64, to the framework's scheduler; nobody promises that they arrive. */
  message(data: string): Promise<void> {
    return this.#call({ type: "MESSAGE", message: { data } });
  }

  heartbeat(): Promise<void> {
    return this.#call({ type: "HEARTBEAT" });
  }

  close(): void {
    this.#end(undefined);
  }

  #encode(call: Omit<Call, "framework_id" | "executor_id">): Uint8Array {
    const { frameworkId, executorId } = this.#options.environment;
    const ids = { framework_id: { value: frameworkId }, executor_id: { value: executorId } };
    return this.#format.encode("mesos.v1.executor.Call", { ...ids, ...call });
  }

  async #call(call: Omit<Call, "framework_id" | "executor_id">): Promise<void> {
    const answer = await this.#transport.call(this.#encode(call));
    if (answer.status >= 200 && answer.status < 300) return;
    const { agentUrl } = this.#options.environment;
    throw new CallRefused(agentUrl, call.type ?? "call", answer.status, decodeUtf8(answer.body));
  }

  #receive(event: Event): void {
    this.#open.see(event);
    if (event.type === "HEARTBEAT") return;
    this.#handler?.event(event);
    if (event.type === "ERROR") this.#end(event.error?.message ?? "the agent ended the session");
  }

  #found(): void {
    this.#cancelTimeout?.();
    this.#cancelTimeout = undefined;
  }

  #lost(loss: Loss): void {
    const { checkpoint, recoveryTimeoutMs } = this.#options.environment;
    this.#handler?.disconnected?.(loss);
    const refused = loss.answer !== undefined && loss.answer.status >= 400 && loss.answer.status < 500;
    if (refused) return this.#end(`the agent refuses the subscription: ${decodeUtf8(loss.answer.body)}`);
    if (loss.wasOpen && !checkpoint) return this.#end("the agent is gone, and the framework does not checkpoint");
    this.#cancelTimeout ??= this.#options.after(recoveryTimeoutMs, () => {
      this.#end(`the agent has been away for ${recoveryTimeoutMs} ms`);
    });
  }

  #end(failure: string | undefined): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#failure = failure;
    this.#cancelTimeout?.();
    this.#transport.close();
    handler?.ended?.(failure ?? "closed");
  }
}
