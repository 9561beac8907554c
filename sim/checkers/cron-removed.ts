import type { Cron } from "@meseta/cron/core/cron.ts";
import type { CronOut } from "@meseta/cron/core/out.ts";
import { Violation } from "./violation.ts";

/** That with a job its runs end: what lives of it is killed in the event that removes it, and not only when somebody finds it. */
export class RemovedChecker {
  /** The tasks that cron believed in after the event before, and their job. */
  #tasks: ReadonlyMap<string, string> = new Map();

  /** A life begins. */
  loaded(core: Cron): void {
    this.#tasks = tasksOf(core);
  }

  applied({ deletes }: CronOut, core: Cron): void {
    for (const [task, job] of this.#tasks)
      if (deletes.has(`job/${job}`) && !core.state.kills.has(task))
        throw new Violation(`${job} is removed, and ${task} is not killed`);
    this.#tasks = tasksOf(core);
  }
}

function tasksOf({ state }: Cron): ReadonlyMap<string, string> {
  return new Map([...state.tasks].map(([id, { job }]) => [id, job]));
}
