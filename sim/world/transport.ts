import { decodeUtf8, encodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import type { Address } from "@meseta/lib/core/ports/election.ts";
import {
  type CallAnswer,
  CallFailed,
  type Subscriber,
  type Subscription,
  type Transport,
} from "@meseta/lib/core/ports/transport.ts";
import { firstRetryMs, longestMoveMs, longestRetryMs } from "@meseta/lib/io/event-source.ts";
import { SILENT_MS } from "@meseta/lib/io/leader-watch.ts";
import { Leaders } from "@meseta/lib/io/leaders.ts";
import type { Doors } from "./door.ts";
import { leaderChanged, placeOf } from "./leader-watch.ts";
import { MASTER_PORT, masterUrls } from "./masters.ts";
import type { End } from "./network.ts";
import type { Wire } from "./wire.ts";
import type { World } from "./world.ts";

const NOTHING = new Uint8Array();
const MISSED_INTERVALS = 5;
const MOST_REDIRECTS = 5;
/** As long as production's client of HTTP waits for the head of an answer. */
const ANSWER_MS = 30_000;
/** As long as it waits for the first event, which says how often there will be one. */
const SUBSCRIBED_MS = 15_000 * MISSED_INTERVALS;

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
  readonly #leaders: Leaders;
  /** Attempts that failed since the last event. */
  #failures = 0;
  #redirects = 0;
  #watching = new AbortController();
  #closed = false;

  constructor(world: World, doors: Doors, from: string, path: string) {
    this.#world = world;
    this.#doors = doors;
    this.#from = from;
    this.#path = path;
    this.#leaders = new Leaders(masterUrls(doors.masters));
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
      ledBy: (leader) => void this.#ledBy(subscriber, this.#session, leader),
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
    const master = placeOf(this.#leaders.url);
    const [stream, calls] = [this.#doors.connect(this.#from, master), this.#doors.connect(this.#from, master)];
    [this.#stream, this.#calls, this.#streamId] = [stream, calls, undefined];
    const lost = (): void => this.#broke(subscriber, session, "the connection broke");
    stream.onClose = lost;
    calls.onClose = lost;
    calls.onMessage = (wire) => this.#answered(wire);
    stream.onMessage = (wire) => this.#heard(subscriber, session, wire);
    stream.send({ kind: "subscribe", path: this.#path, body: decodeUtf8(subscriber.body()) });
    this.#world.after(SILENT_MS, () => {
      const isSilent = session === this.#session && !this.#closed && this.#streamId === undefined;
      if (isSilent) void this.#ledBy(subscriber, session, { hostname: master, port: MASTER_PORT });
    });
    this.#world.after(ANSWER_MS, () => this.#streamId ?? this.#broke(subscriber, session, "no answer in time"));
  }

  #heard(subscriber: Subscriber, session: number, wire: Wire): void {
    if (session !== this.#session || this.#closed) return;
    this.#heardMs = this.#world.nowMs;
    if (wire.kind === "opened") {
      this.#redirects = 0;
      this.#watching.abort("answered");
      this.#streamId = wire.headers["Mesos-Stream-Id"];
      this.#watch(subscriber, session, SUBSCRIBED_MS);
      subscriber.opened(wire.headers);
    } else if (wire.kind === "event") {
      this.#failures = 0;
      subscriber.event(wire.body);
    } else if (wire.kind === "refused") this.#refused(subscriber, session, wire);
  }

  #refused(subscriber: Subscriber, session: number, { status, text, location }: Wire & { kind: "refused" }): void {
    if (status === 307 && location !== undefined && this.#redirects++ < MOST_REDIRECTS) {
      this.#leaders.follow(location);
      this.#session++;
      this.#cut("sent on");
      return this.#connect(subscriber);
    }
    this.#redirects = 0;
    if (status >= 500) return this.#broke(subscriber, session, `${status} ${text}`);
    this.#lost(subscriber, session, `${status} ${text}`);
  }

  /** A connection that was never open says something of its server: the next one is asked. */
  #broke(subscriber: Subscriber, session: number, reason: string): void {
    if (session !== this.#session || this.#closed) return;
    const wasOpen = this.#streamId !== undefined;
    if (!wasOpen) this.#leaders.next();
    this.#lost(subscriber, session, reason, wasOpen ? undefined : "elsewhere");
  }

  #answered(wire: Wire): void {
    if (wire.kind !== "answer") return;
    const waiting = this.#waiting.get(wire.request);
    this.#waiting.delete(wire.request);
    waiting?.resolve({ status: wire.status, headers: {}, body: wire.text === "" ? NOTHING : encodeUtf8(wire.text) });
  }

  #lost(subscriber: Subscriber, session: number, reason: string, next?: "elsewhere" | "named"): void {
    if (session !== this.#session || this.#closed) return;
    const wasOpen = this.#streamId !== undefined;
    this.#session++;
    this.#cut(reason);
    const retryInMs = this.#leaders.count === 1 ? this.#world.between(100, 3_000) : this.#pauseMs(next);
    subscriber.lost({ reason, wasOpen, retryInMs });
    this.#world.after(retryInMs, () => this.#connect(subscriber));
  }

  // As lib/io/event-source.ts: to who was named soon, the rest of the list at once, then pauses that double.
  #pauseMs(next: "elsewhere" | "named" | undefined): number {
    if (next === "named") return Math.round(longestMoveMs * this.#world.random.next());
    const round = Math.floor(this.#failures++ / this.#leaders.count);
    const endOfList = this.#failures % this.#leaders.count === 0;
    if (next === "elsewhere" && !endOfList && this.#failures > 1) return 0;
    const longest = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(round, 10));
    return Math.round(longest * (0.5 + this.#world.random.next() / 2));
  }

  async #ledBy(subscriber: Subscriber, session: number, leader: Address): Promise<void> {
    if (this.#leaders.count === 1) return;
    this.#watching.abort("over");
    this.#watching = new AbortController();
    const asking = { world: this.#world, doors: this.#doors, from: this.#from };
    const next = await leaderChanged(asking, this.#leaders, leader, this.#watching.signal);
    if (session !== this.#session || this.#closed) return;
    this.#leaders.follow(`//${hostAndPort(next.hostname, next.port)}`);
    this.#lost(subscriber, session, "another server leads now", "named");
  }

  #watch(subscriber: Subscriber, session: number, silenceMs: number, waitMs = silenceMs): void {
    this.#world.after(waitMs, () => {
      if (session !== this.#session || this.#closed) return;
      const silentMs = this.#world.nowMs - this.#heardMs;
      if (silentMs >= silenceMs) this.#lost(subscriber, session, "nothing was heard for too long");
      else this.#watch(subscriber, session, silenceMs, silenceMs - silentMs);
    });
  }

  #cut(reason: string): void {
    this.#watching.abort("over");
    const [stream, calls] = [this.#stream, this.#calls];
    [this.#stream, this.#calls, this.#streamId] = [undefined, undefined, undefined];
    stream?.close();
    calls?.close();
    for (const { reject } of this.#waiting.values()) reject(new CallFailed(reason, false));
    this.#waiting.clear();
  }
}

function textOf(body: Uint8Array | string): string {
  return typeof body === "string" ? body : decodeUtf8(body);
}
