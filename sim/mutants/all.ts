import { readdirSync, readFileSync } from "node:fs";
import type { Mutant } from "./mutant.ts";

/** All bugs that are planted, one at a time: those of each JSON file here. */
export const MUTANTS: readonly Mutant[] = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith(".json"))
  .flatMap((name) => JSON.parse(readFileSync(`${import.meta.dirname}/${name}`, "utf8")) as Mutant[]);
