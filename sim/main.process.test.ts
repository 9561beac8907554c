import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { testFolder } from "@meseta/lib/io/test-folder.rig.ts";
import { expect, it } from "vitest";
import { ledgerText } from "./ledger.ts";
import { playSeed } from "./played.ts";
import { runSeed } from "./seed.ts";
import { addPlayed, noTotals, totalsText } from "./totals.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
/** A loaded machine takes its time. */
const PATIENCE = { timeout: 600_000 };
const folder = testFolder("sim");

function sim(...words: string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) =>
    execFile(process.execPath, [MAIN, ...words], { maxBuffer: 1e9 }, (error, stdout) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout }),
    ),
  );
}

it("seeds are shared between processes, and what they came to is what one process says", PATIENCE, async () => {
  const ledger = join(folder, "ledger.jsonl");
  const { code, stdout } = await sim("--from", "3", "--seeds", "2", "--jobs", "2", "--ledger", ledger);
  const totals = noTotals();
  for (const seed of [3, 4]) for (const played of await playSeed(seed, {})) addPlayed(totals, played);
  expect(totals.jobs).toBe(1);
  expect(stdout.replace(/, \d+ times as fast.*/, "")).toBe(`${totalsText(totals)}\n`);
  expect(ledgerText(ledger)).toBe(`1 version\n${totalsText(totals)}`);
  expect(code).toBe(0);
});

it("another process tells the same steps of a history, byte for byte", PATIENCE, async () => {
  const path = join(folder, "log");
  await sim("--seed", "4", "--log", path);
  let text = "";
  await runSeed(4, { log: (line) => (text += `${line}\n`) });
  expect(readFileSync(path, "utf8")).toBe(text);
});
