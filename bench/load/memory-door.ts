import type { CallAnswer, Subscriber, Subscription, Transport } from "@meseta/lib/core/ports/transport.ts";
import { RecordDecoder } from "@meseta/lib/core/recordio.ts";
import type { Answer } from "@meseta/lib/io/http/answer.ts";
import type { EventStream } from "@meseta/lib/io/http/event-stream.ts";
import type { Handler, Headers, Reply, Request } from "@meseta/lib/io/http/request.ts";

/**
 * Reaches a server's handler without sockets: what travels are the same bytes, in the same frames, as over HTTP. Everything arrives in a later
 * turn of the event loop, as it would from a socket.
 */
export class MemoryDoor {
  readonly #handler: Handler;
  readonly #peer: string;
  #arriving: (() => void)[] = [];

  constructor(handler: Handler, peer = "10.0.0.1") {
    this.#handler = handler;
    this.#peer = peer;
  }

  /** Sends a request; `answered` is told the answer, or `opened` is given the chunks of a stream. */
  post(path: string, body: Uint8Array | string, headers: Headers, reply: Answered): void {
    this.#soon(async () => {
      const answer = await this.#handler(this.#request(path, body, headers), this.#reply(reply));
      if (answer !== undefined) reply.answered(answer);
    });
  }

  #request(path: string, body: Uint8Array | string, headers: Headers): Request {
    const sent = { method: "POST", path, query: noQuery, headers, body: bytesOf(body) };
    return { ...sent, peer: this.#peer, incoming: undefined, principal: undefined };
  }

  #reply({ answered, opened, chunk }: Answered): Reply {
    const write = (bytes: Uint8Array | string) => {
      this.#soon(() => chunk?.(bytesOf(bytes)));
      return true;
    };
    const stream: Pick<EventStream, "write" | "end" | "onClose" | "waiting" | "closed"> = {
      write,
      end() {},
      onClose() {},
      waiting: 0,
      closed: false,
    };
    return {
      answer: (answer) => this.#soon(() => answered(answer)),
      open: (headers = {}) => {
        this.#soon(() => opened?.(headers));
        return stream as unknown as EventStream;
      },
      gone: false,
      onGone() {},
    };
  }

  #soon(task: () => void): void {
    if (this.#arriving.push(task) === 1) setImmediate(() => this.#arrive());
  }

  #arrive(): void {
    const tasks = this.#arriving;
    this.#arriving = [];
    for (const task of tasks) task();
  }
}

const noQuery = new URLSearchParams();

/** What arrives are bytes, also of what was sent as text. */
function bytesOf(body: Uint8Array | string): Uint8Array {
  return typeof body === "string" ? Buffer.from(body) : body;
}

export interface Answered {
  answered(answer: Answer): void;
  opened?(headers: Readonly<Record<string, string>>): void;
  chunk?(bytes: Uint8Array): void;
}

const nothing = new Uint8Array(0);

/** The Transport of a scheduler through the door. */
export class MemoryTransport implements Transport {
  readonly #door: MemoryDoor;
  readonly #path: string;
  readonly #headers: Headers;
  #streamId: string | undefined;

  constructor(door: MemoryDoor, path: string, mediaType: string) {
    this.#door = door;
    this.#path = path;
    this.#headers = { "content-type": mediaType, accept: mediaType };
  }

  call(body: Uint8Array | string): Promise<CallAnswer> {
    return new Promise((resolve) => {
      const headers = { ...this.#headers, "mesos-stream-id": this.#streamId };
      const answered = ({ status, body: text = "" }: Answer) =>
        resolve({ status, headers: {}, body: text === "" ? nothing : Buffer.from(text) });
      this.#door.post(this.#path, body, headers, { answered });
    });
  }

  subscribe(subscriber: Subscriber): Subscription {
    const decoder = new RecordDecoder();
    setImmediate(() =>
      this.#door.post(this.#path, subscriber.body(), this.#headers, {
        answered: ({ status, body }) => {
          throw new Error(`the subscription was answered ${status} ${body}`);
        },
        opened: (headers) => {
          this.#streamId = headers["Mesos-Stream-Id"];
          subscriber.opened(headers);
        },
        chunk: (bytes) => {
          for (const record of decoder.push(bytes)) subscriber.event(record);
        },
      }),
    );
    return { expectEvery() {}, close() {} };
  }

  close(): void {}
}
