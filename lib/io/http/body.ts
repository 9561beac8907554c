import type { IncomingMessage } from "node:http";
import { type Answer, textAnswer } from "./answer.ts";
import type { Bounds } from "./bounds.ts";
import type { HttpCounts } from "./counts.ts";
import { Gathered } from "./gathered.ts";
import { brought, passed } from "./intake.ts";

/** Counts the bytes of all request bodies that are held, so that many large ones cannot fill the memory together. */
export class BodyBudget {
  readonly #most: number;
  readonly #counts: HttpCounts;

  constructor(bytes: number, counts: HttpCounts) {
    this.#most = bytes;
    this.#counts = counts;
  }

  take(bytes: number): boolean {
    if (this.#counts.now.body_bytes + bytes > this.#most) return false;
    this.#counts.now.body_bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#counts.now.body_bytes -= bytes;
  }
}

export type Body = { gathered: Gathered; release: () => void } | { refusal: Answer };

/**
 * Reads a whole body within the bounds. `release` gives its bytes back to the budget, once the request is answered. Resolves
 * with undefined when the peer went away meanwhile.
 */
export async function readBody(
  incoming: IncomingMessage,
  bounds: Bounds,
  budget: BodyBudget,
): Promise<Body | undefined> {
  const declared = Number(incoming.headers["content-length"] ?? 0);
  if (declared > bounds.bodyBytes) return { refusal: tooLarge(bounds) };
  const encoding = incoming.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    return { refusal: textAnswer(415, `Expecting 'Content-Encoding' of gzip or none, but received '${encoding}'`) };
  }
  if (encoding === "identity" && !hasBody(incoming)) return NO_BODY;
  const body = await gather(incoming, bounds, budget);
  if (encoding === "identity" || body === undefined || "refusal" in body) return body;
  return inflate(body, bounds, budget);
}

const NO_BODY: Body = { gathered: new Gathered(), release: () => {} };

function tooLarge(bounds: Bounds): Answer {
  return textAnswer(413, `The body is larger than ${bounds.bodyBytes} bytes`);
}

const overloaded = textAnswer(503, "Too many large requests are under way; try again later", { "Retry-After": "1" });

function gather(incoming: IncomingMessage, bounds: Bounds, budget: BodyBudget): Promise<Body | undefined> {
  return new Promise((resolve) => {
    const gathered = new Gathered();
    const timer = setTimeout(() => refuse(textAnswer(408, "The body did not arrive in time")), bounds.bodyTimeoutMs);
    const finish = (body: Body | undefined) => {
      clearTimeout(timer);
      incoming.off("data", onData).off("end", onEnd).off("close", onClose);
      if (body === undefined || "refusal" in body) budget.give(gathered.length);
      resolve(body);
    };
    const refuse = (refusal: Answer) => finish({ refusal });
    const onData = (chunk: Uint8Array) => {
      if (gathered.length + chunk.length > bounds.bodyBytes) return refuse(tooLarge(bounds));
      if (!budget.take(chunk.length)) return refuse(overloaded);
      gathered.add(chunk);
      brought(incoming, chunk.length);
    };
    const onEnd = () => finish({ gathered, release: () => budget.give(gathered.length) });
    const onClose = () => finish(undefined);
    incoming.on("data", onData).on("end", onEnd).on("close", onClose);
  });
}

async function inflate(
  body: { gathered: Gathered; release: () => void },
  bounds: Bounds,
  budget: BodyBudget,
): Promise<Body> {
  // Loaded only when somebody compresses: most processes never need it.
  const { gunzip } = await import("node:zlib");
  const inflated = await new Promise<Buffer | NodeJS.ErrnoException>((resolve) =>
    gunzip(body.gathered.whole(), { maxOutputLength: bounds.bodyBytes }, (error, bytes) => resolve(error ?? bytes)),
  );
  body.release();
  if (inflated instanceof Error) {
    const refusal =
      inflated.code === "ERR_BUFFER_TOO_LARGE" ? tooLarge(bounds) : textAnswer(400, "The body is not valid gzip");
    return { refusal };
  }
  if (!budget.take(inflated.length)) return { refusal: overloaded };
  const gathered = new Gathered();
  gathered.add(inflated);
  return { gathered, release: () => budget.give(inflated.length) };
}

/** Whether a body belongs to a request, which may have come or not. */
export function hasBody({ headers }: IncomingMessage): boolean {
  return (headers["content-length"] ?? "0") !== "0" || headers["transfer-encoding"] !== undefined;
}

/**
 * Lets the rest of an unread body pass, so that the peer reads our refusal instead of a broken connection; but not for ever.
 */
export function discardBody(incoming: IncomingMessage, bounds: Bounds): void {
  if (incoming.complete || incoming.destroyed) return;
  let length = 0;
  const timer = setTimeout(() => incoming.destroy(), bounds.bodyTimeoutMs);
  timer.unref();
  incoming.once("close", () => clearTimeout(timer));
  incoming.on("data", (chunk: Uint8Array) => {
    length += chunk.length;
    // What is refused for its length alone is longer than one body may be.
    if (length > 2 * bounds.bodyBytes) incoming.destroy();
    else passed(incoming, chunk.length);
  });
  incoming.resume();
}
