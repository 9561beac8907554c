import type { RequestHead } from "./request.ts";

/** They change nothing; what a page of another site may read of their answers, browsers decide. */
const HARMLESS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Whether a browser sends this for a page of another site, and something would change by it. Browsers send such requests without asking anyone, with the rights of
 * whoever looks at the page: to a port on loopback as well. All others who call name no origin. `allowed`: origins that may, `*` for all. Source: the WHATWG's Fetch, "Origin".
 */
export function isForeignWrite(
  { method, headers }: Pick<RequestHead, "method" | "headers">,
  allowed: readonly string[],
) {
  const { origin } = headers;
  if (typeof origin !== "string" || HARMLESS.has(method) || headers["sec-fetch-site"] === "same-origin") return false;
  if (allowed.includes("*") || allowed.includes(origin)) return false;
  // A proxy may have put another host; no page can send its header without being asked for it.
  const own = [headers["host"], headers["x-forwarded-host"]];
  return !own.some((host) => typeof host === "string" && isAt(origin, host));
}

function isAt(origin: string, host: string): boolean {
  const page = URL.parse(origin);
  return page !== null && page.host !== "" && page.host === URL.parse(`${page.protocol}//${host}`)?.host;
}
