import type { Field, Fields, Kind, NumberKind, TextKind } from "./field.ts";
import { type Problem, ruleProblem } from "./outcome.ts";

/** JSON as it came in. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * The value that this kind makes of JSON, its defaults filled; unknown keys are dropped, and null counts as not given. What is wrong is appended to
 * `problems`; the value is then of no use. The tables' own depth bounds the recursion.
 */
export function read(kind: Kind, json: unknown, path: string, problems: Problem[]): unknown {
  switch (kind.kind) {
    case "text":
      return readText(kind, json, path, problems);
    case "number":
      return readNumber(kind, json, path, problems);
    case "bool":
      return typeof json === "boolean" ? json : typeProblem("error.expected.jsboolean", path, problems);
    case "choice":
      return readChoice(kind.values, json, path, problems);
    case "list":
      return readList(kind, json, path, problems);
    case "map":
      return readMap(kind.of, json, path, problems);
    case "object":
      return readObject(kind.fields, json, path, problems);
    case "textOr":
      return read(typeof json === "string" ? kind.text : kind.other, json, path, problems);
    case "json":
      if (!isWithinDepth(json, MOST_LEVELS)) problems.push(ruleProblem(path, TOO_DEEP));
      return json;
    case "unread":
      return json;
  }
}

/** The same for an object, without the defaults of its own fields when `isSparse`: those inside are filled. */
export function readObject(fields: Fields, json: unknown, path: string, problems: Problem[], isSparse = false): Json {
  if (!isObject(json)) {
    typeProblem("error.expected.jsobject", path, problems);
    return {};
  }
  const object: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = readField(field, own(json, name), `${path}/${name}`, problems, isSparse);
    if (value !== undefined) object[name] = value;
  }
  return object;
}

export function isObject(json: unknown): json is Json {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** The default of each of these fields that has one and that the object lacks, filled in. */
export function fillDefaults(fields: Fields, object: Json): Json {
  const filled: Record<string, unknown> = { ...object };
  for (const [name, field] of Object.entries(fields)) {
    if (filled[name] === undefined && field.default !== undefined) filled[name] = field.default;
  }
  return filled;
}

/** What is free in form is still compared and written by functions that call themselves. */
const MOST_LEVELS = 32;
const TOO_DEEP = `must not be nested deeper than ${MOST_LEVELS} levels`;

function isWithinDepth(json: unknown, levels: number): boolean {
  if (typeof json !== "object" || json === null) return true;
  return levels > 0 && Object.values(json).every((value) => isWithinDepth(value, levels - 1));
}

function readField(field: Field, json: unknown, path: string, problems: Problem[], isSparse: boolean): unknown {
  if (json !== undefined && json !== null) return read(field.of, json, path, problems);
  if (isSparse) return undefined;
  return field.isRequired ? typeProblem("error.path.missing", path, problems) : field.default;
}

function readText({ min, max, pattern }: TextKind, json: unknown, path: string, problems: Problem[]): unknown {
  if (typeof json !== "string") return typeProblem("error.expected.jsstring", path, problems);
  if (json.length < min) problems.push(ruleProblem(path, min === 1 ? "must not be empty" : tooShort(min)));
  else if (json.length > max) problems.push(ruleProblem(path, `must not be longer than ${max} characters`));
  else if (pattern && !pattern.test(json)) problems.push(ruleProblem(path, mustMatch(pattern)));
  return json;
}

function tooShort(min: number): string {
  return `must not be shorter than ${min} characters`;
}

/** How Marathon says that a text is not of a form. */
export function mustMatch(pattern: RegExp): string {
  return `must fully match regular expression '${pattern.source}'`;
}

function readNumber(kind: NumberKind, json: unknown, path: string, problems: Problem[]): unknown {
  if (typeof json !== "number" || !Number.isFinite(json)) {
    return typeProblem("error.expected.jsnumber", path, problems);
  }
  if (kind.isWhole && !Number.isInteger(json)) return typeProblem("error.expected.int", path, problems);
  if (json < kind.min || json > kind.max) problems.push(ruleProblem(path, outOfRange(kind, json)));
  return json;
}

function outOfRange({ isWhole, min, max }: NumberKind, given: number): string {
  const show = (number: number) => (isWhole || !Number.isInteger(number) ? `${number}` : `${number}.0`);
  if (max >= 2 ** 31 - 1 && given < min) return `got ${show(given)}, expected ${show(min)} or more`;
  return `got ${show(given)}, expected between ${show(min)} and ${show(max)}`;
}

// Marathon takes these words in any case.
function readChoice(values: readonly string[], json: unknown, path: string, problems: Problem[]): unknown {
  const word = typeof json === "string" ? json.toLowerCase() : undefined;
  const value = values.find((candidate) => candidate.toLowerCase() === word);
  return value ?? typeProblem("error.unknown.enum.literal", path, problems);
}

function readList(kind: { of: Kind; min: number }, json: unknown, path: string, problems: Problem[]): unknown {
  if (!Array.isArray(json)) return typeProblem("error.expected.jsarray", path, problems);
  if (json.length < kind.min) problems.push(ruleProblem(path, "must not be empty"));
  return json.map((item, index) => read(kind.of, item, `${path}(${index})`, problems));
}

function readMap(of: Kind, json: unknown, path: string, problems: Problem[]): unknown {
  if (!isObject(json)) return typeProblem("error.expected.jsobject", path, problems);
  const entries = Object.entries(json).map(([key, value]) => [key, read(of, value, `${path}/${key}`, problems)]);
  return Object.fromEntries(entries);
}

function typeProblem(error: string, path: string, problems: Problem[]): undefined {
  problems.push({ path, error, isType: true });
  return undefined;
}

// A key such as "constructor" must not be found on the prototype.
function own(object: Json, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
