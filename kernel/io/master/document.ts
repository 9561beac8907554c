import { encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import { messageOf } from "@meseta/api/mesos/codec/schema.ts";
import { toJson } from "@meseta/api/mesos/codec/to-json.ts";
import type { WireType, WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import type { Look, Part, Shape, Supplement } from "../../core/master/views/shape.ts";
import { Gathering } from "./gathering.ts";
import { type Encoding, fieldHead, json, type Pieces, type Row, type Shelf } from "./pieces.ts";
import { atOnce } from "./slices.ts";

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
  | { name: string; lists: readonly CapturedList[]; finish: ReturnType<Supplement> | undefined }
  | { name: string; value: unknown }
  | { fields: Row }
  | { name: string; items: readonly (readonly CapturedPart[])[] };

/** Encoded; or to be, and then kept on the shelf; or to be, and not kept. */
type CapturedList =
  | { row: Row }
  | { objects: readonly object[]; shelf: Shelf }
  | { objects: readonly object[]; shape: Shape };

/** How many objects are worked on between two looks at the time. */
const OBJECTS_A_STEP = 32;

/** Encodes, in steps, whatever of the document can change and is not encoded in its present version, so that capturing finds it ready. */
export function* warm({ parts, type, form }: Document, look: Look, pieces: Pieces): Generator<void, void> {
  for (const [part, encoding] of leaves(parts, type, form)) {
    if (typeof part.shape.version !== "function") continue;
    for (const list of listsOf(part)) yield* pieces.shelf(list.key, part.shape, encoding).follow(list.objects(), look);
    yield;
  }
}

/** The document as it is now. */
export function capture({ parts, type, form }: Document, look: Look, pieces: Pieces): Captured {
  return { parts: captureParts(parts, type, form, look, pieces), type, form };
}

/**
 * The bytes of a captured document, encoding in steps what is not encoded yet. JSON comes into `out` from the beginning to the end;
 * protobuf, which tells lengths first, only at the end.
 */
export function* assemble(captured: Captured, look: Look, out = new Gathering()): Generator<void, Gathering> {
  if (captured.form === "protobuf") {
    out.append(yield* message(captured.parts, captured.type!, look));
    return out;
  }
  yield* jsonObject(captured.parts, out, look);
  return out;
}

type Leaf = Extract<Part, { shape: Shape }>;

function listsOf(part: Leaf) {
  return "lists" in part ? part.lists : [{ key: part.fields, objects: () => [part.fields] }];
}

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
    const encoding = encodingOf(part, type, form);
    if ("fields" in part)
      return { fields: atOnce(pieces.shelf(part.fields, part.shape, encoding).follow([part.fields], look)) };
    return { name: part.name, lists: captureLists(part, encoding, look, pieces), finish: part.supplement?.() };
  });
}

function captureLists(
  { lists, shape }: Extract<Leaf, { lists: unknown }>,
  encoding: Encoding,
  look: Look,
  pieces: Pieces,
): CapturedList[] {
  return Array.from(lists, (list): CapturedList => {
    const objects = list.objects();
    if (shape.version === "once") return { objects, shape };
    const shelf = pieces.shelf(list.key, shape, encoding);
    return shape.version === "frozen" ? { objects, shelf } : { row: atOnce(shelf.follow(objects, look)) };
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
      const { slabs, starts, ends } = part.fields;
      out.piece(slabs[0]!, starts[0]! + 2, ends[0]! - 1);
    } else {
      out.text(`${comma}${JSON.stringify(part.name)}:`);
      if ("parts" in part) yield* jsonObject(part.parts, out, look);
      else if ("items" in part) yield* jsonItems(part.items, out, look);
      else yield* jsonList(part.lists, yield* supplementOf(part.finish), out, look);
    }
    comma = ",";
  }
  out.text(comma === "{" ? "{}" : "}");
}

function* jsonItems(items: readonly (readonly CapturedPart[])[], out: Gathering, look: Look): Generator<void, void> {
  out.text("[");
  for (const [i, item] of items.entries()) {
    if (i > 0) out.text(",");
    yield* jsonObject(item, out, look);
  }
  out.text("]");
}

type More = ((object: object) => object) | undefined;

function* supplementOf(finish: ReturnType<Supplement> | undefined): Generator<void, More> {
  return finish === undefined ? undefined : yield* finish();
}

function* jsonList(lists: readonly CapturedList[], more: More, out: Gathering, look: Look): Generator<void, void> {
  out.text("[");
  // Every piece begins with a comma, which the very first has no use for.
  let skip = 1;
  for (const list of lists) {
    if ("shape" in list) {
      for (const [i, object] of list.objects.entries()) {
        out.text(`${skip === 1 ? "" : ","}${jsonOf(list.shape, object, look)}`);
        skip = 0;
        if (i % OBJECTS_A_STEP === OBJECTS_A_STEP - 1) yield;
      }
      continue;
    }
    const row = "row" in list ? list.row : yield* list.shelf.follow(list.objects, look);
    if (more === undefined) jsonPieces(row, skip, out);
    else yield* jsonSupplemented(row, skip, more, out);
    if (row.slabs.length > 0) skip = 0;
    yield;
  }
  out.text("]");
}

function jsonPieces({ slabs, starts, ends }: Row, skip: number, out: Gathering): void {
  for (let i = 0; i < slabs.length; i++) out.piece(slabs[i]!, starts[i]! + (i === 0 ? skip : 0), ends[i]!);
}

/** Each piece without its closing brace, then the further fields. */
function* jsonSupplemented(
  { objects, slabs, starts, ends }: Row,
  skip: number,
  more: NonNullable<More>,
  out: Gathering,
): Generator<void, void> {
  for (let i = 0; i < slabs.length; i++) {
    out.piece(slabs[i]!, starts[i]! + (i === 0 ? skip : 0), ends[i]! - 1);
    out.text(`,${JSON.stringify(more(objects[i]!)).slice(1)}`);
    if (i % OBJECTS_A_STEP === OBJECTS_A_STEP - 1) yield;
  }
}

function jsonOf({ type, view }: Shape, object: object, look: Look): string {
  const shown = view(object, look);
  return type === undefined ? JSON.stringify(shown) : toJson(type, shown as WireTypes[typeof type]);
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
    } else if ("lists" in part) yield* messageList(part.lists, fieldOf(type, part.name).number, out, look);
    else throw new Error(`the parts of a ${type} cannot be written one by one`);
  }
  return out;
}

function* messageList(lists: readonly CapturedList[], tag: number, out: Gathering, look: Look): Generator<void, void> {
  for (const list of lists) {
    if ("shape" in list) {
      for (const object of list.objects) {
        const { type, view } = list.shape;
        const bytes = encodeProtobuf(type!, view(object, look) as WireTypes[NonNullable<typeof type>]);
        out.copy(fieldHead(tag, bytes.length));
        out.copy(bytes);
      }
      continue;
    }
    const { slabs, starts, ends } = "row" in list ? list.row : yield* list.shelf.follow(list.objects, look);
    for (let i = 0; i < slabs.length; i++) out.piece(slabs[i]!, starts[i]!, ends[i]!);
    yield;
  }
}

function fieldType(type: WireType | undefined, name: string): WireType | undefined {
  return type === undefined ? undefined : (fieldOf(type, name).type as WireType);
}

function fieldOf(type: WireType, name: string) {
  const field = messageOf(type).fields.find((one) => one.name === name);
  if (field === undefined) throw new Error(`${type} has no field ${name}`);
  return field;
}
