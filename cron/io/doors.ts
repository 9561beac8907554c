import { errorPage } from "@meseta/api/errors.ts";
import { dropwizardDocument, prometheusText } from "@meseta/lib/core/metrics.ts";
import { healthText } from "@meseta/lib/io/health.ts";
import type { Request } from "@meseta/lib/io/http/request.ts";
import { HTML } from "@meseta/lib/io/http/start-page.ts";
import { readLevelChange } from "@meseta/lib/io/verbosity.ts";
import type { Answer } from "../core/out.ts";
import type { Api, Asked, Door } from "../core/routes/route.ts";
import type { Front } from "./front.ts";
import { samplesOf } from "./numbers.ts";
import { startPage } from "./start-page.ts";

interface Visit {
  readonly front: Front;
  readonly api: Api;
  readonly request: Request;
  readonly asked: Asked;
}

/** What is answered without the core. */
export const DOORS: Readonly<Record<Door, (visit: Visit) => Answer>> = {
  home: ({ front }) => ({ status: 200, headers: HTML, body: startPage(front), isText: true }),
  ping: () => ({ status: 200, body: "pong", isText: true }),
  health: ({ front }) => ({ status: 200, body: healthText(front.loop.daemon.storeFailure), isText: true }),
  metrics: ({ front, api }) => ({ status: 200, body: dropwizardDocument(samplesOf(front), api.name) }),
  prometheus: ({ front, api }) => ({
    status: 200,
    headers: { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" },
    body: prometheusText(samplesOf(front), api.name),
    isText: true,
  }),
  leader: ({ front, api }) => ({ status: 200, body: { leader: addressOf(front, api) } }),
  info: ({ front }) => ({
    status: 200,
    body: { version: front.config.version, libVersion: front.config.version, config: front.http.flags },
  }),
  logging: ({ front }) => ({ status: 200, body: front.verbosity.levels() }),
  "set-logging": setLogging,
  "error-page": explainCode,
};

function addressOf({ config }: Front, { name }: Api): string {
  return name === "chronos" ? config.address : config.metronomeAddress;
}

function setLogging({ front, api, asked }: Visit): Answer {
  const change = readLevelChange(asked.body);
  if (typeof change === "string") return api.refused(422, change);
  front.verbosity.set(change);
  return { status: 200, body: change };
}

function explainCode({ api, request, asked }: Visit): Answer {
  const page = errorPage(asked.at["code"] ?? "");
  return page === undefined ? api.nowhere(request.path, []) : { status: 200, body: page, isText: true };
}
