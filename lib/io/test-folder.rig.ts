import { randomUUID } from "node:crypto";
import { mkdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/**
 * The path of a folder that the tests of a file, or of a `describe`, have for themselves: it is there from the first of them to the end of the last one. Where none of them runs, because others were
 * asked for, nothing is made that would be left behind. `within`: another place than the one for temporary files.
 */
export function testFolder(name: string, within = realpathSync(tmpdir())): string {
  const path = join(within, `meseta-${name}-${randomUUID().slice(0, 6)}`);
  beforeAll(() => void mkdirSync(path, { mode: 0o700 }));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
