import type { MetronomeJobInfo } from "@meseta/api/metronome/run.ts";
import { jobListing } from "../core/views/jobs.ts";
import type { Invocation } from "../invocation.ts";
import { listOfCron } from "../io/cron.ts";

export function run(invocation: Invocation): Promise<number> {
  return listOfCron(invocation, async (cron) => {
    const embed = "embed=activeRuns&embed=schedules&embed=historySummary";
    return jobListing(await cron.get<readonly MetronomeJobInfo[]>(`/v1/jobs?${embed}`), Date.now());
  });
}
