import { type Field, type Message, messageOf } from "./schema.ts";

/**
 * Where required fields are absent, as Mesos says it: "subscribe.framework_info.user, accept.operations[0].launch…".
 * First those of the message itself, then those of its parts by field number.
 */
export function missingFields(type: string, value: object): string {
  const paths: string[] = [];
  walk(messageOf(type), value as Fields, "", paths);
  return paths.join(", ");
}

type Fields = Record<string, unknown>;

function walk(message: Message, value: Fields, prefix: string, paths: string[]): void {
  for (const { name, label } of message.fields) {
    if (label === "required" && value[name] === undefined) paths.push(prefix + name);
  }
  const parts = message.fields.filter((field) => isMessage(field) && value[field.name] !== undefined);
  for (const field of parts.sort((a, b) => a.number - b.number)) walkPart(field, value[field.name], prefix, paths);
}

function isMessage({ kind, type }: Field): boolean {
  return kind === "message" || (kind === "map" && type.includes("."));
}

function walkPart(field: Field, value: unknown, prefix: string, paths: string[]): void {
  const message = messageOf(field.type);
  if (field.label !== "repeated") return walk(message, value as Fields, `${prefix}${field.name}.`, paths);
  // The keys of a list are its indexes.
  for (const [key, item] of Object.entries(value as object))
    walk(message, item, `${prefix}${field.name}[${key}].`, paths);
}
