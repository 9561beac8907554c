import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { closedFolder, makeFolder } from "./folder.ts";

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

test("a part's folder is its own, and those above it may be entered by all: other parts and tasks have theirs beside it", () => {
  chmodSync(dir, 0o711);
  makeFolder(join(dir, "meseta/master"), 0o700);
  makeFolder(join(dir, "meseta/agent"), 0o711);
  const entered = (path: string) => statSync(join(dir, path)).mode & 0o777 & ~process.umask();
  expect([entered("meseta"), entered("meseta/master"), entered("meseta/agent")]).toEqual(
    [0o711, 0o700, 0o711].map((mode) => mode & ~process.umask()),
  );
});

test("the first folder that not everybody may enter is named", () => {
  chmodSync(dir, 0o711);
  mkdirSync(join(dir, "shut/a/b"), { recursive: true });
  chmodSync(join(dir, "shut"), 0o700);
  expect(closedFolder(join(dir, "shut/a/b"))).toBe(join(dir, "shut"));
  chmodSync(join(dir, "shut"), 0o711);
  for (const open of ["shut/a", "shut/a/b"]) chmodSync(join(dir, open), 0o755);
  expect(closedFolder(join(dir, "shut/a/b"))).toBeUndefined();
});

test("where no folder can be, that is said at once", () => {
  writeFileSync(join(dir, "file"), "");
  for (const path of [join(dir, "file/a"), "/proc/x", "/proc/x/y"])
    expect(() => makeFolder(path, 0o700)).toThrow("cannot use the setting dir");
});
