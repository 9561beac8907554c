import { createRandom } from "@meseta/lib/core/random.ts";
import { Loop, type LoopPorts as StoreLoopPorts } from "@meseta/lib/io/loop.ts";
import { Requests } from "@meseta/lib/io/requests.ts";
import type { SchedulerClient, SchedulerOptions } from "@meseta/sdk/scheduler/client.ts";
import { MasterLink } from "@meseta/sdk/scheduler/link.ts";
import type { Call } from "../core/call.ts";
import type { InitConfig } from "../core/config.ts";
import type { Client, InitEvent } from "../core/event.ts";
import { createInit, type Init } from "../core/init.ts";
import { type Answer, type InitEffect, InitOut } from "../core/out.ts";
import { message } from "../core/routes.ts";
import type { InitState } from "../core/state.ts";
import { frameworkOf } from "./framework.ts";
import { Deeds } from "./numbers.ts";
import { type ReaderSettings, Readers } from "./readers.ts";

export interface LoopPorts extends StoreLoopPorts {
  /** A new seed at each call, from the machine's randomness. */
  seed(): number;
  /** A client of the masters. */
  connect(options: SchedulerOptions): SchedulerClient;
}

/** Init's core in its daemon, with its hands. Before `start` is done there is no state. */
export class InitLoop {
  readonly requests = new Requests<Answer>();
  readonly readers: Readers;
  readonly deeds = new Deeds();
  readonly daemon: Loop<InitEvent, InitEffect, InitOut, Init>;
  readonly #config: InitConfig;
  readonly #ports: LoopPorts;
  readonly #master: MasterLink;

  constructor(config: InitConfig, ports: LoopPorts, readers: Omit<ReaderSettings, "life" | "nowMs">) {
    this.#config = config;
    this.#ports = ports;
    const nowMs = () => ports.clock.nowMs();
    this.readers = new Readers({ ...readers, life: nowMs().toString(36), nowMs });
    this.#master = new MasterLink({
      connect: ports.connect,
      log: ports.log,
      heard: (event) => this.daemon.post({ type: "heard", event }),
      disconnected: () => this.daemon.post({ type: "disconnected" }),
      failed: (call, refusal) =>
        this.daemon.post({ type: "call-failed", call, ...(refusal !== undefined && { refusal }) }),
      ended: (why) => ports.fatal(new Error(why)),
    });
    this.daemon = new Loop<InitEvent, InitEffect, InitOut, Init>(
      {
        create: (records) => createInit(config, { random: createRandom(ports.seed()), startMs: nowMs(), records }),
        newOutbox: () => new InitOut(),
        carryOut: (effect) => this.#carryOut(effect),
        refuse: (event, reason) => this.#refuse(event, reason),
        isAsked: (event) => event.type === "call",
        begin: () => this.post({ type: "wake", wake: { for: "start" } }),
        dropped: () => this.#drop(),
      },
      ports,
    );
  }

  async start(): Promise<void> {
    const opened = await this.daemon.start();
    this.#ports.log.info("Init's records are loaded", { ...opened, services: this.state.services.size });
  }

  /** Resolves when a master knows it, which may be never. */
  get registered(): Promise<void> {
    return this.#master.registered;
  }

  get state(): InitState {
    return this.daemon.core.state;
  }

  /** `answered` is called once what the call changed is durable, or cannot be. */
  ask(call: Call, client: Client, answered: (answer: Answer) => void): void {
    this.daemon.post({ type: "call", request: this.requests.add(answered), call, client });
  }

  post(event: InitEvent): void {
    this.daemon.post(event);
  }

  stop(): void {
    this.daemon.stop();
    this.#drop();
  }

  // Who reads events comes again and fetches what it missed; the master is subscribed to anew.
  #drop(): void {
    this.#master.close();
    this.readers.closeAll();
  }

  /** The only place where init's decisions become deeds. */
  #carryOut(effect: InitEffect): void {
    this.deeds.count(effect);
    switch (effect.type) {
      case "answer":
        return this.requests.answer(effect.request, effect.answer);
      case "publish":
        return this.readers.publish(effect.notice, effect.atMs);
      case "send":
        return this.#master.send(effect.call);
      case "roles": {
        const { frameworkId } = this.state.master;
        return this.#master.want(frameworkOf(this.#config, effect.roles, frameworkId), effect.suppressed);
      }
      case "wake":
        return this.daemon.wake(effect.atMs, { type: "wake", wake: effect.wake });
      case "log":
        return this.#ports.log[effect.level](effect.message, effect.fields);
      case "abort":
        return this.#ports.fatal(new Error(effect.reason));
    }
  }

  #refuse(event: InitEvent, reason: Error): void {
    if (event.type === "call")
      this.requests.answer(event.request, message(503, `Nothing was changed: ${reason.message}`));
  }
}
