import type { MetronomeJobInfo } from "@meseta/api/metronome/run.ts";
import { counted } from "../core/count.ts";
import type { Invocation } from "../invocation.ts";
import { confirm } from "../io/confirm.ts";
import { jobIdOf, pathOf, withCron } from "../io/cron.ts";

export function run(invocation: Invocation): Promise<number> {
  return withCron(invocation, async (cron) => {
    const id = await jobIdOf(cron, invocation);
    const { activeRuns = [] } = await cron.get<MetronomeJobInfo>(pathOf(id, "?embed=activeRuns"));
    const running =
      activeRuns.length > 0
        ? ` while ${counted(activeRuns.length, "run")} of it ${activeRuns.length === 1 ? "is" : "are"} under way`
        : "";
    await confirm(invocation, { what: `Remove job ${id} with its history${running}` });
    const query = { stopCurrentJobRuns: invocation.flags.on("stop") };
    await cron.change({ method: "DELETE", path: pathOf(id), query, what: `remove ${id}` });
    invocation.terminal.err(`○ ${id} is removed\n`);
    return 0;
  });
}
