import { Agent, type ClientRequest, type IncomingMessage, type RequestOptions, request } from "node:http";
import { urlToHttpOptions } from "node:url";
import { type CallAnswer, CallFailed } from "@meseta/lib/core/ports/transport.ts";

export interface Outgoing {
  readonly url: string;
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | string | undefined;
}

export interface ClientBounds {
  /** Until the head of the answer has come. */
  answerTimeoutMs: number;
  /** From then until its last byte, of answers that are read as a whole. */
  bodyTimeoutMs: number;
  /** One whole answer. */
  answerBytes: number;
}

export const defaultClientBounds: ClientBounds = {
  answerTimeoutMs: 30_000,
  bodyTimeoutMs: 600_000,
  answerBytes: 512 * 1024 * 1024,
};

/** Connections to servers, kept alive between requests. At most `connections` to each server at one moment. */
export class HttpClient {
  readonly #agent: Agent;
  readonly #bounds: ClientBounds;
  /** How often all connections were cut. */
  #cuts = 0;
  #target: { url: string; options: RequestOptions } | undefined;

  constructor(connections = 8, bounds: Partial<ClientBounds> = {}) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.#bounds = { ...defaultClientBounds, ...bounds };
  }

  /** Sends a request and reads its whole answer. Rejects with {@link CallFailed}. Redirects are not followed. */
  async exchange(outgoing: Outgoing): Promise<CallAnswer> {
    const incoming = await this.#retryStale(outgoing);
    const body = await this.#readAll(incoming, this.#bounds.bodyTimeoutMs).catch((error: Error) => {
      throw failed(outgoing, error, false);
    });
    return { status: incoming.statusCode ?? 0, headers: headersOf(incoming), body };
  }

  #readAll(incoming: IncomingMessage, timeoutMs: number | "any"): Promise<Uint8Array> {
    const { answerBytes } = this.#bounds;
    const chunks: Uint8Array[] = [];
    let length = 0;
    return new Promise((resolve, reject) => {
      // Whoever sends the rest byte by byte, or never, must not keep its caller for ever.
      const tooLate = () => incoming.destroy(new Error(`no whole answer within ${timeoutMs} ms`));
      const timer = timeoutMs === "any" ? undefined : setTimeout(tooLate, timeoutMs);
      incoming.once("close", () => clearTimeout(timer));
      incoming.on("data", (chunk: Uint8Array) => {
        length += chunk.length;
        if (length <= answerBytes) chunks.push(chunk);
        else incoming.destroy(new Error(`the answer is larger than ${answerBytes} bytes`));
      });
      incoming.once("end", () => resolve(join(chunks)));
      incoming.once("error", reject);
      incoming.once("close", () => incoming.complete || reject(new Error("the connection was closed")));
    });
  }

  /**
   * Sends a request on a connection of its own and gives the answer as soon as its head is there; the caller reads the body,
   * or destroys it. `outgoing` is told the request, so that it can be destroyed before it is answered.
   */
  open(outgoing: Outgoing, started?: (request: ClientRequest) => void): Promise<IncomingMessage> {
    return this.#send(outgoing, false, started);
  }

  /**
   * Begins a request whose body is written to `request` by the caller, who also ends it. The answer has all the time in the
   * world: such a body may last for hours.
   */
  stream({ url, method, headers }: Omit<Outgoing, "body">): { request: ClientRequest; answer: Promise<CallAnswer> } {
    const sent = request({ ...this.#targetOf(url), method, agent: false, headers: { ...headers } });
    sent.flushHeaders();
    const answer = this.#answerTo(sent, { url, method }, "any").then(async (incoming) => {
      const body = await this.#readAll(incoming, "any");
      return { status: incoming.statusCode ?? 0, headers: headersOf(incoming), body };
    });
    return { request: sent, answer };
  }

  /** Cuts all connections: requests of `exchange` that are under way fail. Later ones open new connections. */
  close(): void {
    this.#cuts++;
    this.#agent.destroy();
  }

  /**
   * A kept connection may have been closed by the server just when it is used again. Nobody knows whether the request was heard before that, or the server died of
   * something else after it had done it: what only reads is sent once more, anything else fails.
   */
  async #retryStale(outgoing: Outgoing): Promise<IncomingMessage> {
    if (outgoing.method !== "GET" && outgoing.method !== "HEAD") return this.#send(outgoing, this.#agent);
    let reused = false;
    const cuts = this.#cuts;
    const note = (sent: ClientRequest) => sent.once("error", () => (reused = sent.reusedSocket));
    try {
      return await this.#send(outgoing, this.#agent, note);
    } catch (error) {
      if (!reused || !isReset(error) || this.#cuts > cuts) throw error;
      return this.#send(outgoing, this.#agent);
    }
  }

  async #send(
    outgoing: Outgoing,
    agent: Agent | false,
    started?: (request: ClientRequest) => void,
  ): Promise<IncomingMessage> {
    const { url, method, headers, body } = outgoing;
    const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
    const sent = request({ ...this.#targetOf(url), method, agent, headers: { ...headers, ...length } });
    const answer = this.#answerTo(sent, outgoing);
    started?.(sent);
    sent.end(body);
    return answer;
  }

  #answerTo(
    sent: ClientRequest,
    outgoing: Outgoing,
    answerTimeoutMs: number | "any" = this.#bounds.answerTimeoutMs,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      let settled = false;
      const tooLate = () => sent.destroy(new Error(`no answer within ${answerTimeoutMs} ms`));
      const timer = answerTimeoutMs === "any" ? undefined : setTimeout(tooLate, answerTimeoutMs);
      const settle = () => {
        settled = true;
        clearTimeout(timer);
      };
      sent.once("response", (incoming) => {
        settle();
        resolve(incoming);
      });
      // Also after the answer's head: what breaks then, the reader of the answer is told.
      sent.on("error", (error) => {
        if (settled) return;
        settle();
        reject(failed(outgoing, error, isUnsent(error)));
      });
      sent.once("close", () => {
        if (settled) return;
        settle();
        reject(failed(outgoing, new Error("the connection was closed"), false));
      });
    });
  }

  /** Nearly every request goes where the last one went. */
  #targetOf(url: string): RequestOptions {
    if (this.#target?.url !== url) this.#target = { url, options: urlToHttpOptions(new URL(url)) };
    return this.#target.options;
  }
}

function failed({ url, method }: Outgoing, error: unknown, unsent: boolean): CallFailed {
  const reason = error instanceof Error ? reasonOf(error) : String(error);
  return new CallFailed(`${method} ${url}: ${reason}`, unsent, { cause: error });
}

/** Node gives an AggregateError without words when a name has several addresses and none answers. */
function reasonOf(error: Error): string {
  return error.message || ("code" in error ? String(error.code) : error.name);
}

const unsentCodes = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "ETIMEDOUT"];

/** Connecting failed. A connection that there was breaks with some of the same codes, when something was sent already. */
function isUnsent(error: NodeJS.ErrnoException): boolean {
  if (error instanceof AggregateError) return error.errors.every(isUnsent);
  return unsentCodes.includes(error.code ?? "") && (error.syscall === "connect" || error.syscall === "getaddrinfo");
}

function isReset(error: unknown): boolean {
  const { code } = (error as CallFailed).cause as NodeJS.ErrnoException;
  return code === "ECONNRESET" || code === "EPIPE";
}

export function headersOf(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in incoming.headers) headers[name] = String(incoming.headers[name]);
  return headers;
}

/** What a server says instead of opening a stream is a sentence, or it is not read further. */
const maxRefusalBytes = 64 * 1024;

/** The body of a refusal, as much as there is of it: it is only words. */
export async function readRefusal(incoming: IncomingMessage): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxRefusalBytes) break;
    }
  } catch {}
  return Buffer.concat(chunks).subarray(0, maxRefusalBytes);
}

function join(chunks: Uint8Array[]): Uint8Array {
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}
