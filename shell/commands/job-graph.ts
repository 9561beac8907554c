import type { MetronomeJobInfo } from "@meseta/api/metronome/run.ts";
import { graphDot, graphLines } from "../core/views/job-graph.ts";
import { jobListing } from "../core/views/jobs.ts";
import type { Invocation } from "../invocation.ts";
import { listOfCron, withCron } from "../io/cron.ts";
import { outputOf } from "../io/print.ts";

export function run(invocation: Invocation): Promise<number> {
  const { flags, terminal } = invocation;
  const { form } = outputOf(invocation);
  if (form !== "table" && form !== "wide")
    return listOfCron(invocation, async (cron) => jobListing(await cron.get("/v1/jobs?embed=schedules"), Date.now()));
  return withCron(invocation, async (cron) => {
    const jobs = await cron.get<readonly MetronomeJobInfo[]>("/v1/jobs");
    if (flags.on("dot")) terminal.out(graphDot(jobs));
    else
      terminal.out(
        graphLines(jobs)
          .map((line) => `${line}\n`)
          .join(""),
      );
    if (jobs.every(({ dependencies }) => dependencies.length === 0))
      terminal.err(
        "No job follows another one. `parents` (Chronos) or `dependencies` (Metronome) name those to follow.\n",
      );
    return 0;
  });
}
