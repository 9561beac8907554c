import { hostAndPort } from "@meseta/lib/core/address.ts";
import { type Answer, notFound, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Leader } from "@meseta/lib/io/place.ts";

/** Where a client of this path finds the leader: 307, or 503 when there is none. Protocol-relative, because TLS may end before us. */
export function redirect(leader: Leader, own: { hostname: string; port: number }, path: string, query: string): Answer {
  if (leader === undefined) return textAnswer(503, "No leader elected");
  const { hostname, port } = leader === "self" ? own : leader;
  const base = `//${hostAndPort(hostname, port)}`;
  if (path === "/redirect") return { status: 307, headers: { Location: base } };
  if (path.startsWith("/redirect/")) return notFound;
  return { status: 307, headers: { Location: `${base}${encodeURI(path)}${query === "" ? "" : `?${query}`}` } };
}
