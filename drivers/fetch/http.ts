import { type IncomingMessage, type OutgoingHttpHeaders, request as plainRequest, STATUS_CODES } from "node:http";
import { shown } from "./uri.ts";

const MOST_REDIRECTS = 10;
const MOST_TRIES = 4;
const RETRIED = new Set([408, 429, 500, 502, 503, 504]);

export interface Question {
  readonly method: "GET" | "HEAD";
  readonly url: string;
  readonly headers?: OutgoingHttpHeaders;
  /** A server that has not answered after so long is given up, and one that then sends nothing for so long. */
  readonly stallMs: number;
  readonly signal?: AbortSignal;
  /** Hears of each redirect. */
  readonly redirected?: (url: string) => void;
}

/** A failure that another try would not mend. */
class Final extends Error {}

/**
 * Asks once and follows redirects, at most ten, to http and https alone and never from https to http. A password in the URL goes to
 * its own origin only. Rejects with a sentence of which the server is the subject ("it …"), or with the system's.
 */
export async function ask(question: Question): Promise<IncomingMessage> {
  const first = new URL(question.url);
  let url = first;
  for (let hops = 0; hops <= MOST_REDIRECTS; hops++) {
    const answer = await send(question, url, first);
    const next = redirectOf(answer, url);
    if (next === undefined) return answer;
    answer.destroy();
    question.redirected?.(shown(next.href));
    url = next;
  }
  throw new Final(`it redirects more than ${MOST_REDIRECTS} times`);
}

/** Tries a few times, with growing pauses; what is `Final` only once. `again` hears why, before each further try. */
export async function retried<T>(
  firstPauseMs: number,
  attempt: () => Promise<T>,
  again: (why: string) => void,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof Final || tries === MOST_TRIES) throw error;
      again(reasonOf(error));
      await new Promise((resolve) => setTimeout(resolve, firstPauseMs * 2 ** (tries - 1)));
    }
  }
}

/** Refuses all answers but 200; those that may go away are worth another try. */
export function mustBeOk(answer: IncomingMessage): void {
  const { statusCode = 0 } = answer;
  if (statusCode === 200) return;
  answer.destroy();
  const sentence = `it answered ${statusCode} ${STATUS_CODES[statusCode] ?? ""}`.trimEnd();
  throw RETRIED.has(statusCode) ? new Error(sentence) : new Final(sentence);
}

/** What Content-Length says; undefined when nobody knows. */
export function lengthOf(answer: IncomingMessage): number | undefined {
  const text = answer.headers["content-length"];
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** An error in a few words. One of several addresses that all failed has no message of its own. */
export function reasonOf(error: unknown): string {
  const { message, code, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  return message || (errors?.[0] === undefined ? (code ?? "an error without a name") : reasonOf(errors[0]));
}

function redirectOf({ statusCode = 0, headers }: IncomingMessage, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) return undefined;
  if (!URL.canParse(headers.location, from.href)) throw new Final("it redirects to what is no URL");
  const to = new URL(headers.location, from.href);
  if (to.protocol !== "http:" && to.protocol !== "https:") throw new Final(`it redirects to ${to.protocol}`);
  if (from.protocol === "https:" && to.protocol === "http:") throw new Final("it redirects from https to http");
  return to;
}

// TLS is loaded when the first https URL comes.
async function send({ method, headers, stallMs, signal }: Question, url: URL, first: URL): Promise<IncomingMessage> {
  const request = url.protocol === "https:" ? (await import("node:https")).request : plainRequest;
  const password = url.username === "" && url.origin === first.origin ? first : url;
  const options = {
    method,
    timeout: stallMs,
    headers: { "accept-encoding": "identity", "user-agent": "meseta", ...headers },
    ...(password.username !== "" && { auth: `${decode(password.username)}:${decode(password.password)}` }),
    ...(signal !== undefined && { signal }),
  };
  const bare = new URL(url);
  bare.username = bare.password = "";
  return new Promise((resolve, reject) => {
    let answer: IncomingMessage | undefined;
    const silent = () => (answer ?? sent).destroy(new Error(`it sent nothing for ${stallMs / 1000} s`));
    // From the first byte to the last of the head, however it drips.
    const patience = setTimeout(() => sent.destroy(new Error(`it gave no answer for ${stallMs / 1000} s`)), stallMs);
    const sent = request(bare, options, (heard) => {
      clearTimeout(patience);
      resolve((answer = heard));
    });
    sent.on("timeout", silent);
    sent.on("close", () => clearTimeout(patience));
    sent.on("error", reject);
    sent.end();
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
