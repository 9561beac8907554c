import type { MetronomeRun } from "@meseta/api/metronome/run.ts";
import { counted } from "@meseta/lib/core/words.ts";
import type { Invocation } from "../invocation.ts";
import { confirm } from "../io/confirm.ts";
import { jobIdOf, pathOf, pickRun, withCron } from "../io/cron.ts";

export function run(invocation: Invocation): Promise<number> {
  return withCron(invocation, async (cron) => {
    const id = await jobIdOf(cron, invocation);
    const runs = await cron.get<readonly MetronomeRun[]>(pathOf(id, "/runs"));
    const given = invocation.args["run"];
    const chosen = given === undefined ? runs : [pickRun(id, runs, String(given))];
    if (chosen.length === 0) {
      invocation.terminal.err(`No run of ${id} is under way.\n`);
      return 0;
    }
    await confirm(invocation, {
      what: `Stop ${counted(chosen.length, "run")} of ${id}`,
      name: chosen.length > 1 ? id : undefined,
    });
    for (const { id: run } of chosen)
      await cron.change({ method: "POST", path: pathOf(id, `/runs/${run}/actions/stop`), what: `stop run ${run}` });
    invocation.terminal.err(
      `○ ${counted(chosen.length, "run")} of ${id} ${chosen.length === 1 ? "is" : "are"} told to end. See it: meseta job history ${id}\n`,
    );
    return 0;
  });
}
