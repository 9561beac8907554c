import type { ClientRequest, IncomingMessage } from "node:http";
import { hostAndPort } from "@meseta/lib/core/address.ts";
import type { Address } from "@meseta/lib/core/ports/election.ts";
import type { CallAnswer, Subscriber, Subscription } from "@meseta/lib/core/ports/transport.ts";
import { RecordDecoder, type RecordError } from "@meseta/lib/core/recordio.ts";
import { type HttpClient, headersOf, readRefusal } from "./http/client.ts";
import { leaderChanged, ledElsewhere } from "./leader-watch.ts";
import type { Leaders } from "./leaders.ts";

export interface EventSourceSettings {
  url(): string;
  headers(): Readonly<Record<string, string>>;
  random(): number;
  readonly maxRecordBytes: number | undefined;
  /** Another server leads now: nobody is to wait for what was asked of the old one. */
  superseded(): void;
}

export const firstRetryMs = 500;
/** Within so long all those come to a new leader who were told of it at the same moment. */
export const longestMoveMs = 100;
export const longestRetryMs = 15_000;
/** Mesos promises a heartbeat every 15 s and advises to give up after about five. */
const defaultIntervalMs = 15_000;
const intervalsUntilLost = 5;
const maxRedirects = 5;

/** One stream of events that is opened again, with growing pauses, whenever it is lost. */
export class EventSource implements Subscription {
  readonly #subscriber: Subscriber;
  readonly #leaders: Leaders;
  readonly #client: HttpClient;
  readonly #settings: EventSourceSettings;
  #streamId: string | undefined;
  #closed = false;
  #attempt: Attempt | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  /** Attempts that failed since the last event. */
  #failures = 0;
  #redirects = 0;
  #silenceMs = defaultIntervalMs * intervalsUntilLost;

  constructor(subscriber: Subscriber, leaders: Leaders, client: HttpClient, settings: EventSourceSettings) {
    this.#subscriber = subscriber;
    this.#leaders = leaders;
    this.#client = client;
    this.#settings = settings;
    this.#retryTimer = setTimeout(() => this.#connect(), 0);
  }

  /** Of the open stream; calls carry it. */
  get streamId(): string | undefined {
    return this.#streamId;
  }

  get closed(): boolean {
    return this.#closed;
  }

  expectEvery(intervalMs: number): void {
    this.#silenceMs = intervalMs * intervalsUntilLost;
    this.#attempt?.watch(this.#silenceMs);
  }

  ledBy(leader: Address): void {
    const attempt = this.#attempt;
    if (attempt === undefined || this.#leaders.count === 1) return;
    const { urls, url } = this.#leaders;
    void leaderChanged(urls, url, leader, attempt.signal, this.#settings.headers()).then((next) =>
      this.#leave(attempt, next),
    );
  }

  /** Goes to who leads now. */
  #leave(attempt: Attempt, { hostname, port }: Address): void {
    if (this.#attempt !== attempt) return;
    this.#leaders.follow(`//${hostAndPort(hostname, port)}`);
    this.#settings.superseded();
    this.#lost(attempt, { reason: "another server leads now", isNamed: true });
  }

  close(): void {
    this.#closed = true;
    this.#streamId = undefined;
    clearTimeout(this.#retryTimer);
    this.#attempt?.drop();
  }

  async #connect(): Promise<void> {
    const attempt = new Attempt();
    this.#attempt = attempt;
    const body = this.#subscriber.body();
    const outgoing = { url: this.#settings.url(), method: "POST", headers: this.#settings.headers(), body };
    const { urls, url } = this.#leaders;
    const isSilent = new AbortController();
    const signal = AbortSignal.any([attempt.signal, isSilent.signal]);
    void ledElsewhere(urls, url, signal, this.#settings.headers()).then((next) => this.#leave(attempt, next));
    const incoming = await this.#client
      .open(outgoing, (request) => attempt.started(request))
      .catch((error: Error) => error);
    isSilent.abort();
    if (this.#closed || this.#attempt !== attempt) return attempt.drop();
    if (incoming instanceof Error) {
      this.#leaders.next();
      this.#lost(attempt, { reason: incoming.message, elsewhere: true });
    } else if (incoming.statusCode === 200) this.#read(incoming, attempt);
    else await this.#refused(incoming, attempt);
  }

  #read(incoming: IncomingMessage, attempt: Attempt): void {
    const headers = headersOf(incoming);
    this.#streamId = headers["mesos-stream-id"];
    this.#redirects = 0;
    attempt.opened(incoming);
    attempt.watch(this.#silenceMs);
    const decoder = new RecordDecoder(this.#settings.maxRecordBytes);
    const lost = (reason: string) => this.#attempt === attempt && this.#lost(attempt, { reason });
    incoming.on("data", (chunk: Uint8Array) => {
      attempt.heard();
      const records = decode(decoder, chunk);
      if (records instanceof Error) incoming.destroy(records);
      else for (const record of records) this.#deliver(record);
    });
    incoming.once("end", () => lost("the server ended the stream"));
    incoming.once("error", (error) => lost(`the stream broke: ${error.message}`));
    this.#subscriber.opened(headers);
  }

  #deliver(record: Uint8Array): void {
    if (this.#closed) return;
    this.#failures = 0;
    this.#subscriber.event(record);
  }

  async #refused(incoming: IncomingMessage, attempt: Attempt): Promise<void> {
    const answer = {
      status: incoming.statusCode ?? 0,
      headers: headersOf(incoming),
      body: await readRefusal(incoming),
    };
    attempt.drop();
    if (this.#closed) return;
    const location = answer.headers["location"];
    if (answer.status === 307 && location !== undefined && this.#redirects++ < maxRedirects) {
      this.#leaders.follow(location);
      return this.#connect();
    }
    this.#redirects = 0;
    const elsewhere = answer.status >= 500;
    if (elsewhere) this.#leaders.next();
    this.#lost(attempt, { reason: `the server answered ${answer.status}`, answer, elsewhere });
  }

  /** `elsewhere`: the next attempt asks another server; `isNamed`: one that leads. */
  #lost(attempt: Attempt, loss: { reason: string; answer?: CallAnswer; elsewhere?: boolean; isNamed?: boolean }): void {
    attempt.drop();
    this.#attempt = undefined;
    this.#streamId = undefined;
    if (this.#closed) return;
    const retryInMs = loss.isNamed
      ? Math.round(longestMoveMs * this.#settings.random())
      : this.#pauseMs(loss.elsewhere ?? false);
    this.#retryTimer = setTimeout(() => this.#connect(), retryInMs);
    this.#subscriber.lost({ reason: loss.reason, answer: loss.answer, wasOpen: attempt.wasOpen, retryInMs });
  }

  /** The rest of a list of servers is tried at once; then pauses double, and jitter spreads those who lost one server. */
  #pauseMs(elsewhere: boolean): number {
    const round = Math.floor(this.#failures++ / this.#leaders.count);
    const endOfList = this.#failures % this.#leaders.count === 0;
    if (elsewhere && !endOfList && this.#failures > 1) return 0;
    const longest = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.min(round, 10));
    return Math.round(longest * (0.5 + this.#settings.random() / 2));
  }
}

function decode(decoder: RecordDecoder, chunk: Uint8Array): Uint8Array[] | Error {
  try {
    return decoder.push(chunk);
  } catch (error) {
    return error as RecordError;
  }
}

/** One connection and the timer that watches over it. */
class Attempt {
  #request: ClientRequest | undefined;
  #incoming: IncomingMessage | undefined;
  #timer: NodeJS.Timeout | undefined;
  #dropped = false;
  readonly #over = new AbortController();

  /** Aborted when it is dropped. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  get wasOpen(): boolean {
    return this.#incoming !== undefined;
  }

  started(request: ClientRequest): void {
    this.#request = request;
    if (this.#dropped) request.destroy();
  }

  opened(incoming: IncomingMessage): void {
    this.#incoming = incoming;
  }

  watch(silenceMs: number): void {
    clearTimeout(this.#timer);
    if (this.#dropped || this.#incoming === undefined) return;
    this.#timer = setTimeout(() => this.#incoming?.destroy(new Error(`no event within ${silenceMs} ms`)), silenceMs);
  }

  heard(): void {
    this.#timer?.refresh();
  }

  drop(): void {
    this.#dropped = true;
    this.#over.abort();
    clearTimeout(this.#timer);
    this.#request?.destroy();
  }
}
