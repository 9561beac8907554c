import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Failure } from "../core/failure.ts";
import type { Invocation } from "../invocation.ts";
import { readDefinition } from "./definition.ts";
import { readNamed } from "./read-file.ts";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "read-file-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

function whyOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    return (error as Failure).problem.why;
  }
  throw new Error("it was read");
}

test("what cannot be read is told in words and not in the system's letters", () => {
  expect(whyOf(() => readNamed(join(dir, "none.json"), "app add"))).toBe("there is no such file");
  expect(whyOf(() => readNamed(dir, "app add"))).toBe("it is a folder");
});

test("a file that is no definition is told on one line", () => {
  const file = join(dir, "script");
  const read = () => readDefinition({ row: { path: "app add" } } as Invocation, file);
  writeFileSync(file, "#!/bin/sh\n\nexit 3\n");
  expect(whyOf(read)).toMatch(/^Unexpected token '#'.* is not valid JSON$/);
  writeFileSync(file, "[1]");
  expect(whyOf(read)).toBe("it holds no JSON object");
});
