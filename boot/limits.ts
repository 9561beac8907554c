import type { Bound, BoundTable } from "@meseta/lib/core/bound.ts";
import { LOOP_BOUNDS } from "@meseta/lib/core/bounds.ts";
import { parseBytes } from "@meseta/lib/core/bytes.ts";
import { parseDurationMs } from "@meseta/lib/core/duration.ts";
import { nearest } from "@meseta/lib/core/nearest.ts";
import { HTTP_BOUNDS } from "@meseta/lib/io/http/bounds.ts";
import { Failure } from "@meseta/shell/core/failure.ts";
import type { Settings } from "./flags.ts";

/**
 * What `--limits NAME=VALUE,…` says of the bounds of a part, and of its server and loop, by name: bytes, milliseconds, and how many. Throws the failure of
 * a bad setting.
 */
export function limitsIn(settings: Settings, own: BoundTable): ReadonlyMap<string, number> {
  const named = namedIn(own);
  const given = new Map<string, number>();
  for (const entry of (settings["limits"] ?? "").split(",")) {
    if (entry.trim() === "") continue;
    const [name, value, ...more] = entry.split("=").map((word) => word.trim());
    const bound = named.get(name!);
    if (bound === undefined) throw refused(`there is no limit "${name}"${meant(name!, named)}`);
    if (given.has(name!)) throw refused(`"${name}" is said twice`);
    given.set(name!, numberOf(name!, more.length > 0 ? "" : (value ?? ""), bound));
  }
  return given;
}

/** The bounds that `--limits` of a part can set, by the names that it has for them. */
export function namedIn(own: BoundTable): ReadonlyMap<string, Bound> {
  const all = [own, HTTP_BOUNDS, LOOP_BOUNDS].flatMap((table) => Object.values<Bound>(table));
  return new Map(all.flatMap((bound) => (bound.limit === undefined ? [] : [[bound.limit, bound]])));
}

/** Less would refuse everybody; more is no bound, and timers cannot wait for longer. */
const RANGES = {
  bytes: { least: 1024, most: 2 ** 40, read: parseBytes, wanted: "an amount such as 64MB, from 1KB to 1TB" },
  ms: {
    least: 100,
    most: 2 ** 31 - 1,
    read: parseDurationMs,
    wanted: "a duration such as 30secs, from 100ms to 24days",
  },
  count: { least: 1, most: 1e9, read: Number, wanted: "a whole number from 1 to 1000000000" },
} as const;

function numberOf(name: string, text: string, { unit }: Bound): number {
  const { least, most, read, wanted } = RANGES[unit ?? "count"];
  const number = read(text);
  if (number === undefined || !Number.isInteger(number) || number < least || number > most)
    throw refused(`"${name}=${text}" is not ${wanted}`);
  return number;
}

function meant(name: string, named: ReadonlyMap<string, Bound>): string {
  const one = nearest(name, [...named.keys()]);
  return one === undefined ? `; there are ${[...named.keys()].sort().join(", ")}` : `: did you mean ${one}?`;
}

function refused(why: string): Failure {
  return new Failure("bad-setting", { name: "limits", why });
}
