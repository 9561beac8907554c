import type { Answer } from "@meseta/lib/io/http/answer.ts";
import { compressed } from "@meseta/lib/io/http/compress.ts";
import type { Dress, Headers } from "@meseta/lib/io/http/request.ts";
import type { Api } from "../core/routes/route.ts";

/** Gives each answer its headers, the server's own refusals a body in the API's shape, and larger ones compression where it is welcome. */
export function dressFor(api: Api, allowOrigins: readonly string[]): Dress {
  return (answer, asked) => {
    const whole = inShape(answer, api);
    return compressed({ ...whole, headers: { ...originsFor(asked, allowOrigins), ...whole.headers } }, asked);
  };
}

/** Which pages may read the answer: any, as in Chronos, where `*` is among the origins. Those that are named may do all that a client may. Source: the WHATWG's Fetch. */
function originsFor(asked: Headers, allowed: readonly string[]): Record<string, string> {
  const named = allowed.find((one) => one !== "*" && one === asked["origin"]);
  if (named === undefined) return allowed.includes("*") ? { "Access-Control-Allow-Origin": "*" } : {};
  const wanted = asked["access-control-request-headers"];
  return {
    "Access-Control-Allow-Origin": named,
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS, POST, PUT, DELETE",
    "Access-Control-Max-Age": "86400",
    ...(wanted !== undefined && { "Access-Control-Allow-Headers": String(wanted) }),
  };
}

function inShape(answer: Answer, api: Api): Answer {
  const { status, headers, body } = answer;
  if (status < 400 || typeof body !== "string" || !headers?.["Content-Type"]?.startsWith("text/plain")) return answer;
  return {
    status,
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify(api.refused(status, body).body),
  };
}
