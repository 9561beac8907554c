import type { IncomingMessage } from "node:http";
import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import { type CallAnswer, CallFailed } from "@meseta/lib/core/ports/transport.ts";
import { HttpClient } from "@meseta/lib/io/http/client.ts";
import { CallRefused, Unreachable } from "../core/errors.ts";
import { NoticeReader } from "./notices.ts";

/** One event of `/v2/events`; which other fields it has, its type says. */
export interface InitNotice {
  readonly eventType: string;
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

/** What a change was answered with. */
export interface Changed {
  readonly body: unknown;
  /** Of the deployment that the change began; none where nothing had to be deployed. */
  readonly deploymentId?: string | undefined;
}

export interface Change {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  /** From `/v2` on. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | boolean | undefined>>;
  readonly body?: unknown;
  /** What is attempted, for errors: "add /web". */
  readonly what: string;
}

/** init's REST API, as Marathon's v2 describes it. The first of these base URLs that answers is asked; each of them passes on what only the leader may do. */
export class InitClient {
  readonly #urls: readonly string[];
  readonly #client = new HttpClient(4);

  readonly #headers: Readonly<Record<string, string>>;

  /** `credentials`: `user:password`, for an init that asks everybody for these. */
  constructor(urls: readonly string[], credentials?: string) {
    this.#urls = urls;
    this.#headers =
      credentials === undefined ? {} : { Authorization: `Basic ${new TextEncoder().encode(credentials).toBase64()}` };
  }

  /** Rejects with {@link CallRefused} for an answer outside 2xx, with {@link Unreachable} for none. */
  async get<T>(path: string): Promise<T> {
    const { url, answer } = await this.#ask("GET", path);
    if (answer.status !== 200) throw new CallRefused(url, `show ${path}`, answer.status, wordsOf(answer));
    return JSON.parse(decodeUtf8(answer.body)) as T;
  }

  /** As `get`; undefined where there is no such thing (404). */
  async find<T>(path: string): Promise<T | undefined> {
    try {
      return await this.get<T>(path);
    } catch (error) {
      if (error instanceof CallRefused && error.status === 404) return undefined;
      throw error;
    }
  }

  async change({ method, path, query = {}, body, what }: Change): Promise<Changed> {
    const { url, answer } = await this.#ask(method, path + queryText(query), body);
    if (answer.status < 200 || answer.status > 299) throw new CallRefused(url, what, answer.status, wordsOf(answer));
    const text = decodeUtf8(answer.body);
    const found = text === "" ? undefined : (JSON.parse(text) as { deploymentId?: string });
    return { body: found, deploymentId: answer.headers["marathon-deployment-id"] ?? found?.deploymentId };
  }

  /** What happens from now on, of these types or of all; ends when init ends the stream, or with the loop. `opened` is called once nothing can be missed any more. */
  async *events(types: readonly string[] = [], opened: () => void = () => {}): AsyncGenerator<InitNotice, void, void> {
    const path = `/v2/events${queryText(
      {},
      types.map((type) => ["event_type", type]),
    )}`;
    const incoming = await this.#open(path);
    const reader = new NoticeReader();
    try {
      for await (const chunk of incoming as AsyncIterable<Uint8Array>)
        for (const notice of reader.push(chunk)) {
          if (notice.eventType === "event_stream_attached") opened();
          else yield notice;
        }
    } finally {
      incoming.destroy();
    }
  }

  close(): void {
    this.#client.close();
  }

  async #ask(method: string, path: string, body?: unknown): Promise<{ url: string; answer: CallAnswer }> {
    const headers = {
      ...this.#headers,
      Accept: "application/json",
      ...(body !== undefined && { "Content-Type": "application/json" }),
    };
    const text = body === undefined ? undefined : JSON.stringify(body);
    return this.#first(async (url) => ({
      url,
      answer: await this.#client.exchange({ url: url + path, method, headers, body: text }),
    }));
  }

  async #open(path: string): Promise<IncomingMessage> {
    const headers = { ...this.#headers, Accept: "text/event-stream" };
    const incoming = await this.#first((url) => this.#client.open({ url: url + path, method: "GET", headers }));
    if (incoming.statusCode === 200) return incoming;
    incoming.destroy();
    throw new CallRefused(this.#urls[0]!, "read the events", incoming.statusCode ?? 0, "");
  }

  // Only what surely reached nobody is tried elsewhere: a change must not be made twice.
  async #first<T>(ask: (url: string) => Promise<T>): Promise<T> {
    let failure: CallFailed | undefined;
    for (const url of this.#urls) {
      try {
        return await ask(url);
      } catch (error) {
        if (!(error instanceof CallFailed)) throw error;
        failure = error;
        if (!error.unsent) break;
      }
    }
    throw new Unreachable("init", this.#urls.join(", "), failure?.message ?? "no URL was given");
  }
}

function queryText(query: NonNullable<Change["query"]>, more: readonly (readonly [string, string])[] = []): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : [[name, String(value)]],
  );
  const text = [...pairs, ...more].map((pair) => pair.map((one) => encodeURIComponent(one!)).join("=")).join("&");
  return text === "" ? "" : `?${text}`;
}

interface RefusalBody {
  readonly message?: string;
  readonly details?: string | readonly { readonly path: string; readonly errors: readonly string[] }[];
  readonly deployments?: readonly { readonly id: string }[];
}

/** The answer's own explanation in one line. */
function wordsOf({ body }: CallAnswer): string {
  const text = decodeUtf8(body);
  try {
    const { message = text, details, deployments } = JSON.parse(text) as RefusalBody;
    if (deployments !== undefined) return `locked by ${deployments.map(({ id }) => id).join(", ")}`;
    if (details === undefined) return message;
    if (typeof details === "string") return `${message}: ${details}`;
    return `${message}: ${details.map(({ path, errors }) => `${path}: ${errors.join("; ")}`).join(" · ")}`;
  } catch {
    return text;
  }
}
