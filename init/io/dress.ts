import type { Answer } from "@meseta/lib/io/http/answer.ts";
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
    const { status, body, pieces, headers } = inJson(answer);
    const all = { ...headersFor(asked, settings), ...headers };
    const isLarge = pieces !== undefined || (body !== undefined && body.length >= WORTH_BYTES);
    if (!isLarge) return { status, headers: all, body };
    const vary = { ...all, Vary: "Accept-Encoding" };
    if (!takesGzip(asked)) return { status, headers: vary, body, pieces };
    return { status, headers: { ...vary, "Content-Encoding": "gzip" }, pieces: gzipped(pieces ?? [body!]) };
  };
}

/** Less fits into one packet anyway. */
const WORTH_BYTES = 1400;

function inJson(answer: Answer): Answer {
  const { status, headers, body } = answer;
  if (status < 400 || typeof body !== "string" || !headers?.["Content-Type"]?.startsWith("text/plain")) return answer;
  return {
    status,
    headers: { ...headers, "Content-Type": "application/json" },
    body: JSON.stringify({ message: body }),
  };
}

function takesGzip(asked: Headers): boolean {
  return /(^|,)\s*(gzip|\*)\s*(?!;\s*q=0(\.0*)?\s*(,|$))/i.test(String(asked["accept-encoding"] ?? ""));
}

async function* gzipped(pieces: NonNullable<Answer["pieces"]>): AsyncGenerator<Uint8Array> {
  // Loaded only when somebody wants it.
  const [{ createGzip }, { pipeline, Readable }] = await Promise.all([import("node:zlib"), import("node:stream")]);
  // The fastest level: over a fast network the deeper ones take longer than they save.
  const gzip = createGzip({ level: 1 });
  // A piece that cannot be made breaks this answer, and nothing else: whoever reads `gzip` is told of it.
  pipeline(Readable.from(pieces), gzip, () => {});
  yield* gzip;
}
