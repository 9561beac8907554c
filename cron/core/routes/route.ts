import { checkLimits } from "@meseta/api/mesos/codec/json-text.ts";
import type { RouteFound } from "@meseta/lib/core/route-table.ts";
import type { Call } from "../call.ts";
import type { Answer } from "../out.ts";
import type { Query } from "../query.ts";

/** One endpoint. `path` names what varies in braces. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  /** The parameters behind the question mark that it knows. */
  readonly query: string;
  /** Its body is JSON: `needed`, or `optional` where it may be empty; others have none that is looked at. */
  readonly body?: "needed" | "optional";
  /** One of the three. */
  readonly does?: (asked: Asked) => Read<Call>;
  readonly shows?: (asked: Asked) => Read<Query>;
  readonly opens?: Door;
}

/** What is answered without the core. */
export type Door =
  | "home"
  | "ping"
  | "health"
  | "metrics"
  | "prometheus"
  | "leader"
  | "info"
  | "logging"
  | "set-logging"
  | "error-page";

/** Either what was asked for, or why not. */
export type Read<T> = { readonly value: T } | { readonly refusal: Answer };

/** A request as its route sees it. */
export interface Asked {
  /** What stood in place of the braces; those that a path has not are never asked for. */
  readonly at: Readonly<Record<string, string>>;
  readonly query: Parameters;
  /** Parsed JSON; undefined where there is none. */
  readonly body: unknown;
}

/** The parameters of a URL, as URLSearchParams has them. */
export interface Parameters {
  get(name: string): string | null;
  getAll(name: string): string[];
}

/** One of the two APIs: its endpoints, and how it says no. */
export interface Api {
  /** What its answers and numbers call it. */
  readonly name: "chronos" | "metronome";
  readonly routes: readonly Route[];
  /** `path` is decoded and without empty segments. */
  find(method: string, path: string): RouteFound<Route>;
  /** The answer to what no route is for; `path` is as it was asked for. */
  nowhere(path: string, methods: readonly string[]): Answer;
  /** Says what is wrong with a request, in this API's shape. */
  refused(status: number, message: string): Answer;
}

/** What a request asks for, its body parsed; or why it cannot be. */
export function readRequest(
  api: Api,
  { route, at }: Extract<RouteFound<Route>, { route: Route }>,
  request: { readonly query: Parameters; readonly bodyText: string },
): Read<Asked> {
  const { query, bodyText } = request;
  const isRead = route.body === "needed" || (route.body === "optional" && bodyText.trim() !== "");
  if (!isRead) return { value: { at, query, body: undefined } };
  try {
    checkLimits(bodyText);
    return { value: { at, query, body: JSON.parse(bodyText) } };
  } catch (error) {
    return { refusal: invalidJson(api, (error as Error).message) };
  }
}

/** The answer to a body that is no JSON, for a reason in the parser's words. */
export function invalidJson(api: Api, why: string): Answer {
  return api.refused(400, `Invalid JSON: ${why}`);
}

/** Clients also write True, as their language does. */
export function isOn(query: Parameters, name: string): boolean {
  return query.get(name)?.toLowerCase() === "true";
}

export function dryRunIn(query: Parameters): { dryRun?: true } {
  return isOn(query, "dryRun") ? { dryRun: true } : {};
}

/** A whole number of at least 0; `preset` where nothing is said, undefined for anything else. */
export function countIn(query: Parameters, name: string, preset: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return preset;
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

export function shows(path: string, query: string, read: (asked: Asked) => Query): Route {
  return { method: "GET", path, query, shows: (asked) => ({ value: read(asked) }) };
}

/** As `shows`, of which a parameter may be refused. */
export function looks(path: string, query: string, read: (asked: Asked) => Read<Query>): Route {
  return { method: "GET", path, query, shows: read };
}

export function does(method: Route["method"], path: string, query: string, read: (asked: Asked) => Call): Route {
  return { method, path, query, does: (asked) => ({ value: read(asked) }) };
}

/** As `does`, with a body. */
export function takes(method: Route["method"], path: string, query: string, read: (asked: Asked) => Call): Route {
  return { ...does(method, path, query, read), body: "needed" };
}

export function opens(method: Route["method"], path: string, door: Door): Route {
  return { method, path, query: "", ...(method === "POST" && { body: "needed" }), opens: door };
}
