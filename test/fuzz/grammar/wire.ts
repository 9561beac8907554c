import { enumOf, type Field, type Message, mapValueOf, messageOf } from "@meseta/api/mesos/codec/schema.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { anyValue, ODD_NUMBERS, ODD_TEXTS, once, pick } from "./odd.ts";

/** Values that mean something to the daemon that is asked, by message, or of scalars by field: `mesos.v1.AgentID`, `role`. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

export interface Drawing {
  readonly random: Random;
  readonly known: Known;
  /** One value in so many is not what it should be; 0: all are. */
  readonly oddity: number;
}

/** A call of one of the kinds that the table has, with the part that its kind asks for and now and then another one, or none. */
export function drawCall(type: string, how: Drawing): { kind: string; call: object } {
  const message = messageOf(type);
  const kinds = kindsOf(message);
  const kind = pick(how.random, kinds);
  const call: Record<string, unknown> = {};
  for (const field of message.fields) {
    if (field.name === "type") call["type"] = isOdd(how) ? oddKind(how, kinds) : kind;
    else if (belongs(field, kind, how)) call[field.name] = drawField(field, 4, how);
  }
  return { kind, call };
}

/** The kinds of a call by name. */
export function kindsOf(message: Message): string[] {
  const type = message.fields.find(({ name }) => name === "type")!.type;
  return [...enumOf(type).names.values()].filter((kind) => kind !== "UNKNOWN");
}

function belongs(field: Field, kind: string, { random, oddity }: Drawing): boolean {
  if (field.name === kind.toLowerCase()) return oddity === 0 || !once(random, 40);
  if (field.label === "required" || field.name.endsWith("_id")) return !once(random, 30);
  // The messages of the agent's link belong to a kind of another name.
  if (field.name === "messages" || field.name === "link_version" || field.name === "epoch") return !once(random, 30);
  return once(random, field.kind === "message" ? 60 : 6);
}

function oddKind({ random }: Drawing, kinds: readonly string[]): unknown {
  return pick(random, ["UNKNOWN", "", "subscribe", 0, 7, 9999, null, [pick(random, kinds)], pick(random, ODD_TEXTS)]);
}

function isOdd({ random, oddity }: Drawing): boolean {
  return oddity > 0 && once(random, oddity);
}

/** An object of the message; messages that hold themselves end at `depth` 0. */
export function drawMessage(message: Message, depth: number, how: Drawing): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  for (const field of message.fields) if (isThere(field, depth, how)) value[field.name] = drawField(field, depth, how);
  return value;
}

function isThere({ label, kind, name }: Field, depth: number, how: Drawing): boolean {
  if (label === "required") return !(isOdd(how) && once(how.random, 3));
  if (depth <= 0) return false;
  if (name === "type") return true;
  return once(how.random, kind === "message" ? (depth > 2 ? 3 : 5) : 3);
}

function drawField(field: Field, depth: number, how: Drawing): unknown {
  const { random } = how;
  if (isOdd(how) && once(random, 3)) return anyValue(random);
  if (field.kind === "map") {
    const of = mapValueOf(field);
    const names = Array.from({ length: 1 + random.below(2) }, () => pick(random, ["a", "b", ...ODD_TEXTS]));
    return Object.fromEntries(names.map((name) => [name, drawValue(of, depth, how)]));
  }
  if (field.label !== "repeated") return drawValue(field, depth, how);
  const items = Array.from({ length: countOf(how) }, () => drawValue(field, depth, how));
  return items.length > 0 && once(random, 8) ? [...items, items[0]] : items;
}

function countOf({ random, oddity }: Drawing): number {
  return oddity > 0 && once(random, oddity * 8) ? 200 : 1 + random.below(3);
}

function drawValue(field: Field, depth: number, how: Drawing): unknown {
  const { random, known } = how;
  const meant = (field.kind === "scalar" ? known[field.name] : undefined) ?? known[field.type];
  if (meant !== undefined && meant.length > 0 && !once(random, 6)) return pick(random, meant);
  if (field.kind === "message") return drawMessage(messageOf(field.type), depth - 1, how);
  if (field.kind === "enum") return drawEnum(field, how);
  return isOdd(how) ? oddScalar(random, field.type) : drawScalar(random, field);
}

function drawEnum({ type }: Field, how: Drawing): unknown {
  if (isOdd(how)) return pick(how.random, ["UNKNOWN", "no such", -1, 0, 1, 4096, "", pick(how.random, ODD_TEXTS)]);
  return pick(how.random, [...enumOf(type).names.values()]);
}

function oddScalar(random: Random, type: string): unknown {
  if (once(random, 5)) return anyValue(random, 1);
  if (type === "string") return pick(random, ODD_TEXTS);
  if (type === "bytes") return pick(random, ["", "AAAA", "####", "AAAAAAAAAAAAAAAAAAAAAA==", "A".repeat(4_000)]);
  return type === "bool" ? pick(random, ["true", 1, "x", null]) : pick(random, ODD_NUMBERS);
}

function drawScalar(random: Random, { type, name }: Field): unknown {
  switch (type) {
    case "string":
      return pick(random, name === "principal" ? ["p", "q"] : ["a", "b", "x-1", "name", "web/app"]);
    case "bytes":
      return pick(random, ["AAAAAAAAAAAAAAAAAAAAAA==", "aGVsbG8=", ""]);
    case "bool":
      return once(random, 2);
    case "double":
    case "float":
      return pick(random, [0, 0.1, 0.5, 1, 2, 32, 64, 1000]);
    default:
      return pick(random, [0, 1, 2, 3, 15, 80, 1000, 31_000]);
  }
}
