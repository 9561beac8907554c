import { expect, it } from "vitest";
import { runJobs } from "./jobs.ts";
import { CRON_MUTANTS } from "./mutants-cron.ts";

const MOST_SEEDS = 60;

it.each(CRON_MUTANTS)("it is noticed when $name", { timeout: 240_000 }, async ({ spoil }) => {
  let noticed = "";
  for (let seed = 1; seed <= MOST_SEEDS && noticed === ""; seed++)
    await runJobs(seed, { prepare: spoil }).catch((error: Error) => {
      noticed = error.message;
    });
  expect(noticed).not.toBe("");
});
