import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeFileDurably } from "./files.ts";

// Mounting takes root.
describe.runIf(process.getuid?.() === 0)("a small file that is replaced on a disk that is nearly full", () => {
  let disk: string;
  beforeEach(() => {
    disk = mkdtempSync(join(tmpdir(), "meseta-files-"));
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k", "meseta-test", disk]);
  });
  afterEach(() => {
    execFileSync("umount", [disk]);
    rmdirSync(disk);
  });

  test("stays as it was when only a part of the new text fits", () => {
    const file = join(disk, "kept.json");
    writeFileDurably(file, "old");
    expect(() => writeFileDurably(file, "new ".repeat(10_000))).toThrow("ENOSPC");
    expect(readFileSync(file, "utf8")).toBe("old");
    writeFileDurably(file, "new");
    expect(readFileSync(file, "utf8")).toBe("new");
  });
});
