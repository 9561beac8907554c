import { descriptor } from "../generated/descriptor.ts";

export type Scalar = "string" | "bytes" | "bool" | "double" | "float" | "int32" | "uint32" | "int64" | "uint64";

export type Field = {
  name: string;
  number: number;
  label: "required" | "optional" | "repeated";
  /** What one value is; a map is a list of entries on the wire and a Record in our objects. */
  kind: "scalar" | "enum" | "message" | "map";
  /** The scalar's name, or the full name of the enum or message; for a map the type of its values. */
  type: string;
  /** The explicit default that Mesos writes even when the field is unset; none when the field is deprecated. */
  preset: string | number | boolean | undefined;
  oneof: string | undefined;
};

/** Fields stand in the order of declaration, which is the order in which Mesos writes JSON. */
export type Message = { name: string; fields: readonly Field[] };

export type Enum = {
  name: string;
  /** The number of each name; no prototype, so that any text may be looked up. */
  numbers: Record<string, number>;
  names: ReadonlyMap<number, string>;
};

/** The message of that full name ("mesos.v1.Offer"), read from the descriptor at its first use. Throws when unknown. */
export function messageOf(name: string): Message {
  return once(messages, name, () => readMessage(name, wordsOf("message", name)));
}

/** The enum of that full name ("mesos.v1.TaskState"), read from the descriptor at its first use. Throws when unknown. */
export function enumOf(name: string): Enum {
  return once(enums, name, () => readEnum(name, wordsOf("enum", name)));
}

/** What a map holds, as the field 2 of its entries on the wire. */
export function mapValueOf(map: Field): Field {
  return {
    ...map,
    kind: map.type.includes(".") ? "message" : "scalar",
    label: "optional",
    number: 2,
    preset: undefined,
  };
}

/** The full names of all messages, in the order of the wire table. */
export function messageNames(): string[] {
  return [...lines().keys()].filter((key) => key.startsWith("message ")).map((key) => key.slice("message ".length));
}

/** The full names of all enums, in the order of the wire table. */
export function enumNames(): string[] {
  return [...lines().keys()].filter((key) => key.startsWith("enum ")).map((key) => key.slice("enum ".length));
}

// protobuf's own well-known type; the wire table refers to it and does not repeat it.
const wellKnown = "message google.protobuf.Duration seconds:1?int64 nanos:2?int32";

const messages = new Map<string, Message>();
const enums = new Map<string, Enum>();
let index: Map<string, string> | undefined;

/** "message mesos.v1.Offer" -> the words after it. */
function lines(): Map<string, string> {
  if (index === undefined) {
    index = new Map();
    for (const line of `${wellKnown}${descriptor}`.trim().split("\n")) {
      const [kind, name] = line.split(" ", 2);
      index.set(`${kind} ${name}`, line.slice(`${kind} ${name} `.length));
    }
  }
  return index;
}

function wordsOf(kind: "message" | "enum", name: string): string[] {
  const text = lines().get(`${kind} ${name}`);
  if (text === undefined) throw new Error(`the wire table has no ${kind} ${name}`);
  return text === "" ? [] : text.split(" ");
}

function once<T>(cache: Map<string, T>, name: string, read: () => T): T {
  let value = cache.get(name);
  if (value === undefined) {
    value = read();
    cache.set(name, value);
  }
  return value;
}

function readEnum(name: string, words: string[]): Enum {
  const numbers: Record<string, number> = Object.create(null);
  for (const word of words) {
    const [value = "", number] = word.split("=");
    numbers[value] = Number(number);
  }
  // Reversed, so that of two names with one number (an alias) the first one is written.
  const names = new Map(
    Object.entries(numbers)
      .map(([value, number]) => [number, value] as const)
      .reverse(),
  );
  return { name, numbers, names };
}

function readMessage(name: string, words: string[]): Message {
  return { name, fields: words.map(readField) };
}

const fieldWord = /^(\w+):(\d+)([!?*])(enum\/)?([^=@~]+)(?:=([^@~]*))?(?:@(\w+))?(~)?$/;
const labels = { "!": "required", "?": "optional", "*": "repeated" } as const;

function readField(word: string): Field {
  const [, name = "", number, mark, isEnum, type = "", preset, oneof, deprecated] = fieldWord.exec(word) ?? [];
  const label = labels[mark as keyof typeof labels];
  const map = /^map<string,(.*)>$/.exec(type)?.[1];
  const kind = map !== undefined ? "map" : isEnum ? "enum" : type.includes(".") ? "message" : "scalar";
  const value = preset === undefined || deprecated !== undefined ? undefined : readPreset(kind, type, preset);
  return { name, number: Number(number), label, kind, type: map ?? type, preset: value, oneof };
}

function readPreset(kind: Field["kind"], type: string, text: string): string | number | boolean {
  if (kind === "enum" || type === "string") return text;
  return type === "bool" ? text === "true" : Number(text);
}
