import { createRandom } from "@meseta/lib/core/random.ts";
import { Loop, type LoopPorts as StoreLoopPorts } from "@meseta/lib/io/loop.ts";
import { Requests } from "@meseta/lib/io/requests.ts";
import type { SchedulerClient, SchedulerOptions } from "@meseta/sdk/scheduler/client.ts";
import { MasterLink } from "@meseta/sdk/scheduler/link.ts";
import type { Call } from "../core/call.ts";
import type { CronConfig } from "../core/config.ts";
import { type Cron, createCron } from "../core/cron.ts";
import type { CronEvent } from "../core/event.ts";
import { type Answer, type CronEffect, CronOut, type Notification } from "../core/out.ts";
import type { CronState } from "../core/state.ts";
import { frameworkOf } from "./framework.ts";
import { Deeds } from "./numbers.ts";

export interface LoopPorts extends StoreLoopPorts {
  /** A new seed at each call, from the machine's randomness. */
  seed(): number;
  /** A client of the masters. */
  connect(options: SchedulerOptions): SchedulerClient;
  /** Tells owners, without being waited for. */
  notify(notification: Notification): void;
}

/** A request that waits for one answer; `refuse` words it in its own API when nothing could be stored. */
interface Asking {
  answered(answer: Answer): void;
  refuse(reason: Error): Answer;
}

/** Cron's core in its daemon, with its hands. Before `start` is done there is no state. */
export class CronLoop {
  readonly requests = new Requests<Answer>();
  readonly deeds = new Deeds();
  readonly daemon: Loop<CronEvent, CronEffect, CronOut, Cron>;
  readonly #config: CronConfig;
  readonly #ports: LoopPorts;
  readonly #master: MasterLink;
  readonly #refusals = new Map<number, (reason: Error) => Answer>();

  constructor(config: CronConfig, ports: LoopPorts) {
    this.#config = config;
    this.#ports = ports;
    this.#master = new MasterLink({
      connect: ports.connect,
      log: ports.log,
      heard: (event) => this.post({ type: "heard", event }),
      disconnected: () => this.post({ type: "disconnected" }),
      failed: (call, refusal) => this.post({ type: "call-failed", call, ...(refusal !== undefined && { refusal }) }),
      ended: (why) => ports.fatal(new Error(why)),
    });
    const startMs = () => ports.clock.nowMs();
    this.daemon = new Loop<CronEvent, CronEffect, CronOut, Cron>(
      {
        create: (records) => createCron(config, { random: createRandom(ports.seed()), startMs: startMs(), records }),
        newOutbox: () => new CronOut(),
        carryOut: (effect) => this.#carryOut(effect),
        refuse: (event, reason) => this.#refuse(event, reason),
        isAsked: (event) => event.type === "call",
        begin: () => this.post({ type: "wake", wake: { for: "start" } }),
        dropped: () => this.#master.close(),
      },
      ports,
    );
  }

  async start(): Promise<void> {
    const opened = await this.daemon.start();
    this.#ports.log.info("Cron's records are loaded", { ...opened, jobs: this.state.entries.size });
  }

  /** Resolves when a master knows it, which may be never. */
  get registered(): Promise<void> {
    return this.#master.registered;
  }

  get state(): CronState {
    return this.daemon.core.state;
  }

  /** `answered` is called once what the call changed is durable, or cannot be. */
  ask(call: Call, { answered, refuse }: Asking): void {
    const request = this.requests.add((answer) => {
      this.#refusals.delete(request);
      answered(answer);
    });
    this.#refusals.set(request, refuse);
    this.post({ type: "call", request, call });
  }

  post(event: CronEvent): void {
    this.daemon.post(event);
  }

  stop(): void {
    this.daemon.stop();
    this.#master.close();
  }

  /** The only place where cron's decisions become deeds. */
  #carryOut(effect: CronEffect): void {
    this.deeds.count(effect);
    switch (effect.type) {
      case "answer":
        return this.requests.answer(effect.request, effect.answer);
      case "send":
        return this.#master.send(effect.call);
      case "subscribe":
        return this.#master.want(frameworkOf(this.#config, effect.frameworkId), [this.#config.role]);
      case "notify":
        return this.#ports.notify(effect.notification);
      case "wake":
        return this.daemon.wake(effect.atMs, { type: "wake", wake: effect.wake });
      case "log":
        return this.#ports.log[effect.level](effect.message, effect.fields);
      case "abort":
        return this.#ports.fatal(new Error(effect.reason));
    }
  }

  #refuse(event: CronEvent, reason: Error): void {
    if (event.type !== "call") return;
    const answer = this.#refusals.get(event.request)?.(reason);
    if (answer !== undefined) this.requests.answer(event.request, answer);
  }
}
