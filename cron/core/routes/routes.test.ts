import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CHRONOS } from "./chronos.ts";
import { METRONOME } from "./metronome.ts";
import { type Api, readRequest } from "./route.ts";

/** What a request line and a body ask for: a call, a query, a door, or the refusal. */
function asked(api: Api, line: string, bodyText = "{}"): unknown {
  const [method, target] = line.split(" ") as [string, string];
  const url = new URL(`http://cron${target}`);
  const found = api.find(method, decodeURIComponent(url.pathname).replace(/(.)\/$/, "$1"));
  if (!("route" in found)) return api.nowhere(url.pathname, found.methods);
  const read = readRequest(api, found, { query: url.searchParams, bodyText });
  if ("refusal" in read) return read.refusal;
  const { does, shows, opens } = found.route;
  const wanted = does?.(read.value) ?? shows?.(read.value);
  if (wanted === undefined) return opens;
  return "refusal" in wanted ? wanted.refusal : wanted.value;
}

const chronos = (line: string, body?: string) => asked(CHRONOS, line, body);
const metronome = (line: string, body?: string) => asked(METRONOME, line, body);

describe("Chronos'", () => {
  it.each(["/v1/scheduler", "/scheduler", "/service/chronos/v1/scheduler", "/service/chronos/scheduler"])(
    "endpoints are below %s, with a slash at their end as well",
    (prefix) => {
      expect(chronos(`GET ${prefix}/jobs`)).toEqual({ kind: "chronos-jobs" });
      expect(chronos(`GET ${prefix}/jobs/`)).toEqual({ kind: "chronos-jobs" });
      expect(chronos(`GET ${prefix}/leader`)).toBe("leader");
    },
  );

  it("jobs are made by POST, and replaced by the PUT of 2.x only where they are there", () => {
    expect(chronos("POST /v1/scheduler/iso8601", '{"name":"a"}')).toEqual({
      kind: "chronos-put",
      isDependent: false,
      body: { name: "a" },
    });
    expect(chronos("PUT /scheduler/dependency")).toEqual({
      kind: "chronos-put",
      isDependent: true,
      body: {},
      mustExist: true,
    });
    expect(chronos("POST /v1/scheduler/dependency?dryRun=true")).toMatchObject({ dryRun: true });
  });

  it("words after /job/ are a job's name unless another word follows", () => {
    expect(chronos("GET /v1/scheduler/job/stat")).toEqual({ kind: "chronos-job", name: "stat" });
    expect(chronos("GET /v1/scheduler/job/stat/a")).toEqual({ kind: "chronos-stat", name: "a" });
    expect(chronos("PUT /v1/scheduler/job/success/a")).toEqual({ kind: "chronos-success", name: "a" });
    expect(chronos("PUT /v1/scheduler/job/a%20b?arguments=-x%201")).toEqual({
      kind: "chronos-run",
      name: "a b",
      arguments: "-x 1",
    });
  });

  it("tasks are known by ids that may hold anything", () => {
    const task = "ct:1420070400000:0:a:/tmp/b /tmp/c";
    const path = encodeURIComponent(task);
    expect(chronos(`POST /v1/scheduler/job/a/task/${path}/progress`)).toMatchObject({ name: "a", task });
    expect(chronos(`PUT /scheduler/task/${path}`)).toMatchObject({ kind: "chronos-complete", task });
    expect(chronos("DELETE /v1/scheduler/task/kill/a")).toEqual({ kind: "chronos-kill", name: "a" });
  });

  it("search has ten answers from the first one unless it says otherwise", () => {
    const path = "/v1/scheduler/jobs/search";
    expect(chronos(`GET ${path}?name=A&any=`)).toEqual({
      kind: "chronos-search",
      search: { name: "A", any: "", limit: 10, offset: 0 },
    });
    expect(chronos(`GET ${path}?limit=3&offset=4`)).toMatchObject({ search: { limit: 3, offset: 4 } });
    for (const query of ["limit=-1", "offset=x", "limit=1.5"])
      expect(chronos(`GET ${path}?${query}`), query).toMatchObject({ status: 400, body: { status: "Bad Request" } });
  });

  it("what concerns no job is asked for without a prefix", () => {
    for (const [path, door] of Object.entries({ "/ping": "ping", "/metrics": "metrics", "/": "home" }))
      expect(chronos(`GET ${path}`)).toBe(door);
    expect(chronos("GET /jobs")).toMatchObject({ status: 404 });
  });

  it("errors have a status and a message", () => {
    expect(chronos("GET /v1/scheduler/nothing")).toMatchObject({ status: 404, body: { status: "Not Found" } });
    expect(chronos("DELETE /v1/scheduler/jobs")).toMatchObject({ status: 405, body: { status: "Method Not Allowed" } });
    expect(chronos("POST /v1/scheduler/iso8601", "{")).toMatchObject({
      status: 400,
      body: { status: "Bad Request", message: expect.stringMatching(/^Invalid JSON: /) },
    });
  });
});

describe("Metronome's", () => {
  it("endpoints may stand below the gateway's prefix", () => {
    expect(metronome("GET /service/metronome/v1/jobs/a.b")).toEqual({ kind: "job", id: "a.b", embed: new Set() });
    expect(metronome("GET /v1/jobs/a.b/")).toEqual({ kind: "job", id: "a.b", embed: new Set() });
  });

  it("embeds are repeated or joined by commas, and unknown ones refused", () => {
    const embed = new Set(["activeRuns", "schedules", "history"]);
    expect(metronome("GET /v1/jobs?embed=activeRuns,schedules&embed=history")).toEqual({ kind: "jobs", embed });
    expect(metronome("GET /v1/jobs/a?embed=tasks")).toMatchObject({ status: 400 });
  });

  it("jobs are made alone, or whole with their schedules by v0", () => {
    expect(metronome("POST /v1/jobs")).toEqual({ kind: "create-job", isWhole: false, body: {} });
    expect(metronome("POST /v0/scheduled-jobs?dryRun=true")).toEqual({
      kind: "create-job",
      isWhole: true,
      body: {},
      dryRun: true,
    });
    expect(metronome("PUT /v0/scheduled-jobs/a")).toMatchObject({ kind: "update-job", id: "a", isWhole: true });
  });

  it("runs begin with no body at all, or with arguments", () => {
    expect(metronome("POST /v1/jobs/a/runs", "")).toEqual({ kind: "start-run", job: "a", body: undefined });
    expect(metronome("POST /v1/jobs/a/runs", '{"arguments":"-v"}')).toMatchObject({ body: { arguments: "-v" } });
    expect(metronome("POST /v1/jobs/a/runs", "{")).toMatchObject({ status: 400 });
    expect(metronome("POST /v1/jobs/a/runs/r/actions/stop", "")).toEqual({ kind: "stop-run", job: "a", run: "r" });
  });

  it("runs are stopped with a job only when that is said", () => {
    expect(metronome("DELETE /v1/jobs/a")).toMatchObject({ stopCurrentJobRuns: false });
    expect(metronome("DELETE /v1/jobs/a?stopCurrentJobRuns=True")).toMatchObject({ stopCurrentJobRuns: true });
  });

  it("unknown routes are told, and so are methods that a path has not", () => {
    for (const line of ["GET /v1/nothing", "PATCH /v1/jobs/a"])
      expect(metronome(line)).toEqual({
        status: 404,
        body: { message: "Unknown route.", requestPath: line.split(" ")[1] },
      });
  });

  it("history is of a hundred runs unless it says otherwise", () => {
    expect(metronome("GET /v1/jobs/a/history")).toEqual({ kind: "history", job: "a", limit: 100 });
    expect(metronome("GET /v1/jobs/a/history?limit=2")).toMatchObject({ limit: 2 });
    expect(metronome("GET /v1/jobs/a/history?limit=all")).toMatchObject({ status: 400 });
  });
});

it.each([
  { ...CHRONOS, prefix: "/v1/scheduler" },
  { ...METRONOME, prefix: "" },
])("each endpoint is reached by a path made from its own pattern: $name", (api) => {
  for (const route of api.routes) {
    const found = api.find(route.method, api.prefix + route.path.replaceAll(/\{(\w+)\}/g, "x-$1"));
    expect("route" in found && `${found.route.method} ${found.route.path}`).toBe(`${route.method} ${route.path}`);
  }
});

it.each([CHRONOS, METRONOME])("no path breaks it: $name", (api) => {
  const parts = [
    "/",
    "a",
    "job",
    "task",
    "/v1/jobs/",
    "/v1/scheduler/",
    "/scheduler/task/",
    "progress",
    "..",
    "\n",
    "%",
  ];
  fc.assert(
    fc.property(
      fc.constantFrom("GET", "HEAD", "POST", "PUT", "DELETE", "X"),
      fc.array(fc.constantFrom(...parts), { maxLength: 40 }),
      fc.string(),
      (method, path, bodyText) => {
        const found = api.find(method, `/${path.join("")}`);
        if (!("route" in found)) return api.nowhere(path.join(""), found.methods).status >= 404;
        const read = readRequest(api, found, { query: new URLSearchParams(bodyText), bodyText });
        if ("refusal" in read) return read.refusal.status === 400;
        const { does, shows, opens } = found.route;
        return (does?.(read.value) ?? shows?.(read.value) ?? opens) !== undefined;
      },
    ),
  );
});

it("the page about cron's HTTP has each endpoint with its parameters", () => {
  const page = readFileSync(new URL("../../../docs/reference/cron-http.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `([A-Z]+ \S+)` \| (.*?) \|/gm)].map(([, row, query]) => [
    row,
    query!.replaceAll("`", "").trim(),
  ]);
  const all = [...CHRONOS.routes, ...METRONOME.routes];
  expect(rows).toEqual(all.map(({ method, path, query }) => [`${method} ${path}`, query]));
});
