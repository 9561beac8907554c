import { fromJsonText } from "@meseta/api/mesos/codec/from-json.ts";
import { toJson } from "@meseta/api/mesos/codec/to-json.ts";
import type * as operator from "@meseta/api/mesos/generated/master.ts";
import type { WireType, WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import type { MasterEvent } from "@meseta/kernel/core/master/event.ts";
import type { Answer, MasterEffect } from "@meseta/kernel/core/master/out.ts";
import type { MasterState } from "@meseta/kernel/core/master/state.ts";
import type { Hands } from "@meseta/lib/core/daemon.ts";
import type { MasterLife } from "./master-process.ts";
import type { End } from "./network.ts";
import type { Wire } from "./wire.ts";

const SCHEDULER = "/api/v1/scheduler";

/** The hands of one life of a master: the connections that its process holds. */
export class MasterHands implements Hands<MasterEvent, MasterEffect> {
  readonly #life: MasterLife;
  readonly #tell: (effect: MasterEffect) => void;
  readonly #ends = new Set<End>();
  readonly #streams = new Map<number, End>();
  readonly #requests = new Map<number, (answer: Answer) => void>();
  #next = 1;

  /** `tell` is told of each effect that leaves. */
  constructor(life: MasterLife, tell: (effect: MasterEffect) => void = () => {}) {
    this.#life = life;
    this.#tell = tell;
  }

  get open(): number {
    return this.#streams.size + this.#requests.size;
  }

  accept(end: End, from: string): void {
    this.#ends.add(end);
    end.onMessage = (wire) => {
      if (wire.kind === "subscribe") this.#subscribe(end, from, wire);
      else if (wire.kind === "call") this.#call(end, wire);
    };
    end.onClose = () => this.#ends.delete(end);
  }

  operate(call: operator.Call): Promise<Answer | undefined> {
    const request = this.#next++;
    return new Promise((resolve) => {
      this.#requests.set(request, resolve);
      this.#life.post({ type: "operator-call", request, principal: undefined, call });
    });
  }

  /** What an operator reads; undefined when it is refused. */
  read<T>(view: (state: MasterState) => T): Promise<T | undefined> {
    return new Promise((resolve) =>
      this.#life.daemon!.read(
        ({ state }) => view(state),
        resolve,
        () => resolve(undefined),
      ),
    );
  }

  /** An operator listens to what happens, until he calls what is returned. */
  listen(): () => void {
    const stream = this.#next++;
    this.#life.post({ type: "operator-subscribe", stream, principal: undefined });
    return () => this.#life.post({ type: "stream-closed", stream });
  }

  /** The process is gone, or drops all that it knew: its connections break. Operators that wait are left without an answer. */
  closeAll(): void {
    for (const end of this.#ends) end.close();
    this.#ends.clear();
    this.#streams.clear();
    this.#requests.clear();
  }

  refuse(event: MasterEvent, reason: Error): void {
    if ("request" in event) this.#answer(event.request, { status: 503, text: reason.message });
    else if ("call" in event) this.#refuseStream(event.stream, { status: 503, text: reason.message });
  }

  carryOut(effect: MasterEffect): void {
    this.#tell(effect);
    switch (effect.type) {
      case "answer":
        return this.#answer(effect.request, effect.answer);
      case "open":
        return this.#streams.get(effect.stream)?.send({ kind: "opened", headers: effect.headers });
      case "refuse-stream":
        return this.#refuseStream(effect.stream, effect.answer);
      case "send-scheduler":
      case "send-scheduler-unless-slow":
        return this.#send(effect.stream, "mesos.v1.scheduler.Event", effect.event);
      case "send-agent":
      case "send-agent-unless-slow":
        return this.#send(effect.stream, "meseta.link.Event", effect.event);
      case "close":
        return this.#close(effect.stream);
      case "wake":
        return this.#life.wake(effect.atMs, { type: "wake", wake: effect.wake });
      case "send-operator":
      case "send-snapshot":
      case "publish":
      case "log":
        return;
    }
  }

  #subscribe(end: End, from: string, { path, body }: Wire & { kind: "subscribe" }): void {
    const stream = this.#next++;
    this.#streams.set(stream, end);
    end.onClose = () => {
      this.#ends.delete(end);
      this.#streams.delete(stream);
      this.#life.post({ type: "stream-closed", stream });
    };
    const [principal, address] = [undefined, from];
    if (path === SCHEDULER) {
      const call = fromJsonText("mesos.v1.scheduler.Call", body);
      this.#life.post({ type: "scheduler-subscribe", stream, principal, call });
    } else {
      const call = fromJsonText("meseta.link.Call", body);
      this.#life.post({ type: "agent-subscribe", stream, principal, address, call });
    }
  }

  #call(end: End, { request: number, path, body, streamId }: Wire & { kind: "call" }): void {
    const [request, principal] = [this.#next++, undefined];
    this.#requests.set(request, ({ status, text = "" }) => end.send({ kind: "answer", request: number, status, text }));
    if (path === SCHEDULER) {
      const call = fromJsonText("mesos.v1.scheduler.Call", body);
      this.#life.post({ type: "scheduler-call", request, streamId, principal, call });
    } else this.#life.post({ type: "agent-call", request, principal, call: fromJsonText("meseta.link.Call", body) });
  }

  #send<T extends WireType>(stream: number, type: T, event: WireTypes[T]): void {
    this.#streams.get(stream)?.send({ kind: "event", body: toJson(type, event) });
  }

  #answer(request: number, answer: Answer): void {
    const waiting = this.#requests.get(request);
    this.#requests.delete(request);
    waiting?.(answer);
  }

  #refuseStream(stream: number, { status, text = "" }: Answer): void {
    this.#streams.get(stream)?.send({ kind: "refused", status, text });
    this.#close(stream);
  }

  #close(stream: number): void {
    const end = this.#streams.get(stream);
    this.#streams.delete(stream);
    if (end !== undefined) this.#ends.delete(end);
    end?.close();
  }
}
