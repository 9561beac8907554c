import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Asked, findRoute, ROUTES, readRequest } from "./routes.ts";

/** What a request line and a body ask for: a call, a query, a door, or the refusal. */
function asked(line: string, bodyText = "{}", wantsText = false): unknown {
  const [method, target] = line.split(" ") as [string, string];
  const url = new URL(`http://init${target}`);
  const way = findRoute(
    method,
    decodeURIComponent(url.pathname)
      .replace(/\/+/g, "/")
      .replace(/(.)\/$/, "$1"),
  );
  if ("answer" in way) return way.answer.status;
  const read = readRequest(way, { query: url.searchParams, bodyText, wantsText });
  if ("answer" in read) return read.answer;
  return way.route.does?.(read) ?? way.route.shows?.(read) ?? way.route.opens;
}

describe("ids", () => {
  it.each([
    ["/v2/apps/a/b", "/a/b"],
    ["/v2/apps//a/b", "/a/b"],
    ["/v2/apps/a%2Fb", "/a/b"],
    ["/v2/apps/a/b/", "/a/b"],
    ["/service/marathon/v2/apps/a/b", "/a/b"],
    ["/v2/apps/a/tasks/b", "/a/tasks/b"],
    ["/v2/apps/tasks/b", "/tasks/b"],
  ])("%s is app %s", (path, id) => {
    expect(asked(`GET ${path}`)).toEqual({ kind: "app", id, embed: [] });
  });

  it("the words restart, tasks and versions at the end are never part of an app's id", () => {
    expect(asked("GET /v2/apps/a/b/tasks")).toEqual({ kind: "app-tasks", of: { app: "/a/b" } });
    expect(asked("GET /v2/apps/a/versions")).toEqual({ kind: "app-versions", id: "/a" });
    expect(asked("POST /v2/apps/a/tasks/restart")).toMatchObject({ kind: "restart-app", id: "/a/tasks" });
    for (const word of ["restart", "tasks", "versions"]) expect(asked(`PUT /v2/apps/a/${word}`)).toBe(405);
  });

  it("a star stands for all apps of a group", () => {
    expect(asked("GET /v2/apps/*")).toEqual({ kind: "apps-below", id: "/", embed: [] });
    expect(asked("GET /v2/apps/a/b/*")).toEqual({ kind: "apps-below", id: "/a/b", embed: [] });
    expect(asked("GET /v2/apps/*/tasks")).toEqual({ kind: "app-tasks", of: { group: "/" } });
    expect(asked("DELETE /v2/apps/a/*/tasks")).toMatchObject({ kind: "kill-tasks", of: { group: "/a" } });
  });

  it("the words apps and versions after a group mean something for GET only", () => {
    expect(asked("GET /v2/groups/a/apps")).toMatchObject({ kind: "group-apps", id: "/a" });
    expect(asked("GET /v2/groups/versions/1")).toEqual({ kind: "group-version", id: "/", version: "1" });
    expect(asked("PUT /v2/groups/a/apps")).toMatchObject({ kind: "update-group", id: "/a/apps" });
  });

  it("what follows two colons after a pod is not its id", () => {
    const at = "2026-01-05T10:00:00.000Z";
    expect(asked("GET /v2/pods/::status")).toEqual({ kind: "pod-statuses" });
    expect(asked("GET /v2/pods//a/b::status")).toEqual({ kind: "pod-status", id: "/a/b" });
    expect(asked(`GET /v2/pods/a::versions/${at}`)).toEqual({ kind: "pod-version", id: "/a", version: at });
    expect(asked("DELETE /v2/pods/a/b::instances/i")).toEqual({
      kind: "kill-instances",
      pod: "/a/b",
      ids: ["i"],
      isOne: true,
      wipe: false,
    });
  });
});

describe("parameters", () => {
  it.each(["true", "True", "TRUE"])("force=%s is true", (value) => {
    expect(asked(`PUT /v2/apps/a?force=${value}`)).toMatchObject({ force: true });
  });

  it("an app's deletion is forced unless said otherwise, as in Marathon; nothing else is", () => {
    expect(asked("DELETE /v2/apps/a")).toMatchObject({ force: true });
    expect(asked("DELETE /v2/apps/a?force=False")).toMatchObject({ force: false });
    for (const line of ["DELETE /v2/pods/a", "DELETE /v2/groups/a", "DELETE /v2/deployments/d", "POST /v2/apps"])
      expect(asked(line), line).toMatchObject({ force: false });
  });

  it("embed is repeated, and never split at commas", () => {
    expect(asked("GET /v2/apps?embed=apps.tasks&embed=apps.counts,x")).toMatchObject({
      embed: ["apps.tasks", "apps.counts,x"],
    });
  });

  it("filters that are not given are not there", () => {
    expect(asked("GET /v2/apps?label=a==b")).toEqual({ kind: "apps", filter: { label: "a==b" }, embed: [] });
  });

  it("the states of tasks come under two names", () => {
    expect(asked("GET /v2/tasks?status=running&status[]=staging")).toEqual({
      kind: "tasks",
      states: ["running", "staging"],
    });
  });

  it("lines of text are for who wants nothing else, and may name networks", () => {
    const text = { containerNetworks: ["a", "b"] };
    const query = "containerNetworks=a&containerNetworks=b";
    expect(asked(`GET /v2/tasks?${query}`, "", true)).toEqual({ kind: "tasks", states: [], text });
    expect(asked(`GET /v2/apps/a/tasks?${query}`, "", true)).toEqual({ kind: "app-tasks", of: { app: "/a" }, text });
    expect(asked(`GET /v2/apps/a/tasks?${query}`)).toEqual({ kind: "app-tasks", of: { app: "/a" } });
  });

  it("an update is partial unless said otherwise", () => {
    expect(asked("PUT /v2/apps/a")).toMatchObject({ isPartial: true, mustExist: false });
    expect(asked("PUT /v2/apps/a?partialUpdate=false")).toMatchObject({ isPartial: false });
    expect(asked("PATCH /v2/apps/a?partialUpdate=false")).toMatchObject({ isPartial: true, mustExist: true });
  });
});

it("a body that is no JSON is refused with the parser's words, and one that nobody asked for is not looked at", () => {
  expect(asked("POST /v2/apps", "{")).toMatchObject({ status: 400, body: { message: "Invalid JSON" } });
  expect(asked("POST /v2/apps", "")).toMatchObject({ status: 400, body: { message: "Invalid JSON" } });
  expect(asked("POST /v2/apps/a/restart", "{")).toMatchObject({ kind: "restart-app" });
});

it("unknown paths are 404, and methods that a path has not are 405 with those that it has", () => {
  for (const path of ["/v2", "/v2/artifacts", "/v2/eventSubscriptions", "/v2/schemas/app", "/v2/plugins/a/b", "/x"])
    expect(asked(`GET ${path}`), path).toBe(404);
  expect(asked("DELETE /v2/apps")).toBe(405);
  expect(findRoute("PUT", "/v2/pods")).toMatchObject({ answer: { headers: { Allow: "HEAD, GET, POST, OPTIONS" } } });
});

it("HEAD is GET, and of the list of pods a probe of its own", () => {
  expect(asked("HEAD /v2/apps")).toMatchObject({ kind: "apps" });
  expect(asked("HEAD /v2/pods")).toBe("pods-probe");
});

it("each endpoint is reached by a path made from its own pattern", () => {
  for (const route of ROUTES) {
    const way = findRoute(route.method, route.path.replaceAll(/\{(\w+)\}/g, "x-$1"));
    expect("route" in way && `${way.route.method} ${way.route.path}`).toBe(`${route.method} ${route.path}`);
  }
});

it("no path breaks it, and each is found at once", () => {
  const part = fc.constantFrom(
    "/",
    "a",
    "*",
    "::",
    "tasks",
    "versions",
    "restart",
    "..",
    "/v2/apps/",
    "/v2/pods/",
    "\n",
  );
  fc.assert(
    fc.property(fc.constantFrom("GET", "PUT", "DELETE", "X"), fc.array(part, { maxLength: 40 }), (method, parts) => {
      const way = findRoute(method, `/${parts.join("")}`);
      if (!("route" in way)) return;
      const asked: Asked = { at: way.at, query: new URLSearchParams(), body: undefined, wantsText: false };
      expect(way.route.does?.(asked) ?? way.route.shows?.(asked) ?? way.route.opens).toBeDefined();
    }),
  );
});

it("the page about init's HTTP has each endpoint with its parameters", () => {
  const page = readFileSync(new URL("../../docs/reference/init-http.md", import.meta.url), "utf8");
  const rows = [...page.matchAll(/^\| `([A-Z]+ \S+)` \| (.*?) \|/gm)].map(([, row, query]) => [
    row,
    query!.replaceAll("`", ""),
  ]);
  expect(rows).toEqual(ROUTES.map(({ method, path, query }) => [`${method} ${path}`, query]));
});
