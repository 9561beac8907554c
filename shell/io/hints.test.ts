import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HINTS } from "../core/hints.ts";
import { createFlags } from "../flags.ts";
import { allRows } from "../table/all.ts";
import { hint } from "./hints.ts";

const DAY_MS = 86_400_000;
let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "meseta-hints-"));
});
afterEach(() => rmSync(cache, { recursive: true }));

function shown(nowMs: number, { given = {}, live = true, path = "task list" } = {}): string {
  let text = "";
  const row = allRows.find((each) => each.path === path)!;
  const flags = createFlags(row, given, () => undefined);
  const terminal = { live, width: 80, paint: (one: string) => one, err: (one: string) => (text += one) } as never;
  hint({ row, args: {}, flags, terminal }, nowMs, { XDG_CACHE_HOME: cache });
  return text;
}

test("a hint comes once a day at most, whatever the command", () => {
  expect(shown(5 * DAY_MS)).toContain("hint: `meseta task list --all`");
  expect(shown(6 * DAY_MS - 1)).toBe("");
  expect(shown(6 * DAY_MS - 1, { path: "node list" })).toBe("");
  expect(shown(6 * DAY_MS, { path: "node list" })).toContain("hint:");
});

test("never in a pipe, never beside output for programs", () => {
  expect(shown(DAY_MS, { live: false })).toBe("");
  for (const given of [{ json: true }, { output: "yaml" }, { quiet: true }, { output: "{{.id}}" }])
    expect(shown(DAY_MS, { given })).toBe("");
  expect(shown(DAY_MS, { given: { output: "wide" } })).not.toBe("");
});

test("a setting switches them off", () => {
  process.env["MESETA_HINTS"] = "off";
  try {
    expect(shown(DAY_MS)).toBe("");
  } finally {
    delete process.env["MESETA_HINTS"];
  }
});

test("every hint is about a command that there is", () => {
  const paths = allRows.map(({ path }) => path);
  expect(Object.keys(HINTS).filter((path) => !paths.includes(path))).toEqual([]);
});
