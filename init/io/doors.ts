import { errorPage } from "@meseta/api/errors.ts";
import { dropwizardDocument, prometheusText } from "@meseta/lib/core/metrics.ts";
import { healthAnswer } from "@meseta/lib/io/health.ts";
import { type Answer, jsonAnswer, textAnswer } from "@meseta/lib/io/http/answer.ts";
import { accepts } from "@meseta/lib/io/http/negotiation.ts";
import type { Reply, Request } from "@meseta/lib/io/http/request.ts";
import { readLevelChange } from "@meseta/lib/io/verbosity.ts";
import type { Asked, Door } from "../core/routes.ts";
import { headersFor } from "./dress.ts";
import type { Front } from "./front.ts";
import { samplesOf } from "./numbers.ts";
import { startPage } from "./start-page.ts";

interface Visit {
  readonly front: Front;
  readonly request: Request;
  readonly asked: Asked;
  readonly reply: Reply;
}

/** What is answered without the core; undefined when `reply` is kept. */
export const DOORS: Readonly<Record<Door, (visit: Visit) => Answer | undefined>> = {
  home: () => ({ status: 302, headers: { Location: "/ui/" } }),
  page: ({ front }) => startPage(front),
  ping: ({ request }) => ping(request),
  health: ({ front }) => healthAnswer(front.loop.daemon.storeFailure),
  metrics: ({ front }) => jsonAnswer(dropwizardDocument(samplesOf(front), "marathon")),
  prometheus: ({ front }) => ({
    status: 200,
    headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" },
    body: prometheusText(samplesOf(front), "marathon"),
  }),
  leader: ({ front }) => jsonAnswer({ leader: front.config.address }),
  abdicate: ({ front, asked }) => abdicate(front, asked),
  plugins: () => jsonAnswer({ plugins: [] }),
  config: ({ front }) => jsonAnswer(front.http.flags),
  logging: ({ front }) => jsonAnswer(front.verbosity.levels()),
  "set-logging": ({ front, asked }) => setLogging(front, asked),
  events: events,
  "pods-probe": () => ({ status: 200 }),
  "error-page": ({ asked }) => explainCode(asked.at.code),
};

/** Says what is wrong with a request. */
export function refused(status: number, text: string): Answer {
  return jsonAnswer({ message: text }, status);
}

function ping({ headers }: Request): Answer {
  if (accepts(headers.accept, "text/plain")) return { ...textAnswer(200, "pong") };
  return accepts(headers.accept, "application/json") ? jsonAnswer("pong") : { status: 204 };
}

function abdicate(front: Front, { query }: Asked): Answer {
  for (const name of ["backup", "restore"])
    if (query.get(name) !== null)
      return refused(400, `'${name}' is not offered: records are backed up by meseta store backup`);
  front.abdicate();
  return jsonAnswer({ message: "Leadership abdicated" });
}

function setLogging({ verbosity }: Front, { body }: Asked): Answer {
  const change = readLevelChange(body);
  if (typeof change === "string") return refused(422, change);
  verbosity.set(change);
  return jsonAnswer(change);
}

function events({ front, request, asked, reply }: Visit): Answer | undefined {
  if (!String(request.headers.accept ?? "").includes("text/event-stream"))
    return { ...refused(405, "Events are sent to clients that accept text/event-stream only") };
  // Who asks for the head alone would wait for ever for a stream of which it gets nothing.
  if (request.method === "HEAD") return { status: 200, headers: { "Content-Type": "text/event-stream;charset=utf-8" } };
  const joining = {
    peer: request.peer,
    types: asked.query.getAll("event_type"),
    lastId: request.headers["last-event-id"]?.toString(),
  };
  front.loop.readers.join(reply, joining, headersFor(request.headers, front.dress));
  return undefined;
}

function explainCode(code = ""): Answer {
  const page = errorPage(code);
  return page === undefined ? refused(404, "URI not found") : textAnswer(200, page);
}
