/** Path and query of a request line, or undefined when the path is not percent-encoded UTF-8. */
export function readTarget(target: string): { path: string; query: URLSearchParams } | undefined {
  const { start, end } = pathOf(target);
  const path = normalise(target.slice(start, end));
  return path === undefined ? undefined : { path, query: new URLSearchParams(target.slice(end)) };
}

/** Proxies send "http://host:port/path?query"; all others "/path?query". */
function pathOf(target: string): { start: number; end: number } {
  const authority = /^https?:\/\/[^/?#]*/i.exec(target)?.[0].length ?? 0;
  const end = target.slice(authority).search(/[?#]/);
  return { start: authority, end: end < 0 ? target.length : authority + end };
}

function normalise(path: string): string | undefined {
  try {
    const decoded = path.includes("%") ? decodeURIComponent(path) : path;
    return isPlain(decoded) ? decoded : "/" + decoded.split("/").filter(Boolean).join("/");
  } catch {
    return undefined;
  }
}

/** Most paths are as they should be, and are not taken apart. */
function isPlain(path: string): boolean {
  return path.startsWith("/") && !path.includes("//") && (path === "/" || !path.endsWith("/"));
}
