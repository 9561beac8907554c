import type { WireType, WireTypes } from "../generated/wire-types.ts";
import { absentRequired, buildObject, type Code, Compiler, declareFields } from "./compile.ts";
import { missingFields } from "./missing.ts";
import { Reader } from "./reader.ts";
import { enumOf, type Field, type Message, mapValueOf } from "./schema.ts";
import { SHARED, SharedParts } from "./shared-parts.ts";
import { WireError } from "./wire-error.ts";
import { Writer } from "./writer.ts";

/**
 * The object that these bytes say, with defaults filled in. Unknown fields and unknown enum values are passed over, as
 * proto2 says. Throws a {@link WireError} when the bytes are not such a message or a required field is absent.
 */
export function decodeProtobuf<T extends WireType>(type: T, bytes: Uint8Array): WireTypes[T] {
  return decode(type, new Reader(bytes), bytes.length);
}

/**
 * The same for calls of many peers who say much of the same: equal labels, resources, ids and descriptions of frameworks are one object, which is frozen and
 * may belong to several calls.
 */
export function decodeProtobufShared<T extends WireType>(type: T, bytes: Uint8Array): WireTypes[T] {
  shared ??= new SharedParts();
  return decode(type, new Reader(bytes, shared), bytes.length);
}

let shared: SharedParts | undefined;

function decode<T extends WireType>(type: T, reader: Reader, length: number): WireTypes[T] {
  const value = decoders.of(type).run(reader, length);
  if (reader.missing) throw new WireError("protobuf", `Missing required fields: ${missingFields(type, value)}`);
  return value as WireTypes[T];
}

/**
 * The bytes of an object, fields in the order of their numbers. Throws an Error, which is a bug of the caller, when a
 * required field is absent or an enum has no such name.
 */
export function encodeProtobuf<T extends WireType>(type: T, value: WireTypes[T]): Uint8Array<ArrayBuffer> {
  writer.reset();
  encoders.of(type).run(value, writer);
  return writer.finish();
}

/** The same as a record of RecordIO: its length in digits, a newline, the bytes. In one piece from the start, since streams carry nothing else. */
export function encodeProtobufRecord<T extends WireType>(type: T, value: WireTypes[T]): Uint8Array<ArrayBuffer> {
  writer.reset();
  encoders.of(type).run(value, writer);
  return writer.finishRecord();
}

const writer = new Writer();
const decoders = new Compiler<(reader: Reader, end: number) => object>(["r", "end"], writeDecoder);
const encoders = new Compiler<(value: object, writer: Writer) => void>(["m", "w"], writeEncoder);

const wireTypes = { bool: 0, int32: 0, uint32: 0, int64: 0, uint64: 0, double: 1, string: 2, bytes: 2, float: 5 };

function wireTypeOf({ kind, type }: Field): number {
  if (kind === "scalar") return wireTypes[type as keyof typeof wireTypes];
  return kind === "enum" ? 0 : 2;
}

function tagOf(field: Field): number {
  return field.number * 8 + wireTypeOf(field);
}

function writeDecoder(message: Message, code: Code): string {
  const required = absentRequired(message);
  return [
    "r.enter();",
    declareFields(message),
    "while (r.pos < end) {",
    "const tag = r.uint32();",
    "switch (tag) {",
    ...message.fields.flatMap((field, i) => decodeCases(message, field, i, code)),
    "default: r.skip(tag);",
    "}",
    "}",
    "r.leave(end);",
    required === "" ? "" : `if (${required}) r.missing = true;`,
    ...buildObject(message, code),
  ].join("\n");
}

function decodeCases(message: Message, field: Field, i: number, code: Code): string[] {
  const tag = tagOf(field);
  if (field.kind === "map") return [`case ${tag}: { ${decodeEntry(field, i, code)} break; }`];
  const read = readValue(field, code);
  if (field.label !== "repeated") {
    return [`case ${tag}: ${clearOthers(message, field, i)}${assign(field, `f${i}`, read)} break;`];
  }
  const push = `r.count(); ${pushValue(field, `f${i}`, read)}`;
  const cases = [`case ${tag}: { ${push} break; }`];
  // A list of numbers may come packed into one part; every proto2 reader takes both.
  if (wireTypeOf(field) !== 2) {
    const packed = `const e = r.part(end); while (r.pos < e) { ${push} }`;
    cases.push(`case ${field.number * 8 + 2}: { ${packed} break; }`);
  }
  return cases;
}

function readValue(field: Field, code: Code): string {
  if (field.kind === "message") return readPart(field, code);
  if (field.kind === "enum") return `${code.constant(enumOf(field.type).names)}.get(r.int32())`;
  return `r.${field.type}()`;
}

function readPart({ type }: Field, code: Code): string {
  const read = code.call(type, "r", "r.part(end)");
  return SHARED.has(type) ? `r.shared === undefined ? ${read} : r.sharedPart(${code.cell(type)}, r.part(end))` : read;
}

/** An enum number without a name leaves the field as it is. */
function assign({ kind }: Field, target: string, read: string): string {
  return kind === "enum" ? `{ const v = ${read}; if (v !== undefined) ${target} = v; }` : `${target} = ${read};`;
}

// A list of one, as most are, is made with room for just that.
function pushValue({ kind }: Field, target: string, read: string): string {
  const push = `if (${target} === undefined) ${target} = [v]; else ${target}.push(v);`;
  return kind === "enum" ? `{ const v = ${read}; if (v !== undefined) { ${push} } }` : `{ const v = ${read}; ${push} }`;
}

/** Of the members of a oneof the last on the wire counts. */
function clearOthers(message: Message, field: Field, own: number): string {
  if (field.oneof === undefined) return "";
  const others = message.fields.flatMap(({ oneof }, i) => (oneof === field.oneof && i !== own ? [`f${i} = `] : []));
  return others.length === 0 ? "" : `${others.join("")}undefined; `;
}

/** A map is a list of entries {1: key, 2: value}. An entry without a value stands for the scalar's zero. */
function decodeEntry(field: Field, i: number, code: Code): string {
  const value = mapValueOf(field);
  const read = readValue(value, code).replaceAll("r.part(end)", "r.part(e)");
  return [
    `const e = r.part(end); let key = "", value = ${zeroOf(value)};`,
    "r.count(); while (r.pos < e) { const t = r.uint32(); switch (t) {",
    `case 10: key = r.string(); break; case ${tagOf(value)}: value = ${read}; break;`,
    `default: r.skip(t); } } if (r.pos !== e || value === undefined) r.fail("a broken map entry"); f${i} ??= {};`,
    // Not an assignment: the key may be "__proto__".
    `Object.defineProperty(f${i}, key, { value, writable: true, enumerable: true, configurable: true });`,
  ].join(" ");
}

function zeroOf({ kind, type }: Field): string {
  if (kind === "message") return "undefined";
  return type === "string" || type === "bytes" ? '""' : type === "bool" ? "false" : "0";
}

function writeEncoder(message: Message, code: Code): string {
  const byNumber = [...message.fields].sort((a, b) => a.number - b.number);
  return ["let v;", ...byNumber.map((field) => encodeField(message, field, code))].join("\n");
}

function encodeField(message: Message, field: Field, code: Code): string {
  const tag = `w.uint32(${tagOf(field)});`;
  if (field.kind === "map") return encodeMap(field, tag, code);
  const write = `${tag} ${writeValue(field, code)}`;
  if (field.label === "repeated") return `if ((v = m.${field.name}) != null) for (const x of v) { ${write} }`;
  const present = `if ((v = m.${field.name}) != null) { const x = v; ${write} }`;
  if (field.label !== "required") return present;
  return `${present} else ${code.constant(refuse)}(${JSON.stringify(`${message.name}.${field.name} is required`)});`;
}

function writeValue(field: Field, code: Code): string {
  if (field.kind === "message") return `{ const at = w.open(); ${code.call(field.type, "x", "w")}; w.close(at); }`;
  if (field.kind === "scalar") return `w.${field.type}(x);`;
  const { name, numbers } = enumOf(field.type);
  return `w.int32(${code.constant(numbers)}[x] ?? ${code.constant(refuse)}(${JSON.stringify(`no such ${name}: `)} + x));`;
}

function encodeMap(field: Field, tag: string, code: Code): string {
  const value = mapValueOf(field);
  const write = `w.uint32(${tagOf(value)}); { const x = map[key]; ${writeValue(value, code)} }`;
  const entry = `const at = w.open(); w.uint32(10); w.string(key); ${write} w.close(at);`;
  return `if ((v = m.${field.name}) != null) { const map = v; for (const key of Object.keys(map)) { ${tag} ${entry} } }`;
}

function refuse(why: string): never {
  throw new Error(why);
}
