import { RouteTable, withoutPrefix } from "@meseta/lib/core/route-table.ts";
import { readEmbeds } from "../definition/embed.ts";
import { NOT_FOUND } from "../definition/refusal.ts";
import type { Answer } from "../out.ts";
import type { Query } from "../query.ts";
import {
  type Api,
  type Asked,
  countIn,
  does,
  dryRunIn,
  isOn,
  looks,
  opens,
  type Read,
  type Route,
  shows,
  takes,
} from "./route.ts";

/** Every endpoint of Metronome's API; /history, /explain, /actions/pause and /actions/resume are Meseta's. Source: Metronome 0.6. */
// biome-ignore format: a table, one endpoint a line.
const ROUTES: readonly Route[] = [
  looks("/v1/jobs", "embed", (asked) => embedded(asked, (embed) => ({ kind: "jobs", embed }))),
  takes("POST", "/v1/jobs", "dryRun", ({ body, query }) => ({ kind: "create-job", isWhole: false, body, ...dryRunIn(query) })),
  looks("/v1/jobs/{job}", "embed", (asked) => embedded(asked, (embed) => ({ kind: "job", id: asked.at["job"]!, embed }))),
  takes("PUT", "/v1/jobs/{job}", "dryRun", ({ at, body, query }) => ({ kind: "update-job", id: at["job"]!, isWhole: false, body, ...dryRunIn(query) })),
  does("DELETE", "/v1/jobs/{job}", "stopCurrentJobRuns", ({ at, query }) => ({ kind: "delete-job", id: at["job"]!, stopCurrentJobRuns: isOn(query, "stopCurrentJobRuns") })),
  looks("/v1/jobs/{job}/history", "limit", ({ at, query }) => limited(countIn(query, "limit", 100), (limit) => ({ kind: "history", job: at["job"]!, limit }))),
  shows("/v1/jobs/{job}/explain", "", ({ at }) => ({ kind: "explain", job: at["job"]! })),
  does("POST", "/v1/jobs/{job}/actions/pause", "", ({ at }) => ({ kind: "pause-job", id: at["job"]!, isPaused: true })),
  does("POST", "/v1/jobs/{job}/actions/resume", "", ({ at }) => ({ kind: "pause-job", id: at["job"]!, isPaused: false })),

  shows("/v1/jobs/{job}/schedules", "", ({ at }) => ({ kind: "schedules", job: at["job"]! })),
  takes("POST", "/v1/jobs/{job}/schedules", "dryRun", ({ at, body, query }) => ({ kind: "create-schedule", job: at["job"]!, body, ...dryRunIn(query) })),
  shows("/v1/jobs/{job}/schedules/{schedule}", "", ({ at }) => ({ kind: "schedule", job: at["job"]!, schedule: at["schedule"]! })),
  takes("PUT", "/v1/jobs/{job}/schedules/{schedule}", "dryRun", ({ at, body, query }) => ({ kind: "update-schedule", job: at["job"]!, schedule: at["schedule"]!, body, ...dryRunIn(query) })),
  does("DELETE", "/v1/jobs/{job}/schedules/{schedule}", "", ({ at }) => ({ kind: "delete-schedule", job: at["job"]!, schedule: at["schedule"]! })),

  shows("/v1/jobs/{job}/runs", "", ({ at }) => ({ kind: "runs", job: at["job"]! })),
  // dcos says that it sends JSON, and sends nothing.
  { ...takes("POST", "/v1/jobs/{job}/runs", "", ({ at, body }) => ({ kind: "start-run", job: at["job"]!, body })), body: "optional" },
  shows("/v1/jobs/{job}/runs/{run}", "", ({ at }) => ({ kind: "run", job: at["job"]!, run: at["run"]! })),
  does("POST", "/v1/jobs/{job}/runs/{run}/actions/stop", "", ({ at }) => ({ kind: "stop-run", job: at["job"]!, run: at["run"]! })),

  takes("POST", "/v0/scheduled-jobs", "dryRun", ({ body, query }) => ({ kind: "create-job", isWhole: true, body, ...dryRunIn(query) })),
  takes("PUT", "/v0/scheduled-jobs/{job}", "dryRun", ({ at, body, query }) => ({ kind: "update-job", id: at["job"]!, isWhole: true, body, ...dryRunIn(query) })),
  shows("/v1/queue", "", () => ({ kind: "queue" })),

  opens("GET", "/info", "info"),
  opens("GET", "/leader", "leader"),
  opens("GET", "/ping", "ping"),
  opens("GET", "/health", "health"),
  opens("GET", "/v1/metrics", "metrics"),
  opens("GET", "/metrics/prometheus", "prometheus"),
  opens("GET", "/docs/errors", "error-page"),
  opens("GET", "/docs/errors/{code}", "error-page"),
  opens("GET", "/", "home"),
];

const TABLE = new RouteTable(ROUTES);

/** Where the gateway of DC/OS has it. */
const PREFIXES = ["/service/metronome"];

/** Metronome's API. A method that a path has not is an unknown route as well. */
export const METRONOME: Api = {
  name: "metronome",
  routes: ROUTES,
  find: (method, path) => TABLE.find(method, withoutPrefix(path, PREFIXES)),
  nowhere: (path) => NOT_FOUND.route(path).refusal,
  refused,
};

function refused(status: number, message: string): Answer {
  return { status, body: { message } };
}

function embedded({ query }: Asked, read: (embed: Extract<Query, { kind: "jobs" }>["embed"]) => Query): Read<Query> {
  const embeds = readEmbeds(query.getAll("embed"));
  return "refusal" in embeds ? embeds : { value: read(embeds.value) };
}

function limited(limit: number | undefined, read: (limit: number) => Query): Read<Query> {
  return limit === undefined ? { refusal: refused(400, "limit is a whole number from 0.") } : { value: read(limit) };
}
