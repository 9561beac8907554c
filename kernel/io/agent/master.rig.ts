import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { decodeProtobuf, encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import type { Call, Event, Message } from "@meseta/api/mesos/generated/link.ts";
import type { FrameworkInfo, TaskInfo, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { encodeRecord } from "@meseta/lib/core/recordio.ts";

/** A master that a test plays: it speaks the agent link, keeps what it hears, and acknowledges updates unless told not to. For tests only. */
export class MasterRig {
  readonly subscriptions: Call[] = [];
  readonly messages: Message[] = [];
  readonly statuses: TaskStatus[] = [];
  acknowledges = true;
  /** Calls beside subscriptions that have come. */
  calls = 0;
  /** The status with which all calls but subscriptions are answered, instead of 202. */
  refuses: number | undefined;
  /** Called with every status, before it is acknowledged. */
  onStatus: (status: TaskStatus) => void = () => {};
  #stream: ServerResponse | undefined;
  #waiting: (() => void)[] = [];
  readonly #server: Server;
  #agents = 0;

  static async open(port = 0): Promise<MasterRig> {
    const rig = new MasterRig();
    await new Promise<void>((resolve) => rig.#server.listen(port, "127.0.0.1", resolve));
    return rig;
  }

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get resourceVersion(): string {
    return this.subscriptions.at(-1)!.subscribe!.resource_version;
  }

  send(event: Event): void {
    this.#stream!.write(encodeRecord(encodeProtobuf("meseta.link.Event", event)));
  }

  run(task: TaskInfo, framework_info: FrameworkInfo): void {
    this.send({
      type: "RUN",
      run: { framework_info, task, launch_executor: true, resource_version: this.resourceVersion },
    });
  }

  acknowledge(status: TaskStatus, frameworkId: string): void {
    const { task_id, uuid } = status;
    this.send({ type: "ACKNOWLEDGE", acknowledge: { framework_id: { value: frameworkId }, task_id, uuid: uuid! } });
  }

  /** Resolves when the condition holds; it is looked at after everything that comes. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** The states of a task, in the order in which they came. */
  statesOf(taskId: string): string[] {
    return this.statuses.filter((status) => status.task_id.value === taskId).map((status) => status.state);
  }

  /** Waits for a status of the task in one of these states. */
  async status(taskId: string, ...states: string[]): Promise<TaskStatus> {
    const found = () =>
      this.statuses.find((status) => status.task_id.value === taskId && states.includes(status.state));
    await this.until(() => found() !== undefined);
    return found()!;
  }

  breakLink(): void {
    this.#stream?.destroy();
    this.#stream = undefined;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
    const call = decodeProtobuf("meseta.link.Call", Buffer.concat(chunks));
    if (call.type === "SUBSCRIBE") this.#subscribe(call, response);
    else {
      this.calls++;
      response.writeHead(this.refuses ?? 202).end();
      for (const message of call.messages ?? []) this.#hear(message);
    }
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #subscribe(call: Call, response: ServerResponse): void {
    this.subscriptions.push(call);
    this.#stream = response.writeHead(200, { "Content-Type": "application/x-protobuf" });
    this.send({
      type: "SUBSCRIBED",
      subscribed: {
        agent_id: call.agent_id ?? { value: `rig-S${this.#agents++}` },
        epoch: 1,
        master_info: { id: "rig", ip: 0, port: 5050, hostname: "localhost" },
        ping_interval_seconds: 15,
        ping_timeout_seconds: 75,
      },
    });
  }

  #hear(message: Message): void {
    this.messages.push(message);
    if (message.type !== "UPDATE") return;
    const { status, framework_id } = message.update!;
    this.statuses.push(status);
    this.onStatus(status);
    if (this.acknowledges && status.uuid !== undefined) this.acknowledge(status, framework_id.value);
  }
}
