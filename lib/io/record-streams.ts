import type { ClientRequest, IncomingMessage } from "node:http";
import {
  type CallAnswer,
  CallFailed,
  type RecordSink,
  type RecordStream,
  type Streams,
} from "@meseta/lib/core/ports/transport.ts";
import { encodeRecord, RecordDecoder } from "@meseta/lib/core/recordio.ts";
import { type HttpClient, headersOf, readRefusal } from "./http/client.ts";

export interface RecordStreamsOptions {
  /** The server's API: "http://host:port/api/v1". */
  readonly url: string;
  /** What each record is written in. */
  readonly mediaType: "application/json" | "application/x-protobuf";
  /** Added to every request; credentials, say. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined;
  /** A server that says nothing for so long is given up. */
  readonly silenceMs?: number | undefined;
}

/** Five of the heartbeats that an agent sends, one each 30 s. */
const defaultSilenceMs = 150_000;

/** The HTTP driver of {@link Streams}: each stream is a connection of its own. */
export class RecordStreams implements Streams {
  readonly #client: HttpClient;
  readonly #options: RecordStreamsOptions;

  constructor(client: HttpClient, options: RecordStreamsOptions) {
    this.#client = client;
    this.#options = options;
  }

  async records(call: Uint8Array, query = ""): Promise<RecordStream | CallAnswer> {
    const { url, mediaType, headers, silenceMs = defaultSilenceMs } = this.#options;
    const own = { "Content-Type": mediaType, Accept: "application/recordio", "Message-Accept": mediaType };
    const incoming = await this.#client.open({
      url: url + query,
      method: "POST",
      headers: { ...own, ...headers?.() },
      body: call,
    });
    if (incoming.statusCode === 200) return new DownStream(incoming, silenceMs);
    return { status: incoming.statusCode ?? 0, headers: headersOf(incoming), body: await readRefusal(incoming) };
  }

  send(): RecordSink {
    const { url, mediaType, headers } = this.#options;
    const own = { "Content-Type": "application/recordio", "Message-Content-Type": mediaType, Accept: mediaType };
    const { request, answer } = this.#client.stream({ url, method: "POST", headers: { ...own, ...headers?.() } });
    return new UpStream(request, answer);
  }
}

class DownStream implements RecordStream {
  readonly #incoming: IncomingMessage;
  readonly #silenceMs: number;
  #closed = false;

  constructor(incoming: IncomingMessage, silenceMs: number) {
    this.#incoming = incoming;
    this.#silenceMs = silenceMs;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    const decoder = new RecordDecoder();
    const timer = setTimeout(
      () => this.#incoming.destroy(new Error(`nothing came within ${this.#silenceMs} ms`)),
      this.#silenceMs,
    );
    try {
      for await (const chunk of this.#incoming as AsyncIterable<Uint8Array>) {
        timer.refresh();
        yield* decoder.push(chunk);
      }
      decoder.end();
    } catch (error) {
      if (!this.#closed) throw new CallFailed(`the stream broke: ${(error as Error).message}`, false, { cause: error });
    } finally {
      clearTimeout(timer);
      this.#incoming.destroy();
    }
  }

  close(): void {
    this.#closed = true;
    this.#incoming.destroy();
  }
}

class UpStream implements RecordSink {
  readonly answer: Promise<CallAnswer>;
  readonly #request: ClientRequest;
  #over = false;
  #wake: () => void = () => {};

  constructor(request: ClientRequest, answer: Promise<CallAnswer>) {
    this.#request = request;
    this.answer = answer;
    const over = () => {
      this.#over = true;
      this.#wake(); // Whoever waits for room need not wait any more.
    };
    answer.then(over, over);
  }

  async write(record: Uint8Array): Promise<void> {
    if (this.#over || this.#request.destroyed || this.#request.write(encodeRecord(record))) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      this.#request.once("drain", resolve);
    });
  }

  end(): void {
    this.#request.end();
  }

  close(): void {
    this.#request.destroy();
  }
}
