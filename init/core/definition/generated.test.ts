import type { Fields } from "@meseta/api/json-body/field.ts";
import type { Refusal } from "@meseta/api/json-body/outcome.ts";
import { badFields } from "@meseta/api/json-body/wrong.rig.ts";
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
