import { invalidJson } from "@meseta/api/json-body/body.ts";
import { tellLeftAside } from "@meseta/api/json-body/left-aside.ts";
import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import { Beside } from "@meseta/lib/io/beside.ts";
import { type Answer as HttpAnswer, jsonAnswer, piecesAnswer } from "@meseta/lib/io/http/answer.ts";
import { accepts } from "@meseta/lib/io/http/negotiation.ts";
import { type LargeRead, readBeside } from "@meseta/lib/io/http/read-beside.ts";
import type { Handler, Reply, Request } from "@meseta/lib/io/http/request.ts";
import type { Call } from "../core/call.ts";
import { leftAsideBy } from "../core/definition/left-aside.ts";
import type { Answer } from "../core/out.ts";
import type { Query, Reading } from "../core/query.ts";
import { type Asked, findRoute, NOT_FOUND, type Route, readRequest } from "../core/routes.ts";
import { readQuery } from "../core/views/read.ts";
import { DOORS, refused } from "./doors.ts";
import type { Front } from "./front.ts";

/** All that init answers. */
export function initHandler(front: Front): Handler {
  const handler: Handler = (request, reply) => answerTo(front, request, reply);
  return front.http.mostRequests === undefined
    ? handler
    : limited(front.http.mostRequests, handler, () => front.loop.deeds.add("http.requests.refused.counter"));
}

function answerTo(front: Front, request: Request, reply: Reply): ReturnType<Handler> {
  front.loop.deeds.add("http.requests.counter");
  if (request.method === "OPTIONS") return optionsOf(request);
  const way = findRoute(request.method, request.path);
  if ("answer" in way) return toHttp(way.answer);
  const refusal = typesRefused(way.route, request);
  if (refusal !== undefined) return refusal;
  const { large } = request;
  if (large === undefined || !way.route.takesBody) return take(way, { front, request, reply });
  return readBeside(reader, "json", request, large).then((read) =>
    "text" in read ? toHttp(invalidJson(read.text)) : take(way, { front, request: read.request, reply }),
  );
}

/** Large bodies are looked at beside the loop first. */
const reader = new Beside<"json", LargeRead>(new URL("../../api/json-body/large-body.ts", import.meta.url));

function take(way: Parameters<typeof readRequest>[0], visit: Visit): HttpAnswer | undefined {
  const { query, headers } = visit.request;
  const bodyText = way.route.takesBody ? decodeUtf8(visit.request.body) : "";
  const wantsText = !accepts(headers.accept, "application/json");
  const asked = readRequest(way, { query, bodyText, wantsText });
  return "answer" in asked ? toHttp(asked.answer) : go(way.route, asked, visit);
}

interface Visit {
  readonly front: Front;
  readonly request: Request;
  readonly reply: Reply;
}

function go(route: Route, asked: Asked, visit: Visit) {
  const { front, request, reply } = visit;
  if (route.opens !== undefined) return DOORS[route.opens]({ ...visit, asked });
  if (!front.loop.daemon.ready) return refused(503, "The records are being loaded; try again soon");
  if (route.shows !== undefined) return void show(front, route.shows(asked), reply);
  void ask(front, route.does!(asked), request, reply);
  return undefined;
}

/** Larger bodies are written by programs, which do not misspell. */
const LOOKED_THROUGH_BYTES = 64 * 1024;

/** A dry run sees what init would be offered. */
async function ask({ loop, previews }: Front, call: Call, request: Request, reply: Reply): Promise<void> {
  const client = { ip: request.peer, uri: request.path };
  const isDry = "dryRun" in call && call.dryRun === true;
  const whole = isDry ? { ...call, offers: await previews.offersFor(decodeUtf8(request.body)) } : call;
  const aside = request.body.length <= LOOKED_THROUGH_BYTES ? leftAsideBy(call) : [];
  loop.ask(whole, client, (answer) => reply.answer(toHttp(tellLeftAside(answer, aside))));
}

/** Which methods a path has. */
function optionsOf({ path }: Request): HttpAnswer {
  const way = findRoute("OPTIONS", path);
  const allow = "answer" in way ? way.answer.headers?.["Allow"] : undefined;
  return allow === undefined ? toHttp(NOT_FOUND) : { status: 200, headers: { Allow: allow } };
}

/** A body that does not say that it is JSON is refused: pages of other sites may send such without being asked. */
function typesRefused(route: Route, { method, headers }: Request): HttpAnswer | undefined {
  const type = headers["content-type"];
  if (method !== "GET" && method !== "HEAD" && method !== "DELETE" && type !== undefined && !isJson(type))
    return refused(415, "Unsupported Media Type");
  if (route.opens !== undefined || accepts(headers.accept, "application/json")) return undefined;
  return TEXTS.has(route.path) && accepts(headers.accept, "text/plain") ? undefined : refused(406, "Not Acceptable");
}

/** What is there as lines of text as well. */
const TEXTS: ReadonlySet<string> = new Set([
  "/v2/tasks",
  "/v2/apps/*/tasks",
  "/v2/apps/{group}/*/tasks",
  "/v2/apps/{app}/tasks",
]);

function isJson(type: string | string[]): boolean {
  return /^application\/(json|[\w.-]+\+json)\s*(;|$)/i.test(String(type));
}

/** As of now; answered once all that it shows is durable. */
function show({ loop }: Front, query: Query, reply: Reply): void {
  loop.daemon.read(
    ({ state }) => readQuery(state, query, loop.daemon.nowMs()),
    (reading) => reply.answer(shown(reading)),
    (reason) => reply.answer(refused(503, reason.message)),
  );
}

function shown({ status, isText, headers, pieces }: Reading): HttpAnswer {
  const type = isText ? "text/plain; charset=utf-8" : "application/json";
  return piecesAnswer(status, { ...headers, "Content-Type": type }, pieces);
}

function toHttp({ status, headers, body }: Answer): HttpAnswer {
  if (body === undefined) return { status, headers };
  const answer = jsonAnswer(body, status);
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

const TOO_MANY = refused(503, "Too many concurrent requests");

/** So many requests at a time; more are refused, but for /ping, by which others learn whether init lives. */
function limited(most: number, handler: Handler, onRefused: () => void): Handler {
  let open = 0;
  return async (request, reply) => {
    if (request.path === "/ping") return handler(request, reply);
    if (open >= most) {
      onRefused();
      return { ...TOO_MANY, headers: { ...TOO_MANY.headers, "Retry-After": "1" } };
    }
    open++;
    let isOver = false;
    const over = () => {
      if (!isOver) open--;
      isOver = true;
    };
    const counted: Reply = {
      answer: (answer) => {
        over();
        reply.answer(answer);
      },
      // A stream is no request that others would have to wait for.
      open: (headers) => {
        over();
        return reply.open(headers);
      },
      onGone: (callback) => reply.onGone(callback),
      get gone() {
        return reply.gone;
      },
    };
    try {
      const answer = await handler(request, counted);
      if (answer !== undefined) over();
      return answer;
    } catch (error) {
      over();
      throw error;
    }
  };
}
