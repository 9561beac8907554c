import type { MetronomeJobInfo } from "@meseta/api/metronome/run.ts";
import { until } from "../core/until.ts";
import { nextOf } from "../core/views/jobs.ts";
import type { Invocation } from "../invocation.ts";
import { jobIdOf, pathOf, withCron } from "../io/cron.ts";

export function run(invocation: Invocation): Promise<number> {
  return withCron(invocation, async (cron) => {
    const id = await jobIdOf(cron, invocation);
    await cron.change({ method: "POST", path: pathOf(id, "/actions/resume"), what: `resume ${id}` });
    const next = until(nextOf(await cron.get<MetronomeJobInfo>(pathOf(id, "?embed=schedules"))), Date.now());
    invocation.terminal.err(`● ${id} is resumed${next === "" ? "" : `; it runs ${next}`}\n`);
    return 0;
  });
}
