import type { Fields, Kind } from "@meseta/api/json-body/field.ts";
import type { Problem } from "@meseta/api/json-body/outcome.ts";
import { isObject } from "@meseta/api/json-body/read.ts";
import { CRON_BOUNDS } from "../bounds.ts";

// Chronos' clients write numbers and truths as texts, and Chronos has always taken them. What it took for zero or false without a word is refused here.

/** The JSON with each text that means a number or a truth made one, and each number or truth that stands for a text made a text. */
export function lenient(kind: Kind, json: unknown): unknown {
  switch (kind.kind) {
    case "number":
      return typeof json === "string" && NUMBER.test(json) ? Number(json) : json;
    case "bool":
      return typeof json === "string" ? (TRUTHS[json.toLowerCase()] ?? json) : json;
    case "text":
      return typeof json === "number" || typeof json === "boolean" ? String(json) : json;
    case "list":
      return Array.isArray(json) ? json.map((item) => lenient(kind.of, item)) : json;
    case "object":
      return isObject(json) ? lenientObject(kind.fields, json) : json;
    case "map":
    case "choice":
    case "textOr":
    case "json":
    case "unread":
      return json;
  }
}

/** One sentence of all that is wrong: `cpus must be a number; fetch(0)/uri is missing`. */
export function sentenceOf(problems: readonly Problem[], fields: Fields): string {
  const shown = problems
    .slice(0, MOST_PROBLEMS)
    .map(({ path, error }) => `${path.slice(1)} ${wordsOf(error, path, fields)}`);
  return shown.join("; ");
}

const NUMBER = /^\s*-?\d+(\.\d+)?(e[+-]?\d+)?\s*$/i;
const TRUTHS: Readonly<Record<string, boolean>> = { true: true, false: false };
const MOST_PROBLEMS = CRON_BOUNDS.problems.most;

function lenientObject(fields: Fields, json: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(fields).filter(([name]) => Object.hasOwn(json, name));
  return Object.fromEntries(entries.map(([name, { of }]) => [name, lenient(of, json[name])]));
}

const WORDS: Readonly<Record<string, string>> = {
  "error.expected.jsstring": "must be a text",
  "error.expected.jsnumber": "must be a number",
  "error.expected.int": "must be a whole number",
  "error.expected.jsboolean": "must be true or false",
  "error.expected.jsarray": "must be a list",
  "error.expected.jsobject": "must be an object",
  "error.path.missing": "is missing",
};

function wordsOf(error: string, path: string, fields: Fields): string {
  if (error !== "error.unknown.enum.literal") return WORDS[error] ?? error;
  const kind = kindAt(fields, path);
  return kind?.kind === "choice" ? `must be one of ${kind.values.join(", ")}` : "is not one of the words it may be";
}

/** The kind of the field at a path such as `/container/volumes(0)/mode`. */
function kindAt(fields: Fields, path: string): Kind | undefined {
  let kind: Kind | undefined = { kind: "object", fields };
  for (const name of path
    .replace(/\(\d+\)/g, "")
    .split("/")
    .slice(1)) {
    while (kind?.kind === "list") kind = kind.of;
    kind = kind?.kind === "object" ? kind.fields[name]?.of : undefined;
  }
  while (kind?.kind === "list") kind = kind.of;
  return kind;
}
