import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Found } from "./run.ts";
import { type Kept, type Step, stepsOf, toKept } from "./step.ts";

const FOLDER = join(tmpdir(), "meseta-fuzz-found");

/** Writes the steps down where they can be replayed from, and gives the file's path. */
export function keepFound({ target, problem, steps }: Found): string {
  const kept = toKept(target, problem.split("\n")[0]!.slice(0, 300), steps);
  const lines = kept.steps.map((step) => `    ${JSON.stringify(step)}`).join(",\n");
  const text = `{\n  "target": "${target}",\n  "found": ${JSON.stringify(kept.found)},\n  "steps": [\n${lines}\n  ]\n}\n`;
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${target}-${createHash("sha256").update(text).digest("hex").slice(0, 12)}.json`);
  writeFileSync(file, text);
  return file;
}

export function readFound(file: string): {
  readonly target: string;
  readonly found: string;
  readonly steps: readonly Step[];
} {
  const kept = JSON.parse(readFileSync(file, "utf8")) as Kept;
  return { target: kept.target, found: kept.found, steps: stepsOf(kept) };
}
