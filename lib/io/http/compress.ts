import type { Answer } from "./answer.ts";
import type { Headers } from "./request.ts";

/** A large answer compressed where the peer takes that; others as they are. Source: RFC 9110, 12.5.3. */
export function compressed(answer: Answer, asked: Headers): Answer {
  const { status, body, pieces, headers } = answer;
  if (pieces === undefined && (body === undefined || body.length < WORTH_BYTES)) return answer;
  const vary = { ...headers, Vary: "Accept-Encoding" };
  if (!takesGzip(asked)) return { ...answer, headers: vary };
  return { status, headers: { ...vary, "Content-Encoding": "gzip" }, pieces: gzipped(pieces ?? [body!]) };
}

/** Less fits into one packet anyway. */
const WORTH_BYTES = 1400;

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
