import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { MUTANTS } from "./all.ts";
import { planted } from "./mutant.ts";

it.each(MUTANTS)("$id stands once in $file, and is a bug of one line", (mutant) => {
  const source = readFileSync(new URL(`../../${mutant.file}`, import.meta.url), "utf8");
  const after = new Set(planted(source, mutant).split("\n"));
  const left = source.split("\n").filter((line) => !after.has(line));
  expect(left.length).toBeLessThanOrEqual(1);
});
