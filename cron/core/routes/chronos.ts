import { RouteTable, withoutPrefix } from "@meseta/lib/core/route-table.ts";
import type { Answer } from "../out.ts";
import type { Query, Search } from "../query.ts";
import {
  type Api,
  type Asked,
  countIn,
  does,
  dryRunIn,
  looks,
  opens,
  type Parameters,
  type Read,
  type Route,
  shows,
  takes,
} from "./route.ts";

/** Every endpoint of Chronos' API, below its prefix. Source: Chronos 2.4 and 3.0. */
// biome-ignore format: a table, one endpoint a line.
const ROUTES: readonly Route[] = [
  shows("/jobs", "", () => ({ kind: "chronos-jobs" })),
  shows("/jobs/summary", "", () => ({ kind: "chronos-summary" })),
  looks("/jobs/search", "name command any limit offset", ({ query }) => searchIn(query)),
  takes("POST", "/iso8601", "dryRun", (asked) => ({ kind: "chronos-put", isDependent: false, ...jobIn(asked) })),
  takes("PUT", "/iso8601", "dryRun", (asked) => ({ kind: "chronos-put", isDependent: false, ...jobIn(asked), mustExist: true })),
  takes("POST", "/dependency", "dryRun", (asked) => ({ kind: "chronos-put", isDependent: true, ...jobIn(asked) })),
  takes("PUT", "/dependency", "dryRun", (asked) => ({ kind: "chronos-put", isDependent: true, ...jobIn(asked), mustExist: true })),
  shows("/job/{name}", "", ({ at }) => ({ kind: "chronos-job", name: at["name"]! })),
  does("DELETE", "/job/{name}", "", ({ at }) => ({ kind: "chronos-delete", name: at["name"]! })),
  does("PUT", "/job/{name}", "arguments", ({ at, query }) => ({ kind: "chronos-run", name: at["name"]!, arguments: query.get("arguments") ?? "" })),
  does("PUT", "/job/success/{name}", "", ({ at }) => ({ kind: "chronos-success", name: at["name"]! })),
  shows("/job/stat/{name}", "", ({ at }) => ({ kind: "chronos-stat", name: at["name"]! })),
  takes("POST", "/job/{name}/task/{task}/progress", "", ({ at, body }) => ({ kind: "chronos-progress", name: at["name"]!, task: at["task"]!, body })),
  does("DELETE", "/task/kill/{name}", "", ({ at }) => ({ kind: "chronos-kill", name: at["name"]! })),
  takes("PUT", "/task/{task}", "", ({ at, body }) => ({ kind: "chronos-complete", task: at["task"]!, body })),
  shows("/stats/{which}", "", ({ at }) => ({ kind: "chronos-stats", which: at["which"]! })),
  shows("/graph/csv", "", () => ({ kind: "chronos-graph", format: "csv" })),
  shows("/graph/dot", "", () => ({ kind: "chronos-graph", format: "dot" })),
  opens("GET", "/leader", "leader"),
  opens("GET", "/ping", "ping"),
  opens("GET", "/health", "health"),
  opens("GET", "/metrics", "metrics"),
  opens("GET", "/metrics/prometheus", "prometheus"),
  opens("GET", "/logging", "logging"),
  opens("POST", "/logging", "set-logging"),
  opens("GET", "/docs/errors", "error-page"),
  opens("GET", "/docs/errors/{code}", "error-page"),
  opens("GET", "/", "home"),
];

// The ids of tasks end in their arguments, which may hold slashes.
const TABLE = new RouteTable(ROUTES, { task: "(.+)" });
/** What has to do with no job needs no prefix. */
const OUTSIDE = new RouteTable(ROUTES.filter(({ opens }) => opens !== undefined));

/** Where 3.x and 2.x have it, perhaps behind the gateway of DC/OS. */
const PREFIXES = ["/v1/scheduler", "/scheduler"];
const GATEWAY = ["/service/chronos"];

/** Chronos' API: a job that is not there is a 400, and most changes are answered with 204 and nothing. */
export const CHRONOS: Api = {
  name: "chronos",
  routes: ROUTES,
  find: (method, path) => {
    const asked = withoutPrefix(path, GATEWAY);
    const below = withoutPrefix(asked, PREFIXES);
    return (below === asked ? OUTSIDE : TABLE).find(method, below);
  },
  nowhere: (path, methods) =>
    methods.length === 0
      ? refused(404, `There is nothing at ${path}.`)
      : refused(405, `${path} is there for ${methods.join(", ")} only.`),
  refused,
};

function refused(status: number, message: string): Answer {
  return { status, body: { status: REASONS[status] ?? String(status), message } };
}

/** Source: RFC 9110, 15. */
const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

function jobIn({ body, query }: Asked): { body: unknown; dryRun?: true } {
  return { body, ...dryRunIn(query) };
}

function searchIn(query: Parameters): Read<Query> {
  const limit = countIn(query, "limit", 10);
  const offset = countIn(query, "offset", 0);
  if (limit === undefined || offset === undefined)
    return { refusal: refused(400, "limit and offset are whole numbers from 0.") };
  return { value: { kind: "chronos-search", search: { ...textsIn(query), limit, offset } } };
}

function textsIn(query: Parameters): Pick<Search, "name" | "command" | "any"> {
  const names = ["name", "command", "any"] as const;
  return Object.fromEntries(names.flatMap((name) => (query.get(name) === null ? [] : [[name, query.get(name)!]])));
}
