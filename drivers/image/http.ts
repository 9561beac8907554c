import { Agent, type IncomingMessage, request } from "node:http";
import { type LeastRate, paced, slowness } from "@meseta/lib/io/http/paced.ts";
import { ImageFailed } from "./failure.ts";

export interface Ask {
  readonly method: "GET" | "HEAD";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** So long without an answer, or then without a byte, and the request has failed. */
  readonly stallMs: number;
  /** What of the body must come. */
  readonly leastRate: LeastRate;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  /** Must be read or destroyed. */
  readonly body: IncomingMessage;
  readonly leastRate: LeastRate;
  /** Who answered, for people. */
  readonly host: string;
}

const MAX_REDIRECTS = 5;

interface Way {
  readonly send: typeof request;
  readonly agent: Agent;
}

const plain: Way = { send: request, agent: new Agent({ keepAlive: true }) };
let secure: Promise<Way> | undefined;

/**
 * Asks, and follows redirects: to other hosts without the Authorization header, and never from https to http. Rejects with
 * ImageFailed, passing, when no answer came.
 */
export async function ask(wanted: Ask): Promise<Answer> {
  let { url, headers } = wanted;
  for (let redirects = 0; ; redirects++) {
    const answer = await askOnce({ ...wanted, url, headers });
    const { location } = answer.headers;
    if (![301, 302, 303, 307, 308].includes(answer.status) || location === undefined) return answer;
    answer.body.destroy();
    if (redirects === MAX_REDIRECTS)
      throw new ImageFailed(`${wanted.url.host} redirects more than ${MAX_REDIRECTS} times`);
    const next = redirected(url, location);
    if (next.origin !== url.origin) headers = without(headers, "authorization");
    url = next;
  }
}

/** All of the body, of at most `limit` bytes; ImageFailed beyond. */
export async function readAll(answer: Answer, limit: number, what: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of received(answer, what)) {
    length += part.length;
    if (length > limit) throw new ImageFailed(`${what} has more than ${limit} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** The body's bytes. Throws ImageFailed: passing when the line is cut before the end, slow when too little comes. */
export async function* received(answer: Answer, what: string): AsyncGenerator<Buffer> {
  const { body, leastRate, host } = answer;
  try {
    yield* paced(body, leastRate, (bytes) => new ImageFailed(`${host} ${slowness(bytes, leastRate)}`, { slow: true }));
  } catch (error) {
    throw error instanceof ImageFailed ? error : cut(what, error);
  }
}

async function askOnce({ method, url, headers, stallMs, leastRate }: Ask): Promise<Answer> {
  const { send, agent } = url.protocol === "https:" ? await (secure ??= loadSecure()) : plain;
  return new Promise((resolve, reject) => {
    let body: IncomingMessage | undefined;
    const stall = () => (body ?? sent).destroy(stalled(url, stallMs));
    // From the first byte to the last of the head, however it drips.
    const patience = setTimeout(stall, stallMs);
    const options = { method, agent, headers: { "user-agent": "meseta", ...headers }, timeout: stallMs };
    const sent = send(url, options, (answer) => {
      clearTimeout(patience);
      body = answer;
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body, leastRate, host: url.host });
    });
    sent.on("timeout", stall);
    sent.on("close", () => clearTimeout(patience));
    sent.on("error", (error) => reject(error instanceof ImageFailed ? error : unreachable(url, error)));
    sent.end();
  });
}

// Certificates take longer to load than a small image does to arrive; registries of this machine need none.
async function loadSecure(): Promise<Way> {
  const [{ Agent, request }, { getCACertificates }] = await Promise.all([import("node:https"), import("node:tls")]);
  // The machine's own authorities as well: registries within a company have certificates that only these know.
  const ca = [...getCACertificates("default"), ...getCACertificates("system")];
  return { send: request, agent: new Agent({ keepAlive: true, ca }) };
}

function redirected(from: URL, location: string): URL {
  const to = URL.parse(location, from);
  if (to === null || !/^https?:$/.test(to.protocol))
    throw new ImageFailed(`${from.host} redirects to what is no address`);
  if (from.protocol === "https:" && to.protocol === "http:")
    throw new ImageFailed(`${from.host} redirects from https to http, to ${to.host}, which is not followed`);
  return to;
}

function without(headers: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key.toLowerCase() !== name));
}

function stalled(url: URL, stallMs: number): ImageFailed {
  return new ImageFailed(`${url.host} sent nothing for ${stallMs / 1000} s; is it overloaded, or behind a firewall?`, {
    passing: true,
    weight: 3,
  });
}

function cut(what: string, cause: unknown): ImageFailed {
  return new ImageFailed(`the line was cut in the middle of ${what}`, { passing: true, cause });
}

function unreachable(url: URL, error: NodeJS.ErrnoException): ImageFailed {
  const certificate = /CERT|SIGNATURE|ALTNAME/.test(error.code ?? "");
  const why = error.message || error.code || "no answer";
  const hint = certificate
    ? "; add its authority to the machine's certificates"
    : "; is it running, and is the name right?";
  return new ImageFailed(`${url.host} cannot be reached: ${why}${hint}`, { passing: !certificate, cause: error });
}
