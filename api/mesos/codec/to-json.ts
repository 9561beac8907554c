import type { WireType, WireTypes } from "../generated/wire-types.ts";
import { type Code, Compiler } from "./compile.ts";
import { type Field, type Message, mapValueOf } from "./schema.ts";

/**
 * The JSON text of an object as Mesos writes it: fields in the order of declaration, unset fields and empty lists left out,
 * explicit defaults written. Throws an Error, which is a bug of the caller, when a required field is absent.
 */
export function toJson<T extends WireType>(type: T, value: WireTypes[T]): string {
  return writers.of(type).run(value);
}

/** Lists that Mesos writes by hand in its answers, so that they stand there even when they are empty. */
const writtenWhenEmpty: Record<string, readonly string[]> = {
  "mesos.v1.master.Response.GetAgents": ["agents", "recovered_agents"],
  "mesos.v1.master.Response.GetExecutors": ["executors"],
  "mesos.v1.master.Response.GetFrameworks": ["frameworks", "completed_frameworks"],
  "mesos.v1.master.Response.GetTasks": ["tasks", "completed_tasks", "unreachable_tasks"],
  "mesos.v1.agent.Response.GetExecutors": ["executors", "completed_executors"],
  "mesos.v1.agent.Response.GetFrameworks": ["frameworks", "completed_frameworks"],
  "mesos.v1.agent.Response.GetTasks": [
    "pending_tasks",
    "queued_tasks",
    "launched_tasks",
    "terminated_tasks",
    "completed_tasks",
  ],
};

const writers = new Compiler<(value: object) => string>(["m"], writeWriter);

function writeWriter(message: Message, code: Code): string {
  // Until the first field that is always there, the comma depends on what was written before.
  const firstSure = message.fields.findIndex((field) => isSure(message, field));
  return [
    'let v, s = "{", c = "";',
    ...message.fields.map((field, i) =>
      writeField(message, field, i > firstSure && firstSure >= 0 ? '","' : "c", code),
    ),
    'return s + "}";',
  ].join("\n");
}

function isSure(message: Message, field: Field): boolean {
  return field.label === "required" || field.preset !== undefined || isWrittenWhenEmpty(message, field);
}

function isWrittenWhenEmpty(message: Message, { name }: Field): boolean {
  return writtenWhenEmpty[message.name]?.includes(name) ?? false;
}

function writeField(message: Message, field: Field, comma: string, code: Code): string {
  const set = comma === "c" && !isSure(message, field) ? ' c = ",";' : "";
  const key = (value: string) =>
    `s += ${comma} + ${JSON.stringify(`${JSON.stringify(field.name)}:`)} + ${value};${set}`;
  const get = `(v = m.${field.name})`;
  if (field.kind === "map") return writeMap(field, key, get, code);
  if (field.label === "repeated") return writeList(message, field, key, get, code);
  const write = key(writeValue(field, "v", code));
  if (field.preset !== undefined) return `${get} ?? (v = ${JSON.stringify(field.preset)}); ${write}`;
  if (field.label !== "required") return `if (${get} != null) { ${write} }`;
  return `if (${get} == null) ${code.constant(absent)}("${message.name}.${field.name}"); ${write}`;
}

function writeMap(field: Field, key: (value: string) => string, get: string, code: Code): string {
  const entry = `${code.constant(quoted)}(k) + ":" + ${writeValue(mapValueOf(field), "map[k]", code)}`;
  const entries = `const map = v; const l = Object.keys(map).map((k) => ${entry}).join();`;
  return `if (${get} != null && Object.keys(v).length > 0) { ${entries} ${key('"{" + l + "}"')} }`;
}

function writeList(message: Message, field: Field, key: (value: string) => string, get: string, code: Code): string {
  const item = writeValue(field, "v[i]", code);
  const items = `let l = ""; for (let i = 0; i < v.length; i++) l += (i === 0 ? "" : ",") + ${item};`;
  const filled = `if (${get} != null && v.length > 0) { ${items} ${key('"[" + l + "]"')} }`;
  return isWrittenWhenEmpty(message, field) ? `${filled} else { ${key('"[]"')} }` : filled;
}

function writeValue(field: Field, value: string, code: Code): string {
  if (field.kind === "message") return code.call(field.type, value);
  if (field.kind === "enum" || field.type === "bytes") return `'"' + ${value} + '"'`;
  if (field.type === "string") return `${code.constant(quoted)}(${value})`;
  if (field.type === "double" || field.type === "float") return `${code.constant(double)}(${value})`;
  return value;
}

function absent(field: string): never {
  throw new Error(`${field} is required`);
}

/** Longer strings are left to the engine, which looks at many characters at once. */
const scannedCharacters = 40;

function quoted(text: string): string {
  if (text.length > scannedCharacters) return JSON.stringify(text);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || unit > 0xd7ff) return JSON.stringify(text);
  }
  return '"' + text + '"';
}

/** JSON has no infinity: a string stands for it, and readers of these APIs know that. */
function double(value: number): string | number {
  return Number.isFinite(value) ? value : '"' + value + '"';
}
