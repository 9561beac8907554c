import { parseBody } from "@meseta/api/json-body/body.ts";
import { allowOf, RouteTable, withoutPrefix } from "@meseta/lib/core/route-table.ts";
import type { Call } from "./call.ts";
import { resolvePath } from "./definition/path.ts";
import type { Answer } from "./out.ts";
import type { AppFilter, Query, TextForm } from "./query.ts";

/** One endpoint. `path` names what varies in braces: `{app}`, `{group}` and `{pod}` are paths with any number of slashes, the others have none. */
export interface Route {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  /** The parameters behind the question mark that it knows. */
  readonly query: string;
  /** Its body is JSON; others have none, or none that is looked at. */
  readonly takesBody?: true;
  /** One of the three. */
  readonly does?: (asked: Asked) => Call;
  readonly shows?: (asked: Asked) => Query;
  readonly opens?: Door;
}

/** What is answered without the core. */
export type Door =
  | "home"
  | "page"
  | "ping"
  | "health"
  | "metrics"
  | "prometheus"
  | "leader"
  | "abdicate"
  | "plugins"
  | "config"
  | "logging"
  | "set-logging"
  | "events"
  | "pods-probe"
  | "error-page";

/** A request as its route sees it. */
export interface Asked {
  /** What stood in place of the braces; of paths the absolute id. */
  readonly at: Found;
  readonly query: Parameters;
  readonly body: unknown;
  readonly wantsText: boolean;
}

/** By the names in a route's path; those that it has not are never asked for. */
export type Found = Readonly<
  Record<"app" | "group" | "pod" | "task" | "version" | "instance" | "deployment" | "code", string>
>;

/** The parameters of a URL, as URLSearchParams has them. */
export interface Parameters {
  get(name: string): string | null;
  getAll(name: string): string[];
}

/** Every endpoint of init. Of several whose path fits the first counts. Source: Marathon's REST API v2. */
// biome-ignore format: a table, one endpoint a line.
export const ROUTES: readonly Route[] = [
  shows("/v2/apps", "cmd id label embed", ({ query }) => ({ kind: "apps", filter: filterIn(query), ...embedIn(query) })),
  takes("POST", "/v2/apps", "force dryRun", ({ body, query }) => ({ kind: "create-app", body, ...forceIn(query) })),
  takes("PUT", "/v2/apps", "force partialUpdate dryRun", ({ body, query }) => ({ kind: "update-apps", body, ...updateIn(query) })),
  takes("PATCH", "/v2/apps", "force dryRun", ({ body, query }) => ({ kind: "update-apps", body, ...patchIn(query) })),
  shows("/v2/apps/*", "embed", ({ query }) => ({ kind: "apps-below", id: "/", ...embedIn(query) })),
  shows("/v2/apps/{group}/*", "embed", ({ at, query }) => ({ kind: "apps-below", id: at.group, ...embedIn(query) })),
  shows("/v2/apps/*/tasks", "containerNetworks", (asked) => ({ kind: "app-tasks", of: { group: "/" }, ...textIn(asked) })),
  shows("/v2/apps/{group}/*/tasks", "containerNetworks", (asked) => ({ kind: "app-tasks", of: { group: asked.at.group }, ...textIn(asked) })),
  shows("/v2/apps/{app}/tasks", "containerNetworks", (asked) => ({ kind: "app-tasks", of: { app: asked.at.app }, ...textIn(asked) })),
  does("DELETE", "/v2/apps/*/tasks", "host scale wipe force", ({ query }) => ({ kind: "kill-tasks", of: { group: "/" }, ...killIn(query) })),
  does("DELETE", "/v2/apps/{group}/*/tasks", "host scale wipe force", ({ at, query }) => ({ kind: "kill-tasks", of: { group: at.group }, ...killIn(query) })),
  does("DELETE", "/v2/apps/{app}/tasks", "host scale wipe force", ({ at, query }) => ({ kind: "kill-tasks", of: { app: at.app }, ...killIn(query) })),
  does("DELETE", "/v2/apps/{app}/tasks/{task}", "scale wipe force", ({ at, query }) => ({ kind: "kill-tasks", of: { app: at.app, task: at.task }, ...killIn(query) })),
  shows("/v2/apps/{app}/versions", "", ({ at }) => ({ kind: "app-versions", id: at.app })),
  shows("/v2/apps/{app}/versions/{version}", "", ({ at }) => ({ kind: "app-version", id: at.app, version: at.version })),
  does("POST", "/v2/apps/{app}/restart", "force dryRun", ({ at, query }) => ({ kind: "restart-app", id: at.app, ...forceIn(query) })),
  shows("/v2/apps/{app}::explain", "", ({ at }) => ({ kind: "explain", id: at.app })),
  shows("/v2/apps/{app}", "embed", ({ at, query }) => ({ kind: "app", id: at.app, ...embedIn(query) })),
  takes("PUT", "/v2/apps/{app}", "force partialUpdate dryRun", ({ at, body, query }) => ({ kind: "update-apps", id: at.app, body, ...updateIn(query) })),
  takes("PATCH", "/v2/apps/{app}", "force dryRun", ({ at, body, query }) => ({ kind: "update-apps", id: at.app, body, ...patchIn(query) })),
  does("DELETE", "/v2/apps/{app}", "force dryRun", ({ at, query }) => ({ kind: "delete-app", id: at.app, ...forceIn(query, true) })),

  shows("/v2/groups", "embed", ({ query }) => ({ kind: "group", id: "/", ...embedIn(query) })),
  takes("POST", "/v2/groups", "force dryRun", ({ body, query }) => ({ kind: "create-group", id: "/", body, ...forceIn(query) })),
  takes("PUT", "/v2/groups", "force dryRun", ({ body, query }) => ({ kind: "update-group", id: "/", body, ...forceIn(query) })),
  does("DELETE", "/v2/groups", "force dryRun", ({ query }) => ({ kind: "delete-group", id: "/", ...forceIn(query) })),
  shows("/v2/groups/apps", "embed", ({ query }) => ({ kind: "group-apps", id: "/", ...embedIn(query) })),
  shows("/v2/groups/{group}/apps", "embed", ({ at, query }) => ({ kind: "group-apps", id: at.group, ...embedIn(query) })),
  shows("/v2/groups/versions", "", () => ({ kind: "group-versions", id: "/" })),
  shows("/v2/groups/{group}/versions", "", ({ at }) => ({ kind: "group-versions", id: at.group })),
  shows("/v2/groups/versions/{version}", "", ({ at }) => ({ kind: "group-version", id: "/", version: at.version })),
  shows("/v2/groups/{group}/versions/{version}", "", ({ at }) => ({ kind: "group-version", id: at.group, version: at.version })),
  // How marathon-python goes back to an older version.
  does("PUT", "/v2/groups/{group}/versions/{version}", "force dryRun", ({ at, query }) => ({ kind: "update-group", id: at.group, body: { version: at.version }, ...forceIn(query) })),
  shows("/v2/groups/{group}", "embed", ({ at, query }) => ({ kind: "group", id: at.group, ...embedIn(query) })),
  takes("POST", "/v2/groups/{group}", "force dryRun", ({ at, body, query }) => ({ kind: "create-group", id: at.group, body, ...forceIn(query) })),
  takes("PUT", "/v2/groups/{group}", "force dryRun", ({ at, body, query }) => ({ kind: "update-group", id: at.group, body, ...forceIn(query) })),
  takes("PATCH", "/v2/groups/{group}", "", ({ at, body }) => ({ kind: "patch-group", id: at.group, body })),
  does("DELETE", "/v2/groups/{group}", "force dryRun", ({ at, query }) => ({ kind: "delete-group", id: at.group, ...forceIn(query) })),

  opens("HEAD", "/v2/pods", "pods-probe"),
  shows("/v2/pods", "", () => ({ kind: "pods" })),
  takes("POST", "/v2/pods", "force dryRun", ({ body, query }) => ({ kind: "create-pod", body, ...forceIn(query) })),
  shows("/v2/pods/::status", "", () => ({ kind: "pod-statuses" })),
  shows("/v2/pods/{pod}::status", "", ({ at }) => ({ kind: "pod-status", id: at.pod })),
  shows("/v2/pods/{pod}::versions", "", ({ at }) => ({ kind: "pod-versions", id: at.pod })),
  shows("/v2/pods/{pod}::versions/{version}", "", ({ at }) => ({ kind: "pod-version", id: at.pod, version: at.version })),
  shows("/v2/pods/{pod}::explain", "", ({ at }) => ({ kind: "explain", id: at.pod })),
  takes("DELETE", "/v2/pods/{pod}::instances", "wipe", ({ at, body, query }) => ({ kind: "kill-instances", pod: at.pod, ids: body, isOne: false, wipe: isOn(query, "wipe") })),
  does("DELETE", "/v2/pods/{pod}::instances/{instance}", "wipe", ({ at, query }) => ({ kind: "kill-instances", pod: at.pod, ids: [at.instance], isOne: true, wipe: isOn(query, "wipe") })),
  shows("/v2/pods/{pod}", "", ({ at }) => ({ kind: "pod", id: at.pod })),
  takes("PUT", "/v2/pods/{pod}", "force dryRun", ({ at, body, query }) => ({ kind: "update-pod", id: at.pod, body, ...forceIn(query) })),
  does("DELETE", "/v2/pods/{pod}", "force dryRun", ({ at, query }) => ({ kind: "delete-pod", id: at.pod, ...forceIn(query) })),

  shows("/v2/tasks", "status status[] containerNetworks", (asked) => ({ kind: "tasks", states: [...asked.query.getAll("status"), ...asked.query.getAll("status[]")], ...textIn(asked) })),
  takes("POST", "/v2/tasks/delete", "scale wipe force", ({ body, query }) => ({ kind: "kill-tasks", of: { body }, ...killIn(query) })),
  shows("/v2/deployments", "", () => ({ kind: "deployments" })),
  does("DELETE", "/v2/deployments/{deployment}", "force", ({ at, query }) => ({ kind: "cancel-deployment", id: at.deployment, ...forceIn(query) })),
  shows("/v2/queue", "embed", ({ query }) => ({ kind: "queue", ...embedIn(query) })),
  does("DELETE", "/v2/queue/{app}/delay", "", ({ at }) => ({ kind: "reset-delay", id: at.app })),

  shows("/v2/info", "", () => ({ kind: "info" })),
  opens("GET", "/v2/leader", "leader"),
  opens("DELETE", "/v2/leader", "abdicate"),
  opens("GET", "/v2/plugins", "plugins"),
  opens("GET", "/v2/events", "events", "event_type plan-format"),
  opens("GET", "/ping", "ping"),
  opens("GET", "/health", "health"),
  opens("GET", "/metrics", "metrics"),
  opens("GET", "/metrics/prometheus", "prometheus"),
  opens("GET", "/config", "config"),
  opens("GET", "/logging", "logging"),
  opens("POST", "/logging", "set-logging", ""),
  opens("GET", "/docs/errors", "error-page"),
  opens("GET", "/docs/errors/{code}", "error-page"),
  opens("GET", "/ui", "page"),
  opens("GET", "/", "home"),
];

type Method = Route["method"];

function shows(path: string, query: string, read: (asked: Asked) => Query): Route {
  return { method: "GET", path, query, shows: read };
}

function does(method: Method, path: string, query: string, read: (asked: Asked) => Call): Route {
  return { method, path, query, does: read };
}

/** As `does`, with a body. */
function takes(method: Method, path: string, query: string, read: (asked: Asked) => Call): Route {
  return { method, path, query, takesBody: true, does: read };
}

function opens(method: Method, path: string, door: Door, query = ""): Route {
  return { method, path, query, ...(method === "POST" && { takesBody: true }), opens: door };
}

/** Where a request goes: its endpoint and what the path says, or why nowhere. */
export type Way = { readonly route: Route; readonly at: Found } | { readonly answer: Answer };

/** Finds the endpoint of a path, which is decoded and without empty segments. HEAD is GET where it is nothing of its own. */
export function findRoute(method: string, path: string): Way {
  const found = TABLE.find(method, withoutPrefix(path, PREFIXES));
  if ("route" in found) return { route: found.route, at: idsIn(found.at) };
  return { answer: found.methods.length === 0 ? NOT_FOUND : notAllowed(found.methods) };
}

/** What a request asks for, its body parsed. */
export function readRequest(
  { route, at }: Extract<Way, { route: Route }>,
  request: { readonly query: Parameters; readonly bodyText: string; readonly wantsText: boolean },
): Asked | { readonly answer: Answer } {
  if (!route.takesBody) return { at, ...request, body: undefined };
  const body = parseBody(request.bodyText);
  return "refusal" in body ? { answer: body.refusal } : { at, ...request, body: body.value };
}

/** An error's JSON. */
export function message(status: number, text: string): Answer {
  return { status, body: { message: text } };
}

export const NOT_FOUND: Answer = message(404, "URI not found");

function notAllowed(methods: readonly string[]): Answer {
  return { ...message(405, "Method Not Allowed"), headers: { Allow: allowOf(methods) } };
}

/** Where the gateway of DC/OS has it. */
const PREFIXES = ["/service/marathon"];

/** An app is not called as one of its own parts. */
const APP = "((?:.+/)?(?!(?:restart|tasks|versions|\\*)$)[^/]+?)";
const PATHS: Readonly<Record<string, string>> = { app: APP, group: "(.+)", pod: "([^:]+)" };
const TABLE = new RouteTable(ROUTES, PATHS);

function idsIn(at: Readonly<Record<string, string>>): Found {
  const values = Object.entries(at).map(([name, text]) => [name, name in PATHS ? resolvePath(`/${text}`) : text]);
  return Object.fromEntries(values) as Found;
}

/** Clients also write True, as their language does. */
function isOn(query: Parameters, name: string, preset = false): boolean {
  const value = query.get(name);
  return value === null ? preset : value.toLowerCase() === "true";
}

function forceIn(query: Parameters, preset = false): { force: boolean; dryRun?: boolean } {
  return { force: isOn(query, "force", preset), ...(isOn(query, "dryRun") && { dryRun: true }) };
}

function updateIn(query: Parameters) {
  return { ...forceIn(query), isPartial: isOn(query, "partialUpdate", true), mustExist: false };
}

function patchIn(query: Parameters) {
  return { ...forceIn(query), isPartial: true, mustExist: true };
}

function killIn(query: Parameters) {
  const host = query.get("host");
  return { ...forceIn(query), scale: isOn(query, "scale"), wipe: isOn(query, "wipe"), ...(host !== null && { host }) };
}

function textIn({ query, wantsText }: Asked): { text?: TextForm } {
  return wantsText ? { text: { containerNetworks: query.getAll("containerNetworks") } } : {};
}

function embedIn(query: Parameters): { embed: string[] } {
  return { embed: query.getAll("embed") };
}

function filterIn(query: Parameters): AppFilter {
  const names = ["cmd", "id", "label"] as const;
  return Object.fromEntries(names.flatMap((name) => (query.get(name) === null ? [] : [[name, query.get(name)!]])));
}
