import { expect, it } from "vitest";
import { MUTANTS } from "./mutants.ts";
import { runSeed } from "./seed.ts";

const MOST_SEEDS = 60;

it.each(MUTANTS)("it is noticed when $name", { timeout: 240_000 }, async ({ spoil, tenants }) => {
  let noticed = "";
  for (let seed = 1; seed <= MOST_SEEDS && noticed === ""; seed++)
    await runSeed(seed, { prepare: spoil, tenants }).catch((error: Error) => {
      noticed = error.message;
    });
  expect(noticed).not.toBe("");
});
