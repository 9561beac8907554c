import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const FOUND = fileURLToPath(new URL("found", import.meta.url));

test("a short run on every API finds nothing", async () => {
  const { code, text } = await fuzz("--seed", "42", "--scenes", "2");
  expect(text).toMatch(/\d+ cases, .* 0 findings/);
  expect(code, text).toBe(0);
});

test("what was found once is not found again", async () => {
  const files = readdirSync(FOUND).map((name) => join(FOUND, name));
  const { code, text } = await fuzz(...files.flatMap((file) => ["--input", file]));
  expect(code, text).toBe(0);
  expect(text.match(/nothing is wrong/g)).toHaveLength(files.length);
});

/** The fuzzer in a process of its own, whose timers it takes over. */
function fuzz(...args: string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += String(chunk)));
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, text })));
}
