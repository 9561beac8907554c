import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SqliteFile } from "@meseta/drivers/store/sqlite/file.ts";
import { FORMAT_KEY, type StoredFormat } from "@meseta/lib/core/format.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MESETA = fileURLToPath(new URL("../bin/meseta", import.meta.url));

describe("a store that a newer release has brought up", () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "newer-"));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it.each([
    ["master", "store.db"],
    ["agent", "store/store.db"],
    ["init", "store.db"],
    ["cron", "store.db"],
  ])("of %s is refused with both releases and what to do, and not touched", async (part, file) => {
    const path = join(dir, part, file);
    mkdirSync(dirname(path), { recursive: true });
    const newer: StoredFormat = { format: 2, release: "9.8.7" };
    write(path, [
      [FORMAT_KEY, JSON.stringify(newer)],
      ["framework", "in a language of its own"],
    ]);
    const before = contents(path);
    const ports = part === "cron" ? ["--metronome-port", "0"] : [];
    const started = promisify(execFile)(MESETA, [part, "--port", "0", ...ports, "--dir", join(dir, part)]);
    await expect(started).rejects.toMatchObject({
      code: 6,
      stderr: expect.stringMatching(
        /code: newer-state\n.*store\.db holds records of format 2, written by Meseta 9\.8\.7; this is Meseta \d+\.\d+\.\d+, which knows formats up to 1\. Start that release again, or .*\n +try +meseta store restore FILE STORE --force/,
      ),
    });
    expect(contents(path)).toEqual(before);
  });
});

function write(path: string, records: readonly [string, string][]): void {
  const file = new SqliteFile(path);
  file.commit({ puts: new Map(records), deletes: new Set() }, file.open().epoch);
  file.close();
}

function contents(path: string) {
  const file = new SqliteFile(path);
  const seen = { ...file.look(), records: file.scan("") };
  file.close();
  return seen;
}
