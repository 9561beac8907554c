import type { RunRecord } from "@meseta/api/metronome/history.ts";
import type { MetronomeJobInfo } from "@meseta/api/metronome/run.ts";
import { jobDetails } from "../core/views/jobs.ts";
import type { Invocation } from "../invocation.ts";
import { jobIdOf, pathOf, showOfCron } from "../io/cron.ts";

const SHOWN_RUNS = 5;

export function run(invocation: Invocation): Promise<number> {
  return showOfCron(invocation, async (cron) => {
    const id = await jobIdOf(cron, invocation);
    const embed = "?embed=activeRuns&embed=schedules&embed=historySummary";
    const [job, runs] = await Promise.all([
      cron.get<MetronomeJobInfo>(pathOf(id, embed)),
      cron.get<readonly RunRecord[]>(pathOf(id, `/history?limit=${SHOWN_RUNS}`)),
    ]);
    return jobDetails(job, runs, Date.now());
  });
}
