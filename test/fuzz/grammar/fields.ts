import type { Fields, Kind } from "@meseta/api/json-body/field.ts";
import { anyValue, ODD_NUMBERS, ODD_TEXTS, once, pick } from "./odd.ts";
import type { Drawing } from "./wire.ts";

/** An object of a table of fields: those it needs, some of the others; with `oddity` n one value in n is not what it should be. */
export function drawFields(fields: Fields, how: Drawing, depth = 0): Record<string, unknown> {
  const { random, oddity } = how;
  const value: Record<string, unknown> = {};
  for (const [name, { of, isRequired }] of Object.entries(fields)) {
    if (isRequired ? isOdd(how) && once(random, 4) : !once(random, depth > 0 ? 3 : oddity === 0 ? 14 : 5)) continue;
    value[name] = isOdd(how) && once(random, 3) ? anyValue(random) : drawKind(name, of, how, depth);
  }
  if (oddity > 0 && once(random, oddity)) value[pick(random, ODD_TEXTS)] = anyValue(random);
  return value;
}

function isOdd({ random, oddity }: Drawing): boolean {
  return oddity > 0 && once(random, oddity);
}

function drawKind(name: string, kind: Kind, how: Drawing, depth: number): unknown {
  const { random, known } = how;
  const meant = known[name];
  if (meant !== undefined && meant.length > 0 && !once(random, 8)) return pick(random, meant);
  switch (kind.kind) {
    case "text":
      return isOdd(how) ? pick(random, ODD_TEXTS) : textFor(kind.pattern, how);
    case "number":
      return isOdd(how) ? pick(random, ODD_NUMBERS) : numberFor(kind, how);
    case "bool":
      return isOdd(how) ? anyValue(random, 0) : once(random, 2);
    case "choice":
      return isOdd(how) ? pick(random, ODD_TEXTS) : pick(random, kind.values);
    case "list":
      return listOf(isOdd(how) ? pick(random, [0, 50, 400]) : kind.min + random.below(3), () =>
        drawKind("", kind.of, how, depth + 1),
      );
    case "map":
      return Object.fromEntries(listOf(random.below(3), () => [mapKey(how), drawKind("", kind.of, how, depth + 1)]));
    case "object":
      return drawFields(kind.fields, how, depth + 1);
    case "textOr":
      return drawKind("", once(random, 2) ? kind.text : kind.other, how, depth);
    case "json":
    case "unread":
      return anyValue(random);
  }
}

const TEXTS = [
  "a",
  "b",
  "1",
  "web",
  "x-1",
  "/g/a",
  "P1D",
  "PT60S",
  "R/2100-01-01T00:00:00Z/P1D",
  "host",
  "web-1",
  "10",
  "2001-01-01T00:00:00.000Z",
];

function textFor(pattern: RegExp | undefined, { random }: Drawing): string {
  const first = pick(random, TEXTS);
  if (pattern === undefined || pattern.test(first)) return first;
  return TEXTS.find((text) => pattern.test(text)) ?? first;
}

function numberFor({ isWhole, min, max }: Extract<Kind, { kind: "number" }>, { random }: Drawing): number {
  const value = pick(random, [min, min + 1, 1, 2, 32, 0.1, 8080, ...(max < 1e9 ? [max] : [])]);
  return Math.min(max, Math.max(min, isWhole ? Math.trunc(value) : value));
}

function mapKey({ random }: Drawing): string {
  return once(random, 6) ? pick(random, ODD_TEXTS) : pick(random, ["a", "b", "HAPROXY_0_VHOST", "MESETA_X", "s"]);
}

function listOf<T>(length: number, make: () => T): T[] {
  return Array.from({ length }, make);
}
