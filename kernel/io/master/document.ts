import { encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import { messageOf } from "@meseta/api/mesos/codec/schema.ts";
import type { WireType, WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import type { Look, Part, Shape } from "../../core/master/views/shape.ts";
import { Gathering } from "./gathering.ts";
import { type Arena, type Encoding, fieldHead, json, type Piece, type Pieces } from "./pieces.ts";

/** A big answer: its parts, and the message that they are fields of (none for the JSON of the older endpoints). */
export interface Document {
  readonly parts: readonly Part[];
  readonly type?: WireType | undefined;
  readonly form: "json" | "protobuf";
}

/**
 * A document as of one moment. Objects that change are encoded already, objects that never change are only listed, so that taking
 * it costs a few milliseconds however large the cluster is, and it may be encoded afterwards in slices.
 */
export interface Captured {
  readonly parts: readonly CapturedPart[];
  readonly type: WireType | undefined;
  readonly form: "json" | "protobuf";
}

type CapturedPart =
  | { name: string; parts: readonly CapturedPart[] }
  | { name: string; pieces: readonly Piece[] }
  | { name: string; objects: readonly object[]; shelf: Arena }
  | { name: string; value: unknown }
  | { fields: Piece }
  | { name: string; items: readonly (readonly CapturedPart[])[] };

/** How many objects are worked on between two looks at the time. */
const OBJECTS_A_STEP = 32;

/** Encodes, in steps, whatever of the document can change and is not encoded in its present version, so that capturing finds it ready. */
export function* warm(document: Document, look: Look, pieces: Pieces): Generator<void, void> {
  for (const [part, encoding] of leaves(document.parts, document.type, document.form)) {
    if (typeof part.shape.version !== "function") continue;
    const shelf = pieces.shelf(part.shape, encoding);
    let n = 0;
    for (const object of "each" in part ? part.each : [part.fields]) {
      shelf.get(object, look);
      if (++n % OBJECTS_A_STEP === 0) yield;
    }
    yield;
  }
}

/** The document as it is now. */
export function capture({ parts, type, form }: Document, look: Look, pieces: Pieces): Captured {
  return { parts: captureParts(parts, type, form, look, pieces), type, form };
}

/** The bytes of a captured document, encoding in steps what is not encoded yet. */
export function* assemble(captured: Captured, look: Look): Generator<void, Gathering> {
  if (captured.form === "protobuf") return yield* message(captured.parts, captured.type!, look);
  const out = new Gathering();
  yield* jsonObject(captured.parts, out, look);
  return out;
}

type Leaf = Extract<Part, { shape: Shape }>;

function* leaves(
  parts: readonly Part[],
  type: WireType | undefined,
  form: "json" | "protobuf",
): Generator<readonly [Leaf, Encoding]> {
  for (const part of parts) {
    if ("shape" in part) yield [part, encodingOf(part, type, form)];
    else if ("parts" in part) yield* leaves(part.parts, fieldType(type, part.name), form);
    else if ("items" in part) for (const item of part.items) yield* leaves(item, undefined, form);
  }
}

function encodingOf(part: Leaf, type: WireType | undefined, form: "json" | "protobuf"): Encoding {
  return form === "json" ? json : { form, tag: fieldOf(type!, "name" in part ? part.name : "").number };
}

function captureParts(
  parts: readonly Part[],
  type: WireType | undefined,
  form: "json" | "protobuf",
  look: Look,
  pieces: Pieces,
): CapturedPart[] {
  return parts.map((part): CapturedPart => {
    if ("value" in part) return part;
    if ("parts" in part)
      return { name: part.name, parts: captureParts(part.parts, fieldType(type, part.name), form, look, pieces) };
    if ("items" in part)
      return { name: part.name, items: part.items.map((item) => captureParts(item, undefined, form, look, pieces)) };
    const shelf = pieces.shelf(part.shape, encodingOf(part, type, form));
    if ("fields" in part) return { fields: shelf.get(part.fields, look) };
    if (typeof part.shape.version !== "function") return { name: part.name, objects: [...part.each], shelf };
    return { name: part.name, pieces: Array.from(part.each, (object) => shelf.get(object, look)) };
  });
}

function* jsonObject(parts: readonly CapturedPart[], out: Gathering, look: Look): Generator<void, void> {
  let comma = "{";
  for (const part of parts) {
    if ("value" in part) {
      if (part.value === undefined) continue;
      out.text(`${comma}${JSON.stringify(part.name)}:${JSON.stringify(part.value)}`);
    } else if ("fields" in part) {
      // The piece is `,{…}`; only what is within the braces is wanted.
      out.text(comma);
      out.piece(part.fields, 2, 1);
    } else {
      out.text(`${comma}${JSON.stringify(part.name)}:`);
      if ("parts" in part) yield* jsonObject(part.parts, out, look);
      else yield* jsonList(part, out, look);
    }
    comma = ",";
  }
  out.text(comma === "{" ? "{}" : "}");
}

function* jsonList(
  part: Exclude<CapturedPart, { parts: unknown } | { value: unknown } | { fields: unknown }>,
  out: Gathering,
  look: Look,
): Generator<void, void> {
  out.text("[");
  if ("items" in part) {
    for (const [i, item] of part.items.entries()) {
      if (i > 0) out.text(",");
      yield* jsonObject(item, out, look);
    }
  } else {
    let skip = 1;
    for (const piece of piecesOf(part, look)) {
      if (piece === undefined) yield;
      else {
        out.piece(piece, skip);
        skip = 0;
      }
    }
  }
  out.text("]");
}

/** Undefined is a moment to look at the time. */
function* piecesOf(
  part: { pieces: readonly Piece[] } | { objects: readonly object[]; shelf: Arena },
  look: Look,
): Generator<Piece | undefined> {
  if ("pieces" in part) return yield* part.pieces;
  let n = 0;
  for (const object of part.objects) {
    yield part.shelf.get(object, look);
    if (++n % OBJECTS_A_STEP === 0) yield undefined;
  }
}

function* message(parts: readonly CapturedPart[], type: WireType, look: Look): Generator<void, Gathering> {
  const out = new Gathering();
  for (const part of parts) {
    if ("value" in part) {
      if (part.value !== undefined)
        out.copy(encodeProtobuf(type, { [part.name]: part.value } as WireTypes[typeof type]));
    } else if ("parts" in part) {
      const field = fieldOf(type, part.name);
      const inner = yield* message(part.parts, field.type as WireType, look);
      out.copy(fieldHead(field.number, inner.bytes));
      out.append(inner);
    } else if ("pieces" in part || "objects" in part) {
      for (const piece of piecesOf(part, look)) {
        if (piece === undefined) yield;
        else out.piece(piece);
      }
    } else throw new Error(`the parts of a ${type} cannot be written one by one`);
  }
  return out;
}

function fieldType(type: WireType | undefined, name: string): WireType | undefined {
  return type === undefined ? undefined : (fieldOf(type, name).type as WireType);
}

function fieldOf(type: WireType, name: string) {
  const field = messageOf(type).fields.find((one) => one.name === name);
  if (field === undefined) throw new Error(`${type} has no field ${name}`);
  return field;
}
