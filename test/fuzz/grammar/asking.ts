import type { Random } from "@meseta/lib/core/random.ts";
import type { Asking } from "../step.ts";
import { bend } from "./bytes.ts";
import { printJson } from "./json.ts";
import { ODD_TEXTS, once, pick } from "./odd.ts";
import { printProtobuf } from "./protobuf.ts";
import { type Drawing, drawCall, type Known } from "./wire.ts";

/** How odd one request is: a third are as they should be, so that what follows them gets far. */
export function drawOddity(random: Random): number {
  return pick(random, [0, 0, 4, 12, 40, 120]);
}

/** A POST of a call of the table, in JSON or in protobuf; the ids in it are mostly those of things that exist. */
export function drawPost(type: string, target: string, random: Random, known: Known): Asking {
  const oddity = drawOddity(random);
  const drawing: Drawing = { random, known, oddity };
  const { call } = drawCall(type, drawing);
  return drawBody(type, target, call, random, oddity, known);
}

function drawBody(type: string, target: string, call: object, random: Random, oddity: number, known: Known): Asking {
  const isJson = once(random, 2);
  const whole = isJson ? Buffer.from(printJson(call, random, oddity)) : printProtobuf(type, call, random, oddity);
  const body = oddity > 0 && once(random, 6) ? bend(whole, random) : whole;
  const headers = headersOf(isJson ? "application/json" : "application/x-protobuf", random, oddity, known);
  const method = oddity > 0 && once(random, 60) ? pick(random, ["GET", "PUT", "HEAD", "DELETE", "OPTIONS"]) : "POST";
  return { do: "ask", method, target, headers, body, ...(once(random, 50) && { leaves: true }) };
}

function headersOf(type: string, random: Random, oddity: number, known: Known): Record<string, string> {
  const streams = known["Mesos-Stream-Id"] ?? [];
  const isOdd = oddity > 0 && once(random, 20);
  return {
    "content-type": isOdd ? pick(random, ODD_TYPES) : type,
    ...(!once(random, 3) && { accept: isOdd ? pick(random, ODD_ACCEPTS) : pick(random, ACCEPTS) }),
    ...(streams.length > 0 && !once(random, 4) && { "mesos-stream-id": String(pick(random, streams)) }),
    ...(isOdd && once(random, 3) && { "mesos-stream-id": pick(random, ODD_TEXTS) }),
    ...(isOdd && { "message-accept": pick(random, [...ACCEPTS, ...ODD_ACCEPTS]) }),
  };
}

const ACCEPTS = ["application/json", "application/x-protobuf", "*/*"];

export const ODD_ACCEPTS: readonly string[] = [
  ...["", "text/html", "application/recordio", "*", "application/*;q=0", "application/json;q=0,*/*;q=0.1", ",,,", ";;"],
  ...[
    "application/json, ".repeat(500),
    "a/b;q=NaN",
    "text/event-stream",
    "text/plain",
    "\u00ff",
    "application/json;q=1e9",
  ],
];

export const ODD_TYPES: readonly string[] = [
  ...[
    "",
    "text/plain",
    "application/json; charset=utf-8",
    "application/JSON",
    "application/recordio",
    "application/x-www-form-urlencoded",
  ],
  ...[
    "multipart/form-data; boundary=x",
    "application/protobuf",
    "a".repeat(9_000),
    "application/json, application/x-protobuf",
    "*/*",
  ],
];

/** A query: of these names, with values of which some mean something. */
export function drawQuery(names: readonly string[], random: Random, known: readonly string[]): string {
  const count = once(random, 3) ? 0 : 1 + random.below(3);
  const pairs = Array.from({ length: count }, () => {
    const name = once(random, 8) ? pick(random, ODD_TEXTS) : pick(random, names);
    return `${escaped(name)}=${escaped(drawWord(random, known))}`;
  });
  return pairs.length === 0 ? "" : `?${pairs.join(once(random, 20) ? ";" : "&")}`;
}

/** One word of a path or a query. */
export function drawWord(random: Random, known: readonly string[]): string {
  if (known.length > 0 && !once(random, 3)) return pick(random, known);
  return pick(random, once(random, 2) ? ODD_TEXTS : WORDS);
}

const WORDS = [
  ...["true", "false", "True", "0", "1", "-1", "2", "10", "asc", "des", "json", "99999999999999999999", "NaN", "1.5"],
  ...["5mins", "1secs", "1e9days", "-1secs", "callback", "a.b[0]", "%00", "%ff", "/master/log", "/slave/log"],
];

/** As it stands in a URL; lone surrogates, which no URL can say, become what a browser makes of them. */
export function escaped(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
