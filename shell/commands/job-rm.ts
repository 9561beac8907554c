import type { MetronomeJobInfo } from "@meseta/api/metronome/run.ts";
import { counted } from "@meseta/lib/core/words.ts";
import { CallRefused } from "@meseta/sdk/core/errors.ts";
import { Failure } from "../core/failure.ts";
import type { Invocation } from "../invocation.ts";
import { confirm } from "../io/confirm.ts";
import { jobIdOf, pathOf, withCron } from "../io/cron.ts";

export function run(invocation: Invocation): Promise<number> {
  const { flags, terminal } = invocation;
  return withCron(invocation, async (cron) => {
    const id = await jobIdOf(cron, invocation);
    const { activeRuns = [] } = await cron.get<MetronomeJobInfo>(pathOf(id, "?embed=activeRuns"));
    const running = `${counted(activeRuns.length, "run")} of it ${activeRuns.length === 1 ? "is" : "are"} under way`;
    if (activeRuns.length > 0 && !flags.on("stop")) throw inUse(id, running);
    await confirm(invocation, {
      what: `Remove job ${id} with its history${activeRuns.length > 0 ? ` while ${running}` : ""}`,
    });
    const query = { stopCurrentJobRuns: flags.on("stop") };
    const change = { method: "DELETE", path: pathOf(id), query, what: `remove ${id}` } as const;
    await cron.change(change).catch((error) => {
      throw error instanceof CallRefused && error.status === 409 ? inUse(id, error.text) : error;
    });
    terminal.err(`○ ${id} is removed\n`);
    return 0;
  });
}

function inUse(job: string, why: string): Failure {
  return new Failure("job-in-use", { job, why });
}
