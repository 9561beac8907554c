import { decodeUtf8, encodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { CallAnswer, Loss, Subscriber, Subscription, Transport } from "@meseta/lib/core/ports/transport.ts";

/** A transport of which a test is the other end: it sees the calls and makes the events, all in JSON. */
export class Line<Call, Event = never> implements Transport {
  readonly calls: Call[] = [];
  closed = false;
  intervalMs = 0;
  #answer: () => Promise<CallAnswer> = async () => answer(202);
  #subscriber: Subscriber | undefined;

  /** What calls are answered from now on; an Error means that no answer comes. */
  answers(status: number | Error, body: unknown = ""): void {
    this.#answer = async () => {
      if (status instanceof Error) throw status;
      return answer(status, body);
    };
  }

  async call(body: Uint8Array | string): Promise<CallAnswer> {
    this.calls.push(JSON.parse(typeof body === "string" ? body : decodeUtf8(body)) as Call);
    return this.#answer();
  }

  subscribe(subscriber: Subscriber): Subscription {
    this.#subscriber = subscriber;
    return { expectEvery: (ms) => void (this.intervalMs = ms), close: () => this.close() };
  }

  close(): void {
    this.closed = true;
  }

  /** The SUBSCRIBE call that a connection made now would carry. */
  subscribeCall(): Call {
    return JSON.parse(decodeUtf8(this.#subscriber!.body())) as Call;
  }

  open(): void {
    this.#subscriber!.opened({});
  }

  send(event: Event): void {
    this.#subscriber!.event(encodeUtf8(JSON.stringify(event)));
  }

  lose(loss: Partial<Loss> = {}): void {
    this.#subscriber!.lost({ reason: "gone", wasOpen: true, retryInMs: 0, ...loss });
  }
}

/** An answer with a text, or with an object as JSON. */
export function answer(status: number, body: unknown = ""): CallAnswer {
  return { status, headers: {}, body: encodeUtf8(typeof body === "string" ? body : JSON.stringify(body)) };
}
