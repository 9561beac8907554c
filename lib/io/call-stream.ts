import { setTimeout as sleep } from "node:timers/promises";
import {
  type CallAnswer,
  CallFailed,
  type CallOrder,
  type Pages,
  type Subscriber,
  type Subscription,
  type Transport,
} from "@meseta/lib/core/ports/transport.ts";
import { hostAndPort } from "../core/address.ts";
import { LOOP_BOUNDS } from "../core/bounds.ts";
import type { Address } from "../core/ports/election.ts";
import { EventSource } from "./event-source.ts";
import { HttpClient, type Outgoing } from "./http/client.ts";
import { Pipeline } from "./http/pipeline.ts";
import { ledElsewhere } from "./leader-watch.ts";
import { Leaders } from "./leaders.ts";

export interface CallStreamOptions {
  /** Servers, each "http://host:port"; of several masters any may lead. */
  readonly urls: readonly string[];
  /** Of the API: "/api/v1/scheduler". */
  readonly path: string;
  /** What calls and events are written in. */
  readonly mediaType: "application/json" | "application/x-protobuf";
  /** More than one gives up the order of calls; for readers. */
  readonly connections?: number | undefined;
  /** Added to every request; credentials, say. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** A number in [0, 1), for the jitter of reconnections. */
  readonly random?: (() => number) | undefined;
  readonly callTimeoutMs?: number | undefined;
  readonly maxRecordBytes?: number | undefined;
}

/** Calls that may wait for their turn; beyond it a caller is refused at once. */
export const maxWaitingCalls = LOOP_BOUNDS.waitingCalls.most;
const maxRedirects = 5;
/** How long standbys may name a leader who is gone, and how soon they are asked again. */
const failoverMs = 5_000;
const lookAgainMs = 100;

type Result = CallAnswer | CallFailed;

/** A request of whoever leads, and whether it may be sent a second time when nobody knows what became of the first. */
interface Wish {
  readonly client: Client;
  readonly to: (url: string) => Outgoing;
  readonly isRepeatable: boolean;
}

/** Who was asked keeps silent, and another server leads meanwhile. */
class LedElsewhere extends CallFailed {
  readonly location: string;

  constructor(url: string, { hostname, port }: Address) {
    const leader = hostAndPort(hostname, port);
    super(`${url} does not answer, and ${leader} leads now; whether it was done is not known`, false);
    this.location = `//${leader}`;
  }
}

/** What takes a request to a server, and closes its connections. */
interface Client {
  exchange(outgoing: Outgoing): Promise<CallAnswer>;
  close(): void;
}

/**
 * The HTTP driver of {@link Transport}: POSTs calls one after another on one kept connection, or beside one another on others where their order does not matter, holds the
 * stream on another, follows the leader and carries its Mesos-Stream-Id.
 */
export class CallStream implements Transport, Pages {
  readonly #options: CallStreamOptions;
  readonly #leaders: Leaders;
  readonly #client: HttpClient;
  /** For calls that need not wait for one another's answers. */
  readonly #besides: Readonly<Record<Exclude<CallOrder, "in turn">, Client>>;
  #source: EventSource | undefined;
  #waiting = 0;
  /** Until the last call that had to be alone is answered, and all those alike since then. */
  #turn: Promise<unknown> = Promise.resolve();
  #alike: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: CallStreamOptions) {
    this.#options = options;
    this.#leaders = new Leaders(options.urls);
    const bounds = { answerTimeoutMs: options.callTimeoutMs ?? 30_000 };
    this.#client = new HttpClient(options.connections ?? 1, bounds);
    this.#besides = { alike: new Pipeline(false, bounds), any: new Pipeline(true, bounds) };
  }

  call(body: Uint8Array | string, order: CallOrder = "in turn"): Promise<CallAnswer> {
    return this.#admit(order, (url) => this.#post(url, body));
  }

  page(path: string): Promise<CallAnswer> {
    const headers = () => ({ Accept: "application/json", ...this.#options.headers?.() });
    return this.#admit("any", (url) => ({ url: url + path, method: "GET", headers: headers() }));
  }

  #admit(order: CallOrder, to: Wish["to"]): Promise<CallAnswer> {
    if (this.#closed) return Promise.reject(new CallFailed("the connection is closed", true));
    if (this.#waiting >= maxWaitingCalls) return Promise.reject(new CallFailed("too many calls are waiting", true));
    this.#waiting++;
    const client = order === "in turn" || this.#areBeside ? this.#client : this.#besides[order];
    const wish = { client, to, isRepeatable: order === "any" };
    return this.#inOrder(order, () => this.#callLeader(wish)).finally(() => this.#waiting--);
  }

  subscribe(subscriber: Subscriber): Subscription {
    if (this.#source?.closed === false) throw new Error("there is a subscription already");
    this.#source = new EventSource(subscriber, this.#leaders, this.#client, {
      url: () => this.#leaders.url + this.#options.path,
      headers: () => this.#headers(),
      random: this.#options.random ?? Math.random,
      maxRecordBytes: this.#options.maxRecordBytes,
      superseded: () => this.#cut(),
    });
    return this.#source;
  }

  close(): void {
    this.#closed = true;
    this.#source?.close();
    this.#cut();
  }

  #cut(): void {
    this.#client.close();
    for (const client of Object.values(this.#besides)) client.close();
  }

  /** Calls have no order among them. */
  get #areBeside(): boolean {
    return (this.#options.connections ?? 1) > 1;
  }

  /** One call at a time keeps their order, also when one of them has to be sent again elsewhere. */
  #inOrder<T>(order: CallOrder, run: () => Promise<T>): Promise<T> {
    if (order === "any" || this.#areBeside) return run();
    const before = order === "alike" ? this.#turn : Promise.all([this.#turn, this.#alike]);
    const done = before.then(run);
    const over = done.catch(() => {});
    if (order === "alike") this.#alike = Promise.all([this.#alike, over]).then(() => {});
    else this.#turn = over;
    return done;
  }

  /** Asks the leader, as far as the servers know him: at most each server once, and a few redirects. While they name one who is gone, all of them again. */
  async #callLeader(wish: Wish): Promise<CallAnswer> {
    const untilMs = performance.now() + failoverMs;
    for (;;) {
      const { result, wasSentOn } = await this.#askAll(wish);
      const isNobody = result instanceof CallFailed && result.unsent && wasSentOn;
      // A call of a stream belongs to its own leader: it is lost with that one.
      if (isNobody && this.#source === undefined && !this.#closed && performance.now() < untilMs)
        await sleep(lookAgainMs);
      else if (result instanceof CallFailed) throw result;
      else return result;
    }
  }

  async #askAll(wish: Wish): Promise<{ result: Result; wasSentOn: boolean }> {
    let untried = this.#leaders.candidates - 1;
    let redirects = maxRedirects;
    for (;;) {
      const { url } = this.#leaders;
      const result = await this.#try(wish);
      const wasSentOn = redirects < maxRedirects;
      if (result instanceof LedElsewhere) {
        this.#leaders.follow(result.location);
        if (!wish.isRepeatable || redirects-- === 0) return { result, wasSentOn };
        continue;
      }
      if (result instanceof CallFailed ? result.unsent : result.status === 503) {
        this.#leaders.next(url);
        if (untried-- > 0) continue;
      }
      if (result instanceof CallFailed || !isRedirect(result) || redirects-- === 0) return { result, wasSentOn };
      this.#leaders.follow(result.headers["location"]!);
    }
  }

  async #try({ client, to }: Wish): Promise<Result> {
    const { url, urls } = this.#leaders;
    const answer = client.exchange(to(url)).catch((error: CallFailed) => error);
    // A stream hears of another leader by itself, and its calls are lost with it.
    if (this.#source !== undefined) return answer;
    const answered = new AbortController();
    const led = ledElsewhere(urls, url, answered.signal, this.#options.headers?.());
    try {
      return await Promise.race([answer, led.then((other) => new LedElsewhere(url, other))]);
    } finally {
      answered.abort();
    }
  }

  #post(url: string, body: Uint8Array | string): Outgoing {
    const streamId = this.#source?.streamId;
    const headers = { ...this.#headers(), ...(streamId && { "Mesos-Stream-Id": streamId }) };
    return { url: url + this.#options.path, method: "POST", headers, body };
  }

  #headers(): Record<string, string> {
    const { mediaType, headers } = this.#options;
    return { "Content-Type": mediaType, Accept: mediaType, ...headers?.() };
  }
}

/** 307 is Mesos' way to name the leader. */
function isRedirect({ status, headers }: CallAnswer): boolean {
  return status === 307 && headers["location"] !== undefined;
}
