import type { Invocation } from "../invocation.ts";
import { jobIdOf, pathOf, withCron } from "../io/cron.ts";

export function run(invocation: Invocation): Promise<number> {
  return withCron(invocation, async (cron) => {
    const id = await jobIdOf(cron, invocation);
    await cron.change({ method: "POST", path: pathOf(id, "/actions/pause"), what: `pause ${id}` });
    invocation.terminal.err(`○ ${id} is paused. Runs that are under way go on. Resume it: meseta job resume ${id}\n`);
    return 0;
  });
}
