import { fromJsonText } from "@meseta/api/mesos/codec/from-json.ts";
import { toJson } from "@meseta/api/mesos/codec/to-json.ts";
import type { WireType, WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import type { MasterEvent } from "@meseta/kernel/core/master/event.ts";
import { createMaster, type Master } from "@meseta/kernel/core/master/master.ts";
import { type MasterEffect, MasterOut } from "@meseta/kernel/core/master/out.ts";
import type { MasterConfig } from "@meseta/kernel/core/master/state.ts";
import type { Hands } from "@meseta/lib/core/daemon.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { Disk } from "./disk.ts";
import { type Doors, pack, unpack, type Wire } from "./door.ts";
import { type Kind, Life } from "./life.ts";
import type { End } from "./network.ts";
import type { World } from "./world.ts";

type MasterLife = Life<MasterEvent, MasterEffect, MasterOut, Master>;

/** A master of the simulated cluster: the production core and daemon; its process can be killed and started again. */
export class SimMaster {
  readonly place = "master";
  readonly disk: Disk;
  /** Called for each death that was not our doing: a bug. */
  onCrash: (reason: Error) => void = () => {};
  readonly #world: World;
  readonly #doors: Doors;
  readonly #config: MasterConfig;
  #life: MasterLife | undefined;
  #streams = new Map<number, End>();
  #requests = new Map<number, { end: End; request: number }>();
  #next = 1;

  constructor(world: World, doors: Doors, config: MasterConfig) {
    this.#world = world;
    this.#doors = doors;
    this.#config = config;
    this.disk = new Disk(world);
  }

  get alive(): boolean {
    return this.#life?.alive ?? false;
  }

  /** The core, while the process runs. */
  get core(): Master | undefined {
    return this.alive ? this.#life!.daemon?.core : undefined;
  }

  start(): void {
    this.#streams = new Map();
    this.#requests = new Map();
    this.#life = new Life(this.#world, this.disk, this.#kind(), (reason) => this.onCrash(reason));
  }

  kill(): void {
    this.#life?.kill();
    this.#doors.leave(this.place);
  }

  /** An operator's call, answered without a network between. */
  operate(call: WireTypes["mesos.v1.master.Call"]): void {
    this.#life?.post({ type: "operator-call", request: this.#next++, principal: undefined, call });
  }

  #kind(): Kind<MasterEvent, MasterEffect, MasterOut, Master> {
    return {
      newOutbox: () => new MasterOut(),
      load: async (store, epoch) =>
        createMaster(this.#config, {
          random: createRandom(this.#world.random.below(0x7fffffff)),
          epoch,
          startMs: this.#world.nowMs,
          records: await store.scan(""),
        }),
      hands: (life) => this.#hands(life),
      started: (life) => {
        this.#doors.listen(this.place, (end, from) => this.#accept(life, end, from));
        life.post({ type: "wake", wake: { for: "start" } });
      },
      dropped: () => {
        this.#doors.leave(this.place);
        this.#streams.clear();
        this.#requests.clear();
      },
    };
  }

  #accept(life: MasterLife, end: End, from: string): void {
    end.onMessage = (text) => {
      const wire = unpack(text);
      if (wire.kind === "subscribe") this.#subscribe(life, end, from, wire);
      else if (wire.kind === "call") this.#call(life, end, wire);
    };
  }

  #subscribe(life: MasterLife, end: End, from: string, wire: Wire & { kind: "subscribe" }): void {
    const stream = this.#next++;
    this.#streams.set(stream, end);
    end.onClose = () => {
      this.#streams.delete(stream);
      life.post({ type: "stream-closed", stream });
    };
    if (wire.path === "/api/v1/scheduler")
      life.post({
        type: "scheduler-subscribe",
        stream,
        principal: undefined,
        call: fromJsonText("mesos.v1.scheduler.Call", wire.body),
      });
    else
      life.post({
        type: "agent-subscribe",
        stream,
        principal: undefined,
        address: from,
        call: fromJsonText("meseta.link.Call", wire.body),
      });
  }

  #call(life: MasterLife, end: End, wire: Wire & { kind: "call" }): void {
    const request = this.#next++;
    this.#requests.set(request, { end, request: wire.request });
    const { streamId } = wire;
    if (wire.path === "/api/v1/scheduler")
      life.post({
        type: "scheduler-call",
        request,
        streamId,
        principal: undefined,
        call: fromJsonText("mesos.v1.scheduler.Call", wire.body),
      });
    else
      life.post({
        type: "agent-call",
        request,
        principal: undefined,
        call: fromJsonText("meseta.link.Call", wire.body),
      });
  }

  #hands(life: MasterLife): Hands<MasterEvent, MasterEffect> {
    return {
      carryOut: (effect) => this.#carryOut(life, effect),
      refuse: (event, reason) => {
        if ("request" in event) this.#answer(event.request, 503, reason.message);
        else if ("call" in event) this.#refuseStream(event.stream, 503, reason.message);
      },
    };
  }

  #carryOut(life: MasterLife, effect: MasterEffect): void {
    switch (effect.type) {
      case "answer":
        return this.#answer(effect.request, effect.answer.status, effect.answer.text ?? "");
      case "open":
        return this.#streams.get(effect.stream)?.send(pack({ kind: "opened", headers: effect.headers }));
      case "refuse-stream":
        return this.#refuseStream(effect.stream, effect.answer.status, effect.answer.text ?? "");
      case "send-scheduler":
        return this.#send(effect.stream, "mesos.v1.scheduler.Event", effect.event);
      case "send-agent":
        return this.#send(effect.stream, "meseta.link.Event", effect.event);
      case "close":
        this.#streams.get(effect.stream)?.close();
        this.#streams.delete(effect.stream);
        return;
      case "wake":
        return this.#world.after(effect.atMs - this.#world.nowMs, () => life.post({ type: "wake", wake: effect.wake }));
      case "send-operator":
      case "send-snapshot":
      case "publish":
      case "log":
        return;
    }
  }

  #send<T extends WireType>(stream: number, type: T, event: WireTypes[T]): void {
    this.#streams.get(stream)?.send(pack({ kind: "event", body: toJson(type, event) }));
  }

  #answer(request: number, status: number, text: string): void {
    const waiting = this.#requests.get(request);
    this.#requests.delete(request);
    waiting?.end.send(pack({ kind: "answer", request: waiting.request, status, text }));
  }

  #refuseStream(stream: number, status: number, text: string): void {
    const end = this.#streams.get(stream);
    this.#streams.delete(stream);
    end?.send(pack({ kind: "refused", status, text }));
    end?.close();
  }
}
