import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { addBecame, addEntry, ledgerText } from "./ledger.ts";
import { addPlayed, noTotals } from "./totals.ts";

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meseta-ledger-"));
  path = join(folder, "ledger.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

const PLAYED = { isOfJobs: false, events: 10, updates: 3, runs: 0, demanded: 0, simulatedMs: 3_600_000 };

function run(seed: number, violation?: string): void {
  const totals = noTotals();
  addPlayed(totals, { ...PLAYED, seed, faults: { "kill agent": 2, partition: 1 }, violation });
  addEntry(path, totals, { from: seed, seeds: 1, options: "" });
}

it("a ledger keeps what many runs came to, each on a line of its own", () => {
  run(1);
  run(2);
  expect(readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(2);
  expect(ledgerText(path)).toContain(
    "2 histories (0 of Jepsen's jobs, with 0 runs, of which 0 were demanded), 20 events, 6 updates",
  );
  expect(ledgerText(path)).toContain("6 faults: kill agent 4, partition 2");
});

it("a ledger says what became of each violation", () => {
  run(1, "seed 1, at 3 s: I1: too much");
  run(2, "seed 2, at 3 s: I3: twice");
  addBecame(path, 2, "mended");
  const [, , , , violations, ...rest] = ledgerText(path).split("\n");
  expect(violations).toBe("2 violations");
  expect(rest).toEqual([
    "✗ seed 1, at 3 s: I1: too much",
    "  nobody has said what became of it",
    "✗ seed 2, at 3 s: I3: twice",
    "  mended",
  ]);
});

it("a line of a ledger that cannot be read is named", () => {
  run(1);
  appendFileSync(path, "{half");
  expect(() => ledgerText(path)).toThrow(`${path}:2 is no line of a ledger`);
});
