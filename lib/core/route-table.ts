/** What a route table needs of each of its rows. `path` names what varies in braces: `/jobs/{id}`. */
export interface Routed {
  readonly method: string;
  readonly path: string;
}

/** Where a request goes, with what stood in place of the braces; or nowhere, with the methods that its path has. */
export type RouteFound<R> =
  | { readonly route: R; readonly at: Readonly<Record<string, string>> }
  | { readonly methods: readonly string[] };

/** Finds the endpoint of a method and a path. Of several whose path fits the first counts. */
export class RouteTable<R extends Routed> {
  readonly #patterns: readonly { route: R; names: readonly string[]; pattern: RegExp }[];

  /** `parts`: regular expressions, with one group, of what stands for a name; others are one segment of the path. */
  constructor(routes: readonly R[], parts: Readonly<Record<string, string>> = {}) {
    this.#patterns = routes.map((route) => {
      const names: string[] = [];
      const source = route.path.replaceAll("*", "\\*").replaceAll(/\{(\w+)\}/g, (_, name: string) => {
        names.push(name);
        return parts[name] ?? "([^/]+)";
      });
      return { route, names, pattern: new RegExp(`^${source}$`, "s") };
    });
  }

  /** `path` is decoded and without empty segments. HEAD is GET where it is nothing of its own. */
  find(method: string, path: string): RouteFound<R> {
    const methods = new Set<string>();
    for (const { route, names, pattern } of this.#patterns) {
      const found = pattern.exec(path);
      if (found === null) continue;
      if (route.method === method || (method === "HEAD" && route.method === "GET"))
        return { route, at: Object.fromEntries(names.map((name, i) => [name, found[i + 1]!])) };
      methods.add(route.method);
    }
    return { methods: [...methods] };
  }
}

/** The header `Allow` of a path that has these methods. */
export function allowOf(methods: readonly string[]): string {
  const all = [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"];
  return [...new Set(all)].join(", ");
}

/** The path without the first of these prefixes that stands before it. */
export function withoutPrefix(path: string, prefixes: readonly string[]): string {
  const prefix = prefixes.find((one) => path === one || path.startsWith(`${one}/`));
  return prefix === undefined ? path : path.slice(prefix.length) || "/";
}
