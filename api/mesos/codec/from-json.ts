import type { WireType, WireTypes } from "../generated/wire-types.ts";
import { absentRequired, buildObject, type Code, Compiler, declareFields } from "./compile.ts";
import { parseJson } from "./json-text.ts";
import { ofJson, Shape } from "./json-value.ts";
import { missingFields } from "./missing.ts";
import { enumOf, type Field, type Message, mapValueOf } from "./schema.ts";
import { WireError } from "./wire-error.ts";

/** {@link fromJson} of a JSON text, which is read within the bounds of `limits.ts`. */
export function fromJsonText<T extends WireType>(type: T, text: string): WireTypes[T] {
  return fromJson(type, parseJson(text));
}

/**
 * The object that a parsed JSON value says, read as Mesos reads it: null is "not set", unknown fields are passed over,
 * unknown enum names are dropped where the field is not required, numbers and booleans may stand in quotes, a fraction in
 * an integer is cut off. Defaults are filled in. Throws a {@link WireError} of kind "shape".
 */
export function fromJson<T extends WireType>(type: T, value: unknown): WireTypes[T] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WireError("shape", "Expecting a JSON object");
  }
  const shape = new Shape();
  const result = readers.of(type).run(value, shape);
  if (shape.missing) throw new WireError("shape", `Missing required fields: ${missingFields(type, result)}`);
  return result as WireTypes[T];
}

const readers = new Compiler<(value: object, shape: Shape) => object>(["o", "s"], writeReader);

function writeReader(message: Message, code: Code): string {
  const required = absentRequired(message);
  return [
    "s.enter();",
    "let a;",
    declareFields(message),
    ...message.fields.map((field, i) => readField(field, `f${i}`, code)),
    ...oneofs(message),
    "s.leave();",
    required === "" ? "" : `if (${required}) s.missing = true;`,
    ...buildObject(message, code),
  ].join("\n");
}

function readField(field: Field, target: string, code: Code): string {
  const given = `if ((a = o.${field.name}) != null)`;
  if (field.kind === "map") return `${given} { ${readMap(field, target, code)} }`;
  if (field.label !== "repeated") return `${given} ${target} = ${readValue(field, "a", code)};`;
  // One value where a list is expected is a list of one, and null in a list is nothing: so Mesos reads them.
  const push = `const v = ${readValue(field, "x", code)}; if (v !== undefined) l.push(v);`;
  const loop = `for (const x of Array.isArray(a) ? a : [a]) if (x != null) { ${push} }`;
  return `${given} { const l = []; ${loop} if (l.length > 0) ${target} = l; }`;
}

function readValue(field: Field, value: string, code: Code): string {
  const name = JSON.stringify(field.name);
  if (field.kind === "message") return code.call(field.type, `${code.constant(ofJson.object)}(${value}, ${name})`, "s");
  if (field.kind === "scalar") return `${code.constant(ofJson[field.type as keyof typeof ofJson])}(${value}, ${name})`;
  const numbers = code.constant(enumOf(field.type).numbers);
  return `${code.constant(ofJson.enum)}(${value}, ${name}, ${numbers}, ${field.label === "required"})`;
}

function readMap(field: Field, target: string, code: Code): string {
  const value = readValue(mapValueOf(field), "x", code);
  return [
    `const m = {}, from = ${code.constant(ofJson.object)}(a, "${field.name}");`,
    `for (const key of Object.keys(from)) { const x = from[key]; if (x != null) { const value = ${value};`,
    "Object.defineProperty(m, key, { value, writable: true, enumerable: true, configurable: true }); } }",
    `if (Object.keys(m).length > 0) ${target} = m;`,
  ].join(" ");
}

/** Of the members of a oneof the last one declared counts. */
function oneofs({ fields }: Message): string[] {
  const members = fields.flatMap(({ oneof }, i) => (oneof === undefined ? [] : [{ oneof, i }]));
  return members.reverse().flatMap(({ oneof, i }) => {
    const others = members.filter((other) => other.oneof === oneof && other.i < i).map((other) => `f${other.i} = `);
    return others.length === 0 ? [] : [`if (f${i} !== undefined) ${others.join("")}undefined;`];
  });
}
