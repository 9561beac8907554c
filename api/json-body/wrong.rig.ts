import type { Fields, Kind } from "./field.ts";

// For tests: every field of a table, with each wrong type and each value out of range, in the smallest body that holds it.

/** One wrong body: where it is wrong, and what is said, when that is the same for all of the kind. */
export interface Wrong {
  readonly path: string;
  readonly value: unknown;
  readonly error: string | undefined;
}

/** Each wrong form of each of these fields; `rest` is what the body has beside it. */
export function* badFields(fields: Fields, path: string, rest: Record<string, unknown>): Generator<Wrong> {
  for (const [name, field] of Object.entries(fields)) {
    for (const bad of badValues(field.of, `${path}/${name}`)) yield { ...bad, value: { ...rest, [name]: bad.value } };
    if (!field.isRequired) continue;
    const { [name]: _, ...without } = rest;
    yield { path: `${path}/${name}`, value: without, error: "error.path.missing" };
    yield { path: `${path}/${name}`, value: { ...rest, [name]: null }, error: "error.path.missing" };
  }
}

const WRONG: Readonly<Record<string, readonly unknown[]>> = {
  text: [1, true, {}, []],
  number: ["1", true, {}, []],
  bool: ["true", 1, {}, []],
  choice: ["no such word", 1, true, {}, []],
  list: ["x", 1, true, {}],
  map: ["x", 1, true, []],
  object: ["x", 1, true, []],
  textOr: [true, []],
  json: [],
  unread: [],
};

const EXPECTED: Readonly<Record<string, string>> = {
  text: "error.expected.jsstring",
  number: "error.expected.jsnumber",
  bool: "error.expected.jsboolean",
  choice: "error.unknown.enum.literal",
  list: "error.expected.jsarray",
  map: "error.expected.jsobject",
  object: "error.expected.jsobject",
};

/** A value of this kind that is well. */
function good(kind: Kind): unknown {
  switch (kind.kind) {
    case "text":
      return kind.pattern?.source === "^\\d+$" ? "1" : "a";
    case "number":
      return Math.max(kind.min, 1);
    case "bool":
      return true;
    case "choice":
      return kind.values[0];
    case "list":
      return [good(kind.of)];
    case "map":
      return {};
    case "object":
      return goodObject(kind.fields);
    case "textOr":
      return good(kind.other);
    case "json":
    case "unread":
      return {};
  }
}

function goodObject(fields: Fields): Record<string, unknown> {
  const required = Object.entries(fields).filter(([, { isRequired }]) => isRequired);
  return Object.fromEntries(required.map(([name, { of }]) => [name, good(of)]));
}

function* badValues(kind: Kind, path: string): Generator<Wrong> {
  for (const value of WRONG[kind.kind]!) yield { path, value, error: EXPECTED[kind.kind] };
  switch (kind.kind) {
    case "text":
      if (kind.min > 0) yield { path, value: "", error: "must not be empty" };
      if (Number.isFinite(kind.max)) yield { path, value: "a".repeat(kind.max + 1), error: undefined };
      if (kind.pattern) yield { path, value: "//", error: undefined };
      return;
    case "number":
      yield { path, value: kind.min - 1, error: undefined };
      if (kind.max < Number.MAX_SAFE_INTEGER) yield { path, value: kind.max + 1, error: undefined };
      if (kind.isWhole) yield { path, value: kind.min + 0.5, error: "error.expected.int" };
      return;
    case "list":
      if (kind.min > 0) yield { path, value: [], error: "must not be empty" };
      yield { path: `${path}(0)`, value: [null], error: undefined };
      for (const bad of badValues(kind.of, `${path}(0)`)) yield { ...bad, value: [bad.value] };
      return;
    case "map":
      for (const bad of badValues(kind.of, `${path}/key`)) yield { ...bad, value: { key: bad.value } };
      return;
    case "object":
      yield* badFields(kind.fields, path, goodObject(kind.fields));
      return;
    case "textOr":
      for (const bad of badValues(kind.other, path))
        if (typeof bad.value !== "string") yield { ...bad, error: undefined };
      return;
    case "bool":
    case "choice":
    case "unread":
      return;
    case "json": {
      let deep: unknown = {};
      for (let i = 0; i < 10_000; i++) deep = [deep];
      yield { path, value: deep, error: "must not be nested deeper than 32 levels" };
    }
  }
}
