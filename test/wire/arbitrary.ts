import fc from "fast-check";
import { enumOf, type Field, type Message, mapValueOf, messageOf } from "../../api/mesos/codec/schema.ts";
import type { WireType, WireTypes } from "../../api/mesos/generated/wire-types.ts";

/**
 * Objects of a message as our decoders give them: defaults filled in, no empty lists, one member of a oneof, canonical
 * base64, integers that a number holds exactly. So each of them survives a round trip unchanged.
 */
export function messageArbitrary<T extends WireType>(
  type: T,
  options: { depth?: number } = {},
): fc.Arbitrary<WireTypes[T]> {
  return ofMessage(messageOf(type), options.depth ?? 3) as fc.Arbitrary<WireTypes[T]>;
}

type Fields = Record<string, unknown>;

/** Optional parts end at `depth` 0, so that messages that hold themselves end too. */
function ofMessage(message: Message, depth: number): fc.Arbitrary<Fields> {
  const fields = message.fields.filter((field) => depth > 0 || field.label === "required" || field.kind !== "message");
  const model = Object.fromEntries(fields.map((field) => [field.name, ofField(field, depth)]));
  const requiredKeys = fields.filter((field) => isAlwaysThere(field)).map((field) => field.name);
  return fc.record(model, { requiredKeys, noNullPrototype: true }).map((value) => keepOneOf(message, value));
}

function isAlwaysThere({ label, preset }: Field): boolean {
  return label === "required" || preset !== undefined;
}

function keepOneOf(message: Message, value: Fields): Fields {
  const seen = new Set<string>();
  for (const { name, oneof } of message.fields) {
    if (oneof === undefined || value[name] === undefined) continue;
    if (seen.has(oneof)) delete value[name];
    seen.add(oneof);
  }
  return value;
}

function ofField(field: Field, depth: number): fc.Arbitrary<unknown> {
  if (field.kind === "map")
    return fc.dictionary(fc.string({ maxLength: 8 }), ofValue(mapValueOf(field), depth), {
      minKeys: 1,
      maxKeys: 3,
      noNullPrototype: true,
    });
  return field.label === "repeated"
    ? fc.array(ofValue(field, depth), { minLength: 1, maxLength: 3 })
    : ofValue(field, depth);
}

const scalars: Record<string, fc.Arbitrary<unknown>> = {
  string: fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: "binary", maxLength: 80 })),
  bytes: fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.toBase64()),
  bool: fc.boolean(),
  double: fc.oneof(
    fc.double({ noNaN: true }).map((value) => value + 0),
    fc.integer({ min: 0, max: 1000 }),
  ),
  float: fc.float({ noNaN: true }).map((value) => value + 0),
  int32: fc.integer(),
  uint32: fc.nat({ max: 0xffff_ffff }),
  int64: fc.maxSafeInteger(),
  uint64: fc.maxSafeNat(),
};

function ofValue({ kind, type }: Field, depth: number): fc.Arbitrary<unknown> {
  if (kind === "message") return ofMessage(messageOf(type), depth - 1);
  return kind === "enum" ? fc.constantFrom(...enumOf(type).names.values()) : scalars[type]!;
}
