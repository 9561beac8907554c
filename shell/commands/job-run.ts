import type { MetronomeRun } from "@meseta/api/metronome/run.ts";
import type { Invocation } from "../invocation.ts";
import { jobIdOf, pathOf, withCron } from "../io/cron.ts";
import { followRun } from "../io/follow-run.ts";

export function run(invocation: Invocation): Promise<number> {
  const { flags, terminal } = invocation;
  return withCron(invocation, async (cron) => {
    const id = await jobIdOf(cron, invocation);
    const given = flags.text("arguments");
    const body = given === undefined ? {} : { arguments: given };
    const answer = await cron.change({ method: "POST", path: pathOf(id, "/runs"), body, what: `run ${id}` });
    const begun = answer.body as MetronomeRun;
    if (flags.on("wait")) return followRun(invocation, cron, { job: id, run: begun.id });
    terminal.out(`${begun.id}\n`);
    terminal.err(`See it: meseta job history ${id}\n`);
    return 0;
  });
}
