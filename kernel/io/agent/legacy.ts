import { parseDurationMs } from "@meseta/lib/core/duration.ts";
import { prometheusText, snapshotOf } from "@meseta/lib/core/metrics.ts";
import { HEALTH, healthAnswer } from "@meseta/lib/io/health.ts";
import { type Answer, jsonAnswer, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Handler, Request } from "@meseta/lib/io/http/request.ts";
import type { Routes } from "@meseta/lib/io/http/router.ts";
import { oldState } from "../../core/agent/views/legacy.ts";
import { fileRoutes } from "./file-routes.ts";
import type { Front } from "./front.ts";
import { samplesOf } from "./numbers.ts";
import { startPage } from "./start-page.ts";
import { containersWithStatistics, oldContainer, oldStatistics } from "./statistics.ts";
import { versionOf } from "./version.ts";

/** The endpoints older than the v1 API, which third-party tools read, each also below /slave(1). Source: recorded answers of Mesos. */
export function legacyRoutes(front: Front): Routes {
  return {
    ...fileRoutes(front),
    "/state": state(front),
    "/flags": json(() => ({ flags: front.config.flags })),
    "/version": json(() => sorted(versionOf(front.config.version))),
    "/": () => startPage(front),
    [HEALTH]: () => healthAnswer(front.loop.storeFailure),
    "/monitor/statistics": json(async () => (await rows(front)).map(oldStatistics)),
    "/containers": json(async ({ query }) => {
      const wanted = query.get("container_id");
      const all = await rows(front);
      return all.filter(({ shown }) => wanted === null || shown.container_id.value === wanted).map(oldContainer);
    }),
    "/metrics/snapshot": json(() => snapshotOf(samplesOf(front))),
    "/metrics": () => prometheus(front),
    "/system/stats.json": json(() => machineStats(front)),
    "/logging/toggle": (request) => toggleLogging(front, request),
  };
}

function state(front: Front): Handler {
  return json(async () => ({ ...versionOf(front.config.version), ...((await front.loop.read(oldState)) as object) }));
}

function rows(front: Front) {
  return containersWithStatistics(front, { nested: false, standalone: false });
}

/** A name of a function, or a path of names; anything else could be a script of its own. */
const CALLBACK = /^[\w$.[\]]{1,128}$/;

/** As JSON, or as a script that calls the function named by `jsonp`. */
function json(view: (request: Request) => unknown): Handler {
  return async (request) => {
    const callback = request.query.get("jsonp");
    if (callback !== null && !CALLBACK.test(callback))
      return textAnswer(400, "Expecting 'jsonp' to be the name of a function");
    try {
      const answer = jsonAnswer(await view(request));
      if (callback === null) return answer;
      return {
        status: 200,
        headers: { "Content-Type": "text/javascript" },
        body: `${callback}(${answer.body as string})`,
      };
    } catch (error) {
      return textAnswer(503, `The state could not be read: ${(error as Error).message}`);
    }
  };
}

function sorted(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function prometheus(front: Front): Answer {
  const headers = { "Content-Type": "text/plain; version=0.0.4; charset=utf-8" };
  return { status: 200, headers, body: prometheusText(samplesOf(front), "meseta") };
}

function machineStats(front: Front): object {
  const numbers = snapshotOf(samplesOf(front));
  const of = (name: string) => numbers[`system/${name}`];
  return {
    avg_load_15min: of("load_15min"),
    avg_load_1min: of("load_1min"),
    avg_load_5min: of("load_5min"),
    cpus_total: of("cpus_total"),
    mem_free_bytes: of("mem_free_bytes"),
    mem_total_bytes: of("mem_total_bytes"),
  };
}

function toggleLogging({ verbosity }: Front, { query }: Request): Answer {
  const [level, duration] = [query.get("level"), query.get("duration")];
  if (level === null && duration === null) return textAnswer(200, `${verbosity.level}`);
  if (level === null || duration === null)
    return textAnswer(400, `Expecting '${level === null ? "level" : "duration"}=value' in query.\n`);
  const durationMs = parseDurationMs(duration);
  if (durationMs === undefined) return textAnswer(400, `Invalid duration '${duration}'.\n`);
  const problem = verbosity.set(/^\d{1,3}$/.test(level) ? Number(level) : Number.NaN, durationMs);
  return problem === undefined ? { status: 200 } : textAnswer(400, `${problem}.\n`);
}
