import type { Answer } from "@meseta/lib/io/http/answer.ts";
import { compressed } from "@meseta/lib/io/http/compress.ts";
import type { Dress, Headers } from "@meseta/lib/io/http/request.ts";

export interface DressSettings {
  /** `host:port` of the leader. */
  readonly leader: string;
  /** `--access-control-allow-origin`. */
  readonly allowOrigins: readonly string[];
}

/** What every answer carries. Source: Marathon's HTTP filters. */
const ALWAYS = {
  "Cache-Control": "no-cache, no-store, must-revalidate",
  Pragma: "no-cache",
  Expires: "0",
  "X-Frame-Options": "DENY",
  "X-XSS-Protection": "1; mode=block",
};

/** The headers of every answer to this request, streams too. */
export function headersFor(asked: Headers, { leader, allowOrigins }: DressSettings): Record<string, string> {
  const headers = { ...ALWAYS, "X-Marathon-Leader": `http://${leader}` };
  const origin = allowOrigins.includes("*") ? "*" : allowOrigins.find((one) => one === asked["origin"]);
  if (origin === undefined) return headers;
  const wanted = asked["access-control-request-headers"];
  return {
    ...headers,
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Max-Age": "86400",
    ...(wanted !== undefined && { "Access-Control-Allow-Headers": String(wanted) }),
  };
}

/** Gives each answer its headers, the server's own refusals a JSON body, and larger ones compression where it is welcome. */
export function dressFor(settings: DressSettings): Dress {
  return (answer, asked) => {
    const whole = inJson(answer);
    return compressed({ ...whole, headers: { ...headersFor(asked, settings), ...whole.headers } }, asked);
  };
}

function inJson(answer: Answer): Answer {
  const { status, headers, body } = answer;
  if (status < 400 || typeof body !== "string" || !headers?.["Content-Type"]?.startsWith("text/plain")) return answer;
  return {
    status,
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify({ message: body }),
  };
}
