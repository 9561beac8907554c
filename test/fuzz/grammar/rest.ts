import type { Random } from "@meseta/lib/core/random.ts";
import type { Asking } from "../step.ts";
import { drawOddity, drawQuery, drawWord, escaped, ODD_ACCEPTS, ODD_TYPES } from "./asking.ts";
import { bend } from "./bytes.ts";
import { printJson } from "./json.ts";
import { once, pick } from "./odd.ts";
import type { Drawing, Known } from "./wire.ts";

/** As much of a row of a table of routes as a request is made of. */
export interface Row {
  readonly method: string;
  /** What varies stands in braces. */
  readonly path: string;
  /** Names of parameters, with spaces between them. */
  readonly query: string;
  readonly hasBody: boolean;
}

/** A request to a row of the table: what stands for its braces mostly exists, and its body is what `drawBody` gives. */
export function drawRest(
  rows: readonly Row[],
  prefixes: readonly string[],
  drawBody: (row: Row, how: Drawing) => unknown,
  random: Random,
  known: Known,
): Asking {
  const row = pick(random, rows);
  const oddity = drawOddity(random);
  const how = { random, known, oddity };
  const words = known["word"] as string[];
  const path = row.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => segment(name, how));
  const names = row.query === "" ? ["x"] : row.query.split(" ");
  const target = pick(random, prefixes) + path + drawQuery(names, random, words);
  const method = oddity > 0 && once(random, 20) ? pick(random, METHODS) : row.method;
  return {
    do: "ask",
    method,
    target,
    headers: headersOf(random, oddity),
    body: bodyOf(row, drawBody, how),
    ...(once(random, 60) && { leaves: true }),
  };
}

const ACCEPTS = ["application/json", "application/json", "*/*", "*/*", "*/*", "text/plain", "text/event-stream"];
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get", "PROPFIND"];

// What stands for a path may have slashes, which clients write as they are.
function segment(name: string, { random, known, oddity }: Drawing): string {
  const meant = known[name] as string[] | undefined;
  const word =
    meant === undefined || meant.length === 0 || once(random, 5)
      ? drawWord(random, known["word"] as string[])
      : pick(random, meant);
  const text = escaped(word.replace(/^\//, ""));
  return oddity > 0 && once(random, 10) ? `${text}%` : text.replaceAll("%2F", "/");
}

function headersOf(random: Random, oddity: number): Record<string, string> {
  const isOdd = oddity > 0 && once(random, 10);
  return {
    ...(!once(random, 3) && { "content-type": isOdd ? pick(random, ODD_TYPES) : "application/json" }),
    ...(once(random, 2) && {
      accept: isOdd ? pick(random, ODD_ACCEPTS) : pick(random, ACCEPTS),
    }),
    ...(once(random, 30) && { "last-event-id": pick(random, ["1", "-1", "x:9", "99999999999999999999", ""]) }),
    ...(once(random, 30) && { origin: pick(random, ["http://localhost", "null", "http://evil"]) }),
  };
}

function bodyOf(row: Row, drawBody: (row: Row, how: Drawing) => unknown, how: Drawing): Uint8Array {
  const { random, oddity } = how;
  if (!row.hasBody && !once(random, 10)) return new Uint8Array(0);
  const body = Buffer.from(printJson(drawBody(row, how), random, oddity));
  return oddity > 0 && once(random, 5) ? bend(body, random) : body;
}
