// Finds what a dotted name of the API means in the wire table: `TaskInfo.container`, `scheduler.Call.accept`, `TaskState`.
import { enumNames, type Field, messageNames, messageOf } from "@meseta/api/mesos/codec/schema.ts";
import { nearest } from "@meseta/lib/core/nearest.ts";

export interface Found {
  /** The message or enum itself, or the field's; undefined for a field of plain values. */
  readonly type: string | undefined;
  readonly kind: "message" | "enum" | "scalar";
  /** The field that the name ends with, and the message that it is of. */
  readonly field?: { readonly of: string; readonly field: Field };
}

export type Search = { readonly found: Found } | { readonly several: readonly string[] } | { readonly near: string };

/** Words of the shell for messages of the wire. */
const WORDS: Readonly<Record<string, string>> = {
  task: "TaskInfo",
  agent: "AgentInfo",
  node: "AgentInfo",
  framework: "FrameworkInfo",
  executor: "ExecutorInfo",
  container: "ContainerInfo",
  role: "Role",
  volume: "Volume",
  status: "TaskStatus",
};

/** The wire's own package; it wins where a name stands in several. */
const OWN_PACKAGE = "mesos.v1.";

/** Case does not matter. The longest beginning that is a type is one; what follows are fields. */
export function find(name: string): Search {
  const words = name.split(".");
  const word = WORDS[words[0]!.toLowerCase()];
  // `agent.Call` is no field of AgentInfo: then the name counts as it stands.
  return (
    (word === undefined ? undefined : search([word, ...words.slice(1)])) ??
    search(words) ?? { near: suggestion([word ?? words[0]!, ...words.slice(1)]) }
  );
}

function search(words: readonly string[]): Search | undefined {
  for (let length = words.length; length > 0; length--) {
    const types = typesNamed(words.slice(0, length).join("."));
    const found = types.flatMap((type) => walk(type, words.slice(length)) ?? []);
    if (found.length === 1) return { found: found[0]! };
    if (found.length > 1) return choose(found, words.slice(length));
  }
  return undefined;
}

function choose(found: readonly Found[], fields: readonly string[]): Search {
  const names = found.map(({ type, field }) => (fields.length === 0 ? type! : field!.of));
  const own = names.findIndex(
    (name) => name.slice(OWN_PACKAGE.length).split(".").length === 1 && name.startsWith(OWN_PACKAGE),
  );
  if (own >= 0) return { found: found[own]! };
  return { several: names.map((name) => [shortName(name), ...fields].join(".")) };
}

/** Without the package that all share. */
export function shortName(type: string): string {
  return type.startsWith(OWN_PACKAGE) ? type.slice(OWN_PACKAGE.length) : type;
}

/** All messages and enums, by their short names. */
export function allNames(): string[] {
  return [...messageNames(), ...enumNames()].map(shortName);
}

function typesNamed(name: string): string[] {
  const wanted = name.toLowerCase();
  const isNamed = (type: string) => type.toLowerCase() === wanted || type.toLowerCase().endsWith(`.${wanted}`);
  return [...messageNames(), ...enumNames()].filter(isNamed);
}

function walk(type: string, fields: readonly string[]): Found | undefined {
  const isMessage = messageNames().includes(type);
  const [name, ...rest] = fields;
  if (name === undefined) return { type, kind: isMessage ? "message" : "enum" };
  if (!isMessage) return undefined;
  const field = messageOf(type).fields.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (field === undefined) return undefined;
  const isPlain = field.kind === "scalar" || !field.type.includes(".");
  if (rest.length > 0) return isPlain ? undefined : walk(field.type, rest);
  const found: Found = isPlain ? { type: undefined, kind: "scalar" } : walk(field.type, [])!;
  return { ...found, field: { of: type, field } };
}

function suggestion(words: readonly string[]): string {
  for (let length = words.length - 1; length > 0; length--) {
    const [type] = typesNamed(words.slice(0, length).join("."));
    if (type === undefined || !messageNames().includes(type)) continue;
    const names = messageOf(type).fields.map((field) => field.name);
    const name = nearest(words[length]!, names);
    if (name !== undefined) return [...words.slice(0, length), name].join(".");
  }
  return (
    nearest(
      words[0]!,
      allNames().filter((name) => !name.includes(".")),
    ) ?? ""
  );
}
