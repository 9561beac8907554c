import { methodNotAllowed, notFound } from "./answer.ts";
import type { Handler } from "./request.ts";

/** Handlers by path: "/state" for just this path, "/files/*" for all below it. The longest match wins. */
export type Routes = Readonly<Record<string, Handler>>;

/**
 * Answers with the handler of a request's path, else 404. Each of `prefixes` ("/master", "/slave(1)") may stand before
 * every path; the handler sees the path without it.
 */
export function route(routes: Routes, prefixes: readonly string[] = []): Handler {
  const find = finder(routes);
  return (request, reply) => {
    const own = find(request.path);
    if (own !== undefined) return own(request, reply);
    const path = withoutPrefix(request.path, prefixes);
    const handler = path === undefined ? undefined : find(path);
    return handler === undefined || path === undefined ? notFound : handler({ ...request, path }, reply);
  };
}

/** Refuses all methods but these. */
export function onlyMethods(methods: readonly string[], handler: Handler): Handler {
  return (request, reply) =>
    methods.includes(request.method) ? handler(request, reply) : methodNotAllowed(methods, request.method);
}

function finder(routes: Routes): (path: string) => Handler | undefined {
  const exact = new Map(Object.entries(routes).filter(([pattern]) => !pattern.endsWith("/*")));
  const below = Object.entries(routes)
    .filter(([pattern]) => pattern.endsWith("/*"))
    .map(([pattern, handler]) => ({ start: pattern.slice(0, -1), handler }))
    .sort((a, b) => b.start.length - a.start.length);
  return (path) => exact.get(path) ?? below.find(({ start }) => path.startsWith(start))?.handler;
}

function withoutPrefix(path: string, prefixes: readonly string[]): string | undefined {
  const prefix = prefixes.find((one) => path === one || path.startsWith(one + "/"));
  return prefix === undefined ? undefined : path.slice(prefix.length) || "/";
}
