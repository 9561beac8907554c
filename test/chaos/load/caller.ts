import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import { CallFailed } from "@meseta/lib/core/ports/transport.ts";
import { HttpClient, type Outgoing } from "@meseta/lib/io/http/client.ts";
import type { Outcome } from "../history.ts";

export interface Said {
  readonly status: number;
  readonly text: string;
  /** Who said it. */
  readonly from: string;
}

export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
}

const MAX_REDIRECTS = 3;

/** Somebody who calls servers of which one leads, and gives up on each after a while. */
export class Caller {
  readonly #urls: readonly string[];
  readonly #client: HttpClient;
  #next = 0;

  constructor(urls: readonly string[], patienceMs: number) {
    this.#urls = urls;
    this.#client = new HttpClient(8, { answerTimeoutMs: patienceMs, bodyTimeoutMs: patienceMs });
  }

  /** Asks one after the other until somebody has surely heard it, and follows redirects. Rejects with `CallFailed`. */
  async ask(request: Request): Promise<Said> {
    let failure: unknown;
    for (const _ of this.#urls) {
      const url = this.#urls[this.#next % this.#urls.length]!;
      try {
        const said = await this.#follow(url, request);
        // Who does not lead, and knows of nobody, has done nothing.
        if (!isLeaderless(said)) return said;
        failure = new CallFailed(said.text, true);
      } catch (error) {
        failure = error;
        if (!(error instanceof CallFailed) || !error.unsent) throw error;
      } finally {
        this.#next++;
      }
    }
    throw failure;
  }

  /** Asks this server and no other. */
  async askOne(url: string, request: Request): Promise<Said> {
    return (await this.#exchange(url, request)).said;
  }

  /** Sends a change, and tells what became of it. */
  async change(request: Request): Promise<{ readonly outcome: Outcome; readonly why: string }> {
    try {
      const { status, text, from } = await this.ask(request);
      if (status >= 200 && status < 300) return { outcome: "done", why: from };
      return { outcome: status < 500 ? "refused" : "unknown", why: `${status} ${text.slice(0, 200)}` };
    } catch (error) {
      return { outcome: (error as CallFailed).unsent ? "refused" : "unknown", why: (error as Error).message };
    }
  }

  close(): void {
    this.#client.close();
  }

  async #follow(url: string, request: Request): Promise<Said> {
    let at = url;
    for (let redirects = 0; ; redirects++) {
      const { said, location } = await this.#exchange(at, request);
      if (said.status !== 307 || location === undefined) return said;
      // Two that name one another: neither leads now.
      if (redirects === MAX_REDIRECTS) throw new CallFailed("redirected again and again", true);
      at = new URL(location, at).origin;
    }
  }

  async #exchange(url: string, { method, path, body }: Request) {
    const headers = { Accept: "application/json", ...(body !== undefined && { "Content-Type": "application/json" }) };
    const outgoing: Outgoing = {
      url: url + path,
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    };
    const { status, headers: answered, body: bytes } = await this.#client.exchange(outgoing);
    return { said: { status, text: decodeUtf8(bytes), from: url }, location: answered["location"] };
  }
}

/** Words of servers that have nobody to pass a request on to, and those of one that is only about to lead. */
const LEADERLESS =
  /No leader elected|Master has not finished recovery|Could not determine the current leader|Detected proxying loop|The records are being loaded/;

function isLeaderless({ status, text }: Said): boolean {
  return (status === 502 || status === 503) && LEADERLESS.test(text);
}
