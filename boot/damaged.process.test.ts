import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const MESETA = fileURLToPath(new URL("../bin/meseta", import.meta.url));

describe("a store that is damaged", () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "damaged-"));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it.each([
    ["master", "store.db", "meseta store restore BACKUP sqlite:"],
    ["agent", "store/store.db", "mv "],
    ["init", "store.db", "meseta store restore BACKUP sqlite:"],
  ])("of %s is told as such, with its file and what to do, before anything starts", async (part, file, remedy) => {
    const path = join(dir, part, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, "this is no database".repeat(100));
    const started = promisify(execFile)(MESETA, [part, "--port", "0", "--dir", join(dir, part)]);
    const stderr = expect.stringMatching(/the state in .*store\.db is damaged +code: damaged-state/);
    await expect(started).rejects.toMatchObject({ code: 1, stderr });
    await expect(started).rejects.toMatchObject({ stderr: expect.stringContaining(`try   ${remedy}${path}`) });
  });
});
