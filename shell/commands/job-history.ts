import type { RunRecord } from "@meseta/api/metronome/history.ts";
import { runListing } from "../core/views/runs.ts";
import type { Invocation } from "../invocation.ts";
import { jobIdOf, listOfCron, pathOf } from "../io/cron.ts";

export function run(invocation: Invocation): Promise<number> {
  return listOfCron(invocation, async (cron) => {
    const limit = invocation.flags.number("lines");
    const path = pathOf(await jobIdOf(cron, invocation), `/history?limit=${limit}`);
    return runListing(await cron.get<readonly RunRecord[]>(path), Date.now());
  });
}
