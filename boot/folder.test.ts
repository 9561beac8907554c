import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFolder } from "./folder.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "meseta-folder-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

test("a folder is made with those above it, and may be there already", () => {
  makeFolder(join(dir, "a/b/c"), 0o700);
  makeFolder(join(dir, "a/b/c"), 0o700);
  expect(existsSync(join(dir, "a/b/c"))).toBe(true);
});

test("where no folder can be, that is said at once", () => {
  writeFileSync(join(dir, "file"), "");
  for (const path of [join(dir, "file/a"), "/proc/x", "/proc/x/y"])
    expect(() => makeFolder(path, 0o700)).toThrow("cannot use the setting dir");
});
