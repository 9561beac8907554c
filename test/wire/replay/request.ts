import { Agent, request as httpRequest, type IncomingMessage } from "node:http";
import { RecordDecoder } from "@meseta/lib/core/recordio.ts";
import { compare, type Difference } from "./compare.ts";
import type { RecordedRequest, RecordedResponse } from "./recordings.ts";
import type { Symbols } from "./symbols.ts";

/** An answer as it came. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

/** Sends what was recorded, with this cluster's ids in it; nothing is added but Host and Content-Length. */
export async function send(base: string, recorded: RecordedRequest, symbols: Symbols): Promise<Answer> {
  const incoming = await open(base, recorded, symbols);
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
  return { status: incoming.statusCode!, headers: incoming.headers, body: Buffer.concat(chunks) };
}

/** As {@link send}, but the body of the answer is still to come. */
export function open(base: string, recorded: RecordedRequest, symbols: Symbols): Promise<IncomingMessage> {
  const body =
    recorded.base64 === undefined
      ? Buffer.from(symbols.fill(recorded.body ?? ""), "utf8")
      : Buffer.from(recorded.base64, "base64");
  const headers: Record<string, string> = { Connection: "close" };
  for (const [name, value] of Object.entries(recorded.headers)) headers[name] = symbols.fill(value);
  if (recorded.body !== undefined || recorded.base64 !== undefined) headers["Content-Length"] = String(body.length);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const { hostname, port } = new URL(base);
  const options = { hostname, port, method: recorded.method, path: symbols.fill(recorded.path), headers };
  httpRequest({ ...options, agent: new Agent({ keepAlive: false }) }, resolve)
    .on("error", reject)
    .end(body);
  return promise;
}

/** What of the answer differs: status, headers that carry meaning, body. */
export function compareAnswer(recorded: RecordedResponse, answer: Answer, symbols: Symbols): Difference[] {
  return [
    ...compare(recorded.status, answer.status, symbols, "status"),
    ...compareHeaders(recorded.headers, answer.headers, symbols),
    ...compareBody(recorded, new TextDecoder().decode(answer.body), symbols),
  ];
}

const MEANINGFUL = ["content-type", "transfer-encoding", "allow", "location", "content-disposition", "mesos-stream-id"];

export function compareHeaders(
  recorded: Readonly<Record<string, string>>,
  answered: Readonly<Record<string, unknown>>,
  symbols: Symbols,
): Difference[] {
  return MEANINGFUL.flatMap((name) => {
    if (recorded[name] !== undefined) return compare(recorded[name], answered[name], symbols, `header ${name}`);
    return answered[name] === undefined ? [] : [{ field: `header ${name}`, mesos: undefined, meseta: answered[name] }];
  });
}

function compareBody(recorded: RecordedResponse, text: string, symbols: Symbols): Difference[] {
  if (recorded.body === "{any}" || recorded.protobuf !== undefined) return [];
  if (recorded.json === undefined) return compare(recorded.body ?? "", text, symbols, "body");
  const { jsonp } = recorded;
  const [, callback, inner] = jsonp === undefined ? [] : (/^([^(]*)\((.*)\);?$/s.exec(text) ?? []);
  if (jsonp !== undefined && callback !== jsonp) return [{ field: "body", mesos: `${jsonp}(…)`, meseta: text }];
  try {
    return compare(recorded.json, JSON.parse(inner ?? text), symbols, "json");
  } catch {
    return [{ field: "body", mesos: recorded.json, meseta: text }];
  }
}

export type WireEvent = { readonly type: string } & Readonly<Record<string, unknown>>;

/** The events of a stream in the order of their arrival, each kept until somebody takes it. */
export class EventStream {
  readonly #pending: WireEvent[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #incoming: IncomingMessage;
  ended = false;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
    const decoder = new RecordDecoder();
    incoming.on("data", (chunk: Uint8Array) => {
      for (const record of decoder.push(chunk)) this.#pending.push(JSON.parse(new TextDecoder().decode(record)));
      this.#wake();
    });
    for (const event of ["end", "close", "error"] as const)
      incoming.on(event, () => {
        this.ended = true;
        this.#wake();
      });
  }

  get pending(): readonly WireEvent[] {
    return this.#pending;
  }

  /** Runs `attempt` now and after every arrival until it gives something; undefined when the time is over. */
  async until<T>(attempt: (pending: WireEvent[]) => T | undefined, timeoutMs: number): Promise<T | undefined> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      const result = attempt(this.#pending);
      if (result !== undefined) return result;
      const restMs = deadline - Date.now();
      if (restMs <= 0) return undefined;
      await this.#arrival(restMs);
    }
  }

  close(): void {
    this.#incoming.destroy();
  }

  #arrival(timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.#waiting.add(resolve);
    return promise.finally(() => {
      clearTimeout(timer);
      this.#waiting.delete(resolve);
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
  }
}
