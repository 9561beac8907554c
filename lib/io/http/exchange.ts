import type { IncomingMessage, ServerResponse } from "node:http";
import type { Log } from "@meseta/lib/core/ports/log.ts";
import { type Answer, textAnswer } from "./answer.ts";
import type { Backlog } from "./backlog.ts";
import { type BodyBudget, readBody } from "./body.ts";
import type { Bounds } from "./bounds.ts";
import { BodyChunks } from "./chunks.ts";
import type { HttpCounts } from "./counts.ts";
import { EventStream } from "./event-stream.ts";
import type { Gathered } from "./gathered.ts";
import { type HostNames, strangeHost } from "./host.ts";
import { isForeignWrite } from "./origin.ts";
import type { Admit, Dress, Handler, Reply, Request, RequestHead } from "./request.ts";
import { sendAnswer } from "./send.ts";
import { readTarget } from "./target.ts";
import { inTurn } from "./turns.ts";
import { begin } from "./under-way.ts";

export interface ExchangeContext {
  readonly bounds: Bounds;
  readonly budget: BodyBudget;
  readonly backlog: Backlog;
  readonly counts: HttpCounts;
  readonly handler: Handler;
  readonly admit: Admit;
  readonly dress?: Dress | undefined;
  readonly allowOrigins: readonly string[];
  /** The names that may be called by; undefined: all. */
  readonly hostNames: HostNames | undefined;
  readonly bodyBytesFor?: ((path: string) => number | undefined) | undefined;
  readonly log: Log;
}

/** One request from its head to its answer: who asks, then the body, then the handler. Never throws. */
export function exchange(incoming: IncomingMessage, response: ServerResponse, context: ExchangeContext): void {
  const reply = new ServerReply(response, context);
  // A connection that breaks is told by `close`; without a listener Node would throw it at the process.
  incoming.on("error", ignore);
  response.on("error", ignore);
  // What is not answered yet is kept, and a client could send a million behind one that takes its time.
  if (begin(response) > context.bounds.requestsPerConnection) {
    context.counts.met.requests_refused++;
    return reply.answer(tooMany);
  }
  inTurn(incoming.socket, () => {
    if (reply.gone) return;
    run(incoming, reply, context).catch((error: unknown) => {
      context.log.error("a request failed", { method: incoming.method, target: incoming.url, error });
      reply.answer(textAnswer(500, "500 Internal Server Error."));
    });
  });
}

const tooMany = textAnswer(503, "Too many requests wait for their answers on this connection", { "Retry-After": "1" });

function ignore(): void {}

async function run(incoming: IncomingMessage, reply: ServerReply, context: ExchangeContext): Promise<void> {
  const head = readHead(incoming);
  if (head === undefined) return reply.answer(textAnswer(400, "400 Bad Request."));
  const strange = context.hostNames && strangeHost(head.headers["host"], context.hostNames);
  if (strange !== undefined) return reply.answer(misdirected(strange));
  if (isForeignWrite(head, context.allowOrigins)) return reply.answer(foreign);
  const admitted = context.admit(head);
  if ("refusal" in admitted) return reply.answer(admitted.refusal);
  if (head.headers["content-type"] === "application/recordio")
    return runStreamed({ ...head, principal: admitted.principal }, incoming, reply, context);
  const bodyBytes = context.bodyBytesFor?.(head.path) ?? context.bounds.bodyBytes;
  const body = await readBody(incoming, { ...context.bounds, bodyBytes }, context.budget);
  if (body === undefined) return;
  if ("refusal" in body) {
    context.counts.refusedBody(body.refusal.status);
    return reply.answer(body.refusal);
  }
  if (body.gathered.length > 0) reply.holds(body.release);
  if (body.gathered.isLarge) context.counts.met.large_bodies++;
  const request = requestOf({ ...head, principal: admitted.principal }, body.gathered);
  answerWith(await context.handler(request, reply), reply);
}

function requestOf(head: Omit<Request, "body" | "incoming">, gathered: Gathered): Request {
  if (!gathered.isLarge) return { ...head, body: gathered.whole(), incoming: undefined };
  let whole: Uint8Array | undefined;
  return {
    ...head,
    incoming: undefined,
    large: gathered,
    get body() {
      return (whole ??= gathered.whole());
    },
  };
}

function misdirected(name: string): Answer {
  const shown = JSON.stringify(name.slice(0, 255));
  return textAnswer(
    421,
    `Nobody here is called ${shown}: this server is for its own machine alone. Call it at 127.0.0.1 or localhost, or start it with --host-names and that name`,
  );
}

const foreign = textAnswer(403, "Pages of other sites may not change anything here");

/** Its body has no end that could be waited for: the handler reads it, and may answer before it has read all. */
async function runStreamed(
  head: Omit<Request, "body" | "incoming">,
  incoming: IncomingMessage,
  reply: ServerReply,
  context: ExchangeContext,
): Promise<void> {
  const encoding = head.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") return reply.answer(compressedStream(encoding));
  const chunks = new BodyChunks(incoming);
  const request: Request = { ...head, body: new Uint8Array(0), incoming: chunks };
  try {
    answerWith(await context.handler(request, reply), reply);
  } finally {
    chunks.release();
  }
}

function compressedStream(encoding: string | string[]): Answer {
  return textAnswer(415, `Expecting no 'Content-Encoding' of a stream, but received '${encoding}'`);
}

function readHead(incoming: IncomingMessage): RequestHead | undefined {
  const target = readTarget(incoming.url ?? "/");
  if (target === undefined) return undefined;
  const { method = "GET", headers, socket } = incoming;
  return { method, path: target.path, query: target.query, headers, peer: socket.remoteAddress ?? "" };
}

function answerWith(answer: Answer | undefined, reply: Reply): void {
  if (answer !== undefined) reply.answer(answer);
}

class ServerReply implements Reply {
  readonly #response: ServerResponse;
  readonly #context: ExchangeContext;
  #used = false;
  #release: (() => void) | undefined;

  constructor(response: ServerResponse, context: ExchangeContext) {
    this.#response = response;
    this.#context = context;
  }

  answer(answer: Answer): void {
    if (this.#used) return;
    this.#used = true;
    this.#letGo();
    const { dress, bounds, counts } = this.#context;
    counts.answered(answer.status);
    const dressed = dress?.(answer, this.#response.req.headers) ?? answer;
    sendAnswer(this.#response, dressed, bounds, counts).catch((error: unknown) => {
      // The head is out already: only a broken connection can still tell the peer.
      this.#context.log.error("an answer failed", { error });
      this.#response.destroy();
    });
  }

  open(headers: Readonly<Record<string, string>> = {}): EventStream {
    if (!this.#used && !this.#response.destroyed) {
      this.#response.writeHead(200, headers);
      this.#response.flushHeaders();
    }
    this.#used = true;
    this.#letGo();
    const { bounds, counts, backlog } = this.#context;
    const stream = new EventStream(this.#response, bounds, backlog);
    counts.now.streams++;
    stream.onClose((end) => {
      counts.now.streams--;
      if (end === "slow") counts.met.slow_readers_cut_off++;
    });
    return stream;
  }

  get gone(): boolean {
    return this.#response.destroyed;
  }

  onGone(callback: () => void): void {
    if (this.gone) callback();
    else this.#response.once("close", () => this.#response.writableFinished || callback());
  }

  /** `release` is called once, when the body has been used: with the answer, or when a stream opens, which may last for weeks; or when the peer is gone. */
  holds(release: () => void): void {
    this.#release = release;
    if (this.gone) this.#letGo();
    else this.#response.once("close", () => this.#letGo());
  }

  #letGo(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
