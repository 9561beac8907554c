import { decodeUtf8, encodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import {
  type CallAnswer,
  CallFailed,
  type Subscriber,
  type Subscription,
  type Transport,
} from "@meseta/lib/core/ports/transport.ts";
import type { Doors } from "./door.ts";
import type { End } from "./network.ts";
import type { Wire } from "./wire.ts";
import type { World } from "./world.ts";

const MISSED_INTERVALS = 5;

/** The typed clients' port over the simulated network: the twin of the HTTP driver, with the same promises. */
export class SimTransport implements Transport {
  readonly #world: World;
  readonly #doors: Doors;
  readonly #from: string;
  readonly #path: string;
  readonly #waiting = new Map<number, { resolve(answer: CallAnswer): void; reject(error: Error): void }>();
  #stream: End | undefined;
  #calls: End | undefined;
  #streamId: string | undefined;
  #session = 0;
  #next = 1;
  #heardMs = 0;
  #closed = false;

  constructor(world: World, doors: Doors, from: string, path: string) {
    this.#world = world;
    this.#doors = doors;
    this.#from = from;
    this.#path = path;
  }

  call(body: Uint8Array | string): Promise<CallAnswer> {
    return new Promise((resolve, reject) => {
      const calls = this.#calls;
      if (calls === undefined || this.#closed) return reject(new CallFailed("there is no connection", true));
      const request = this.#next++;
      this.#waiting.set(request, { resolve, reject });
      calls.send({ kind: "call", request, path: this.#path, streamId: this.#streamId, body: textOf(body) });
    });
  }

  subscribe(subscriber: Subscriber): Subscription {
    this.#world.after(0, () => this.#connect(subscriber));
    return {
      expectEvery: (intervalMs) => this.#watch(subscriber, this.#session, intervalMs * MISSED_INTERVALS),
      close: () => this.close(),
    };
  }

  close(): void {
    this.#closed = true;
    this.#cut("closed");
  }

  #connect(subscriber: Subscriber): void {
    if (this.#closed) return;
    const session = ++this.#session;
    const stream = this.#doors.connect(this.#from, "master");
    const calls = this.#doors.connect(this.#from, "master");
    [this.#stream, this.#calls, this.#streamId] = [stream, calls, undefined];
    const lost = (): void => this.#lost(subscriber, session, "the connection broke");
    stream.onClose = lost;
    calls.onClose = lost;
    calls.onMessage = (wire) => this.#answered(wire);
    stream.onMessage = (wire) => this.#heard(subscriber, session, wire);
    stream.send({ kind: "subscribe", path: this.#path, body: decodeUtf8(subscriber.body()) });
  }

  #heard(subscriber: Subscriber, session: number, wire: Wire): void {
    if (session !== this.#session || this.#closed) return;
    this.#heardMs = this.#world.nowMs;
    if (wire.kind === "opened") {
      this.#streamId = wire.headers["Mesos-Stream-Id"];
      subscriber.opened(wire.headers);
    } else if (wire.kind === "event") subscriber.event(encodeUtf8(wire.body));
    else if (wire.kind === "refused") this.#lost(subscriber, session, `${wire.status} ${wire.text}`);
  }

  #answered(wire: Wire): void {
    if (wire.kind !== "answer") return;
    const waiting = this.#waiting.get(wire.request);
    this.#waiting.delete(wire.request);
    waiting?.resolve({ status: wire.status, headers: {}, body: encodeUtf8(wire.text) });
  }

  #lost(subscriber: Subscriber, session: number, reason: string): void {
    if (session !== this.#session || this.#closed) return;
    const wasOpen = this.#streamId !== undefined;
    this.#session++;
    this.#cut(reason);
    const retryInMs = this.#world.between(100, 3_000);
    subscriber.lost({ reason, wasOpen, retryInMs });
    this.#world.after(retryInMs, () => this.#connect(subscriber));
  }

  #watch(subscriber: Subscriber, session: number, silenceMs: number): void {
    this.#world.after(silenceMs, () => {
      if (session !== this.#session || this.#closed) return;
      if (this.#world.nowMs - this.#heardMs >= silenceMs)
        this.#lost(subscriber, session, "nothing was heard for too long");
      else this.#watch(subscriber, session, silenceMs);
    });
  }

  #cut(reason: string): void {
    this.#stream?.close();
    this.#calls?.close();
    [this.#stream, this.#calls, this.#streamId] = [undefined, undefined, undefined];
    for (const { reject } of this.#waiting.values()) reject(new CallFailed(reason, false));
    this.#waiting.clear();
  }
}

function textOf(body: Uint8Array | string): string {
  return typeof body === "string" ? body : decodeUtf8(body);
}
