import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Quickstart } from "./run.ts";

test("a quickstart whose file cannot be written, as on a full disk, does not end the cluster that it runs in", () => {
  const dir = mkdtempSync(join(tmpdir(), "meseta-quickstart-"));
  mkdirSync(join(dir, "quickstart.json.new"));
  const quickstart = new Quickstart({ masters: ["http://127.0.0.1:1"], dir, homePort: 5051, say: () => {} });
  try {
    expect(() => quickstart.start()).not.toThrow();
  } finally {
    quickstart.close();
    rmSync(dir, { recursive: true });
  }
});
