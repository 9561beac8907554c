import type { Fields, Kind } from "@meseta/api/json-body/field.ts";
import type { Refusal } from "@meseta/api/json-body/outcome.ts";
import { describe, expect, test } from "vitest";
import { readApp } from "./app.ts";
import { APP_FIELDS, LEGACY_FIELDS } from "./app-fields.ts";
import { readPod } from "./pod.ts";
import { POD_FIELDS } from "./pod-fields.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";

// Every field of the tables, with each wrong type and each value out of range, in the smallest body that holds it.

interface Bad {
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly error: string | undefined;
}

const settings = { ...DEFAULT_SETTINGS, features: new Set(["secrets", "gpu_resources", "external_volumes"] as const) };

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

function* badValues(kind: Kind, path: string): Generator<{ path: string; value: unknown; error: string | undefined }> {
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

function* badFields(
  fields: Fields,
  path: string,
  rest: Record<string, unknown>,
): Generator<{ path: string; value: unknown; error: string | undefined }> {
  for (const [name, field] of Object.entries(fields)) {
    for (const bad of badValues(field.of, `${path}/${name}`)) yield { ...bad, value: { ...rest, [name]: bad.value } };
    if (!field.isRequired) continue;
    const { [name]: _, ...without } = rest;
    yield { path: `${path}/${name}`, value: without, error: "error.path.missing" };
    yield { path: `${path}/${name}`, value: { ...rest, [name]: null }, error: "error.path.missing" };
  }
}

function* casesOf(fields: Fields, base: Record<string, unknown>): Generator<Bad> {
  for (const { path, value, error } of badFields(fields, "", base)) yield { path, error, body: value as Bad["body"] };
}

function isTold({ status, body }: Refusal, { path, error }: Bad): boolean {
  const told = Array.isArray(body.details) ? body.details.find((detail) => detail.path === path) : undefined;
  return status === 422 && told !== undefined && (error === undefined || told.errors.includes(error));
}

/** The cases that were not refused, or not with their path and text. */
function missed(cases: Iterable<Bad>, read: (body: unknown) => { refusal: Refusal } | { value: unknown }): unknown[] {
  const wrong: unknown[] = [];
  let count = 0;
  for (const bad of cases) {
    count++;
    const outcome = read(bad.body);
    if (!("refusal" in outcome && isTold(outcome.refusal, bad))) wrong.push({ ...bad, outcome });
  }
  expect(count).toBeGreaterThan(100);
  return wrong;
}

describe("each field with each wrong type and each value out of range is refused with its path", () => {
  test("of apps, old forms included", () => {
    const base = { id: "/a", cmd: "true" };
    const cases = casesOf({ ...APP_FIELDS, ...LEGACY_FIELDS }, base);
    expect(missed(cases, (body) => readApp(body, { settings }))).toEqual([]);
  });

  test("of pods", () => {
    const base = { id: "/p", containers: [{ name: "a", resources: {} }] };
    expect(missed(casesOf(POD_FIELDS, base), (body) => readPod(body, { settings }))).toEqual([]);
  });

  test("a body that is no object is refused as a whole", () => {
    for (const body of [1, "x", true, [], null]) {
      const told = { status: 400, body: { message: "Please specify data in JSON format" } };
      expect(readApp(body, { settings })).toEqual({ refusal: told });
      expect(readPod(body, { settings })).toEqual({ refusal: told });
    }
  });

  test("null counts as not given", () => {
    const nulls = Object.fromEntries(Object.keys({ ...APP_FIELDS, ...LEGACY_FIELDS }).map((name) => [name, null]));
    const plain = readApp({ id: "/a", cmd: "true" }, { settings });
    expect(readApp({ ...nulls, id: "/a", cmd: "true" }, { settings })).toEqual(plain);
  });
});
