import fc from "fast-check";
import { decodeProtobuf, encodeProtobuf } from "../../api/mesos/codec/protobuf.ts";
import { enumOf, type Field, type Message, mapValueOf, messageOf } from "../../api/mesos/codec/schema.ts";
import { WireError } from "../../api/mesos/codec/wire-error.ts";
import type { WireType, WireTypes } from "../../api/mesos/generated/wire-types.ts";
import { createRandom, type Random } from "../../lib/core/random.ts";
import { messageArbitrary } from "./arbitrary.ts";

/** By message or by field, values that mean something to the daemon under test: `mesos.v1.AgentID`, `role`. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

/**
 * `count` calls of each kind that the wire table has, by name, from the seed: valid messages, then bent. Ids are often
 * those of things that exist, quantities often impossible. What is given is what a decoder would give.
 */
export function callsOf<T extends WireType>(
  type: T,
  count: number,
  seed: number,
  known: Known,
): [string, WireTypes[T]][] {
  const random = createRandom(seed);
  const kinds = [...enumOf(fieldOf(type, "type").type).names.values()].filter((kind) => kind !== "UNKNOWN");
  return kinds.flatMap((kind) =>
    samples(type, kind, count, seed).flatMap((sample): [string, WireTypes[T]][] => {
      const bent = bend(messageOf(type), { ...sample, type: kind }, { random, known });
      const call = decoded(type, bent as WireTypes[T]);
      return call === undefined ? [] : [[kind, call]];
    }),
  );
}

/** What comes out of a decoder; nothing, when the decoder refuses it already (NaN, too deep). */
function decoded<T extends WireType>(type: T, value: WireTypes[T]): WireTypes[T] | undefined {
  try {
    return decodeProtobuf(type, encodeProtobuf(type, value));
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

/** Calls with the sub-message of their kind; some carry another one as well, or none. */
function samples(type: WireType, kind: string, count: number, seed: number): Fields[] {
  const { fields } = messageOf(type);
  const part = fields.find(({ name }) => name === kind.toLowerCase());
  const always = fields.filter(
    (field) => field.name !== "type" && (field.label === "required" || field.name.endsWith("_id")),
  );
  const model = Object.fromEntries(
    [...always, ...(part === undefined ? [] : [part])].map((field) => [field.name, ofField(field)]),
  );
  const requiredKeys = always.filter(({ label }) => label === "required").map(({ name }) => name);
  const whole = fc.record(model, { noNullPrototype: true });
  const partial = fc.record(model, { noNullPrototype: true, requiredKeys });
  return fc.sample(fc.oneof({ weight: 9, arbitrary: whole }, partial), { numRuns: count, seed }) as Fields[];
}

function ofField(field: Field): fc.Arbitrary<unknown> {
  if (field.kind === "message")
    return field.label === "repeated"
      ? fc.array(messageArbitrary(field.type as WireType), { maxLength: 3 })
      : messageArbitrary(field.type as WireType);
  return field.type === "string" ? fc.string({ maxLength: 20 }) : fc.integer({ min: 0, max: 3 });
}

type Fields = Record<string, unknown>;
type Bent = { readonly random: Random; readonly known: Known };

function bend(message: Message, value: Fields, how: Bent): Fields {
  const entries = Object.entries(value).map(([name, old]) => {
    const field = message.fields.find((each) => each.name === name)!;
    const bent = Array.isArray(old) ? bendList(field, old, how) : bendValue(field, old, how);
    return [name, bent];
  });
  return Object.fromEntries(entries) as Fields;
}

/** Sometimes an item stands twice. */
function bendList(field: Field, list: readonly unknown[], how: Bent): unknown[] {
  const bent = list.map((item) => bendValue(field, item, how));
  return bent.length > 0 && how.random.below(6) === 0 ? [...bent, bent[0]] : bent;
}

function bendValue(field: Field, value: unknown, how: Bent): unknown {
  const { random, known } = how;
  const meant = (field.kind === "scalar" ? known[field.name] : undefined) ?? known[field.type];
  if (meant !== undefined && meant.length > 0 && random.below(4) > 0) return structuredClone(pick(random, meant));
  if (field.kind === "message") return bend(messageOf(field.type), value as Fields, how);
  if (field.kind === "map") {
    const of = mapValueOf(field);
    return Object.fromEntries(Object.entries(value as Fields).map(([key, each]) => [key, bendValue(of, each, how)]));
  }
  const odd = ODD[field.type];
  return odd !== undefined && random.below(3) === 0 ? pick(random, odd) : value;
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)]!;
}

const ODD: Readonly<Record<string, readonly unknown[]>> = {
  double: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e308, 5e-324, -1, 0.0004, 1e15, 1],
  float: [Number.NaN, Number.POSITIVE_INFINITY, -0, -1],
  uint32: [0, 0xffff_ffff, 65_536, 65_535],
  int32: [0, -1, 0x7fff_ffff, -0x8000_0000],
  uint64: [0, Number.MAX_SAFE_INTEGER, 31_000],
  int64: [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER],
  string: [
    "",
    ".",
    "..",
    "*",
    "/",
    "a/b",
    "../../etc/passwd",
    "a\u0000b",
    "\ud83d\ude00",
    "x".repeat(300),
    "__proto__",
  ],
  bytes: ["", "AAAAAAAAAAAAAAAAAAAAAA=="],
};

function fieldOf(type: string, name: string): Field {
  return messageOf(type).fields.find((field) => field.name === name)!;
}
