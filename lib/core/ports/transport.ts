import type { Address } from "./election.ts";

/**
 * Calls up, events down: how everything in Meseta talks to a master or agent. Bodies and events are bytes or text, so that the
 * typed clients on top are the same over HTTP, in one process, and in the simulator. Callbacks rather than promises for
 * events, because a simulated world must deliver them at a moment of its own choosing.
 */
export interface Transport {
  /**
   * Sends one call; text as UTF-8. Calls arrive in the order in which they are made, as far as they say that it matters. Resolves with whatever the server
   * answers, refusals too; rejects with {@link CallFailed} when no answer came.
   */
  call(body: Uint8Array | string, order?: CallOrder): Promise<CallAnswer>;
  /** Keeps one stream of events open, and opens it again when it is lost, until closed. One at a time. */
  subscribe(subscriber: Subscriber): Subscription;
  /** Closes the subscription and fails what waits. */
  close(): void;
}

/** in turn: after all that was called before, and before all that is called after. alike: so too, but for others alike, which may arrive before it or after it. any: whenever, and twice where a connection broke. */
export type CallOrder = "in turn" | "alike" | "any";

export interface CallAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What a stream tells its owner; never inside `subscribe` itself, and nothing after `close`. */
export interface Subscriber {
  /** The SUBSCRIBE call. Asked for at every connection, because later ones carry the id that the first was given. */
  body(): Uint8Array;
  /** The server took it: calls from now on belong to this stream. */
  opened(headers: Readonly<Record<string, string>>): void;
  /** One event; bytes are a view that is valid during the call only. */
  event(record: Uint8Array | string): void;
  /** An open stream ended, or an attempt failed; unless closed from here, the next attempt follows by itself. */
  lost(loss: Loss): void;
}

export interface Loss {
  /** A sentence for people. */
  readonly reason: string;
  /** Whether the stream had been open. */
  readonly wasOpen: boolean;
  /** What the server answered instead of a stream. */
  readonly answer?: CallAnswer | undefined;
  /** When the next attempt follows. */
  readonly retryInMs: number;
}

export interface Subscription {
  /** How often the server promised an event. After five intervals without one the stream counts as lost. */
  expectEvery(intervalMs: number): void;
  /** Who leads, as the server of this stream has said. Where another one leads later, the stream is lost at once, and what was called fails. */
  ledBy?(leader: Address): void;
  close(): void;
}

/** No answer came. */
export class CallFailed extends Error {
  override name = "CallFailed";
  /** The server never saw the call; otherwise that is unknown. */
  readonly unsent: boolean;

  constructor(message: string, unsent: boolean, options?: { cause?: unknown }) {
    super(message, options);
    this.unsent = unsent;
  }
}

/** What a server shows that is no call: `/state`, `/explain?framework_id=`. */
export interface Pages {
  /** GETs what is at the path, with its query, of whoever leads. Resolves and rejects as {@link Transport.call} in any order. */
  page(path: string): Promise<CallAnswer>;
}

/** Streams that nobody opens again when they are lost, because what was on its way cannot be asked for twice. */
export interface Streams {
  /**
   * Sends a call that is answered by a stream of records; resolves when its head is there. `query` goes behind the path.
   * Rejects with {@link CallFailed} when no answer came.
   */
  records(call: Uint8Array, query?: string): Promise<RecordStream | CallAnswer>;
  /** Opens a call that is itself a stream of records. */
  send(): RecordSink;
}

/** Records as they come, for one reader. Iterating ends with the stream, and throws {@link CallFailed} when it breaks. */
export interface RecordStream extends AsyncIterable<Uint8Array> {
  /** Leaves; the reader's iteration ends. */
  close(): void;
}

/** Nothing here throws: what is written after the answer has come is dropped. */
export interface RecordSink {
  /** Resolves when there is room for the next. */
  write(record: Uint8Array): Promise<void>;
  /** No more records; the answer follows. */
  end(): void;
  /** Breaks it off. */
  close(): void;
  /** Rejects with {@link CallFailed}; may come before the end, when nothing more is wanted. */
  readonly answer: Promise<CallAnswer>;
}
