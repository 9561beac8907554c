import { tellLeftAside } from "@meseta/api/json-body/left-aside.ts";
import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import { allowOf, type RouteFound } from "@meseta/lib/core/route-table.ts";
import { Beside } from "@meseta/lib/io/beside.ts";
import { type Answer as HttpAnswer, jsonAnswer, piecesAnswer, textAnswer } from "@meseta/lib/io/http/answer.ts";
import { type LargeRead, readBeside } from "@meseta/lib/io/http/read-beside.ts";
import type { Handler, Reply, Request } from "@meseta/lib/io/http/request.ts";
import { leftAsideBy } from "../core/definition/left-aside.ts";
import type { Answer } from "../core/out.ts";
import type { Query, Reading } from "../core/query.ts";
import { type Api, type Asked, invalidJson, type Route, readRequest } from "../core/routes/route.ts";
import { readQuery } from "../core/views/read.ts";
import { DOORS } from "./doors.ts";
import type { Front } from "./front.ts";

/** All that one of the two servers answers: its own API, and the other one where its own has nothing. */
export function cronHandler(front: Front, own: Api, other: Api): Handler {
  return (request, reply) => {
    front.loop.deeds.countRequest();
    const { api, found } = look(request, own, other);
    if (request.method === "OPTIONS") return optionsOf(found, request, api);
    if (!("route" in found)) return toHttp(api.nowhere(request.path, found.methods));
    return answerTo({ front, api, request, reply }, found);
  };
}

interface Visit {
  readonly front: Front;
  readonly api: Api;
  readonly request: Request;
  readonly reply: Reply;
}

function look({ method, path }: Request, own: Api, other: Api): { api: Api; found: RouteFound<Route> } {
  const found = own.find(method, path);
  if ("route" in found || found.methods.length > 0) return { api: own, found };
  const second = other.find(method, path);
  return "route" in second || second.methods.length > 0 ? { api: other, found: second } : { api: own, found };
}

function answerTo(visit: Visit, found: Found): ReturnType<Handler> {
  const { api, request } = visit;
  if (found.route.body !== undefined && !isJson(request)) return toHttp(api.refused(415, "The body must be JSON."));
  const { large } = request;
  if (large === undefined || found.route.body === undefined) return take(visit, found);
  return readBeside(reader, "json", request, large).then((read) =>
    "text" in read ? toHttp(invalidJson(api, read.text)) : take({ ...visit, request: read.request }, found),
  );
}

type Found = Extract<RouteFound<Route>, { route: Route }>;

/** Large bodies are looked at beside the loop first. */
const reader = new Beside<"json", LargeRead>(new URL("../../api/json-body/large-body.ts", import.meta.url));

function take(visit: Visit, found: Found): HttpAnswer | undefined {
  const { api, request } = visit;
  const bodyText = found.route.body === undefined ? "" : decodeUtf8(request.body);
  const read = readRequest(api, found, { query: request.query, bodyText });
  return "refusal" in read ? toHttp(read.refusal) : go(found.route, read.value, visit);
}

function go({ opens, shows, does }: Route, asked: Asked, visit: Visit): HttpAnswer | undefined {
  const { front, api, reply } = visit;
  if (opens !== undefined) return toHttp(DOORS[opens]({ ...visit, asked }));
  const refuse = (reason: Error) => api.refused(503, reason.message);
  if (!front.loop.daemon.ready) return toHttp(refuse(new Error("The records are being loaded; try again soon.")));
  const wanted = shows?.(asked);
  if (wanted !== undefined) {
    if ("refusal" in wanted) return toHttp(wanted.refusal);
    return void show(front, wanted.value, reply, refuse);
  }
  const call = does!(asked);
  if ("refusal" in call) return toHttp(call.refusal);
  const refused = ({ message }: Error) => refuse(new Error(`Nothing was changed: ${message}`));
  const aside = visit.request.body.length <= LOOKED_THROUGH_BYTES ? leftAsideBy(call.value) : [];
  const answered = (answer: Answer) => reply.answer(toHttp(tellLeftAside(answer, aside)));
  front.loop.ask(call.value, { answered, refuse: refused });
  return undefined;
}

/** Larger bodies are written by programs, which do not misspell. */
const LOOKED_THROUGH_BYTES = 64 * 1024;

/** As of now; answered once all that it shows is durable. */
function show({ loop }: Front, query: Query, reply: Reply, refuse: (reason: Error) => Answer): void {
  loop.daemon.read(
    ({ state }) => readQuery(state, query, loop.daemon.nowMs()),
    (reading) => reply.answer(shown(reading)),
    (reason) => reply.answer(toHttp(refuse(reason))),
  );
}

function shown({ status, isText, pieces }: Reading): HttpAnswer {
  const type = isText ? "text/plain; charset=utf-8" : "application/json";
  return piecesAnswer(status, { "Content-Type": type }, pieces);
}

/** Which methods a path has. */
function optionsOf(found: RouteFound<Route>, { path }: Request, api: Api): HttpAnswer {
  if ("route" in found || found.methods.length === 0) return toHttp(api.nowhere(path, []));
  return { status: 200, headers: { Allow: allowOf(found.methods) } };
}

/** A body that does not say that it is JSON is refused: pages of other sites may send such without being asked. */
function isJson({ headers, body }: Request): boolean {
  const type = headers["content-type"];
  return body.length === 0 || type === undefined || /^application\/(json|[\w.-]+\+json)\s*(;|$)/i.test(String(type));
}

function toHttp({ status, headers, body, isText }: Answer): HttpAnswer {
  if (body === undefined) return { status, headers };
  const answer = isText ? textAnswer(status, String(body)) : jsonAnswer(body, status);
  return { ...answer, headers: { ...answer.headers, ...headers } };
}
