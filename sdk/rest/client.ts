import type { IncomingMessage } from "node:http";
import { LEFT_ASIDE, type LeftAside, leftAsideText, readLeftAside } from "@meseta/api/json-body/left-aside.ts";
import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import { type CallAnswer, CallFailed } from "@meseta/lib/core/ports/transport.ts";
import { HttpClient } from "@meseta/lib/io/http/client.ts";
import { SILENT_MS } from "@meseta/lib/io/leader-watch.ts";
import { CallRefused, Unreachable } from "../core/errors.ts";
import { wordsOf } from "./words.ts";

/** Something that a REST API is to change. */
export interface Change {
  readonly method: "POST" | "PUT" | "PATCH" | "DELETE";
  /** From the root on, such as `/v2/apps`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | boolean | undefined>>;
  readonly body?: unknown;
  /** What is attempted, for errors: "add /web". */
  readonly what: string;
}

/** What a change was answered with. */
export interface Answered {
  /** Undefined where there is none. */
  readonly body: unknown;
  /** Keys of what was sent that nothing reads, and those that were probably meant. */
  readonly leftAside: readonly LeftAside[];
}

/**
 * A daemon's REST API with bodies of JSON. The first of these base URLs that answers is asked; each of them passes on what only the leader may do, but for streams, which it may send
 * elsewhere.
 */
export class RestClient {
  readonly #who: Unreachable["who"];
  readonly #urls: readonly string[];
  readonly #client = new HttpClient(4);
  readonly #headers: Readonly<Record<string, string>>;

  /** `credentials`: `user:password`, for a daemon that asks everybody for these. */
  constructor(who: Unreachable["who"], urls: readonly string[], credentials?: string) {
    this.#who = who;
    this.#urls = urls;
    this.#headers =
      credentials === undefined ? {} : { Authorization: `Basic ${new TextEncoder().encode(credentials).toBase64()}` };
  }

  /** Rejects with {@link CallRefused} for an answer other than 200, with {@link Unreachable} for none. */
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

  close(): void {
    this.#client.close();
  }

  /** What the answer says, and its headers. Rejects as `get`, for an answer outside 2xx. */
  protected async send({
    method,
    path,
    query = {},
    body,
    what,
  }: Change): Promise<Answered & { readonly headers: CallAnswer["headers"] }> {
    const { url, answer } = await this.#ask(method, path + queryText(query), body);
    const { status, headers } = answer;
    const leftAside = readLeftAside(headers[LEFT_ASIDE.toLowerCase()]);
    if (status < 200 || status > 299)
      throw new CallRefused(url, what, status, [wordsOf(answer), ...leftAside.map(leftAsideText)].join("; "));
    const text = decodeUtf8(answer.body);
    return { body: text === "" ? undefined : JSON.parse(text), headers, leftAside };
  }

  /** A 200 whose body the caller reads as it comes. */
  protected async open(path: string, accept: string, what: string): Promise<IncomingMessage> {
    const headers = { ...this.#headers, Accept: accept };
    const to = (url: string): Promise<IncomingMessage> => this.#client.open({ url, method: "GET", headers });
    let incoming = await this.#first((url) => to(url + path));
    const elsewhere = incoming.statusCode === 302 ? incoming.headers.location : undefined;
    if (elsewhere !== undefined) {
      incoming.destroy();
      incoming = await to(elsewhere).catch((error: CallFailed) => this.#unreachable(error, elsewhere));
    }
    if (incoming.statusCode === 200) return incoming;
    incoming.destroy();
    throw new CallRefused(this.#urls[0]!, what, incoming.statusCode ?? 0, "");
  }

  async #ask(method: string, path: string, body?: unknown): Promise<{ url: string; answer: CallAnswer }> {
    const headers = {
      ...this.#headers,
      Accept: "application/json",
      ...(body !== undefined && { "Content-Type": "application/json" }),
    };
    const text = body === undefined ? undefined : JSON.stringify(body);
    const ask = async (url: string) => ({
      url,
      answer: await this.#client.exchange({ url: url + path, method, headers, body: text }),
    });
    return method === "GET" ? this.#readFirst(ask) : this.#first(ask);
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
    return this.#unreachable(failure);
  }

  #readFirst<T>(ask: (url: string) => Promise<T>): Promise<T> {
    return firstToAnswer(this.#urls, ask).catch((error: unknown) => {
      if (!(error instanceof CallFailed)) throw error;
      return this.#unreachable(error);
    });
  }

  #unreachable(failure: CallFailed | undefined, where = this.#urls.join(", ")): never {
    throw new Unreachable(this.#who, where, failure?.message ?? "no URL was given");
  }
}

/** What only reads is asked of the next as well where one fails or keeps silent: a process that stands still takes connections all the same. Rejects as the last one did. */
async function firstToAnswer<T>(urls: readonly string[], ask: (url: string) => Promise<T>): Promise<T> {
  const [url, ...others] = urls;
  if (url === undefined) throw new CallFailed("no URL was given", true);
  const asked = ask(url);
  if (others.length === 0 || (await answersSoon(asked))) return asked;
  return Promise.any([asked, firstToAnswer(others, ask)]).catch(({ errors }: AggregateError) => {
    throw errors.at(-1);
  });
}

async function answersSoon(asked: Promise<unknown>): Promise<boolean> {
  const over = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => over.resolve(false), SILENT_MS);
  asked.then(
    () => over.resolve(true),
    () => over.resolve(false),
  );
  return over.promise.finally(() => clearTimeout(timer));
}

/** What stands behind a path: what is undefined or false is left out. */
export function queryText(
  query: NonNullable<Change["query"]>,
  more: readonly (readonly [string, string])[] = [],
): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === false ? [] : [[name, String(value)]],
  );
  const text = [...pairs, ...more].map((pair) => pair.map((one) => encodeURIComponent(one!)).join("=")).join("&");
  return text === "" ? "" : `?${text}`;
}
