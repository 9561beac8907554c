import type { CronOut } from "../out.ts";
import type { JobRun } from "../run.ts";
import { changeRun } from "../runs/change.ts";
import type { CronState, Entry } from "../state.ts";
import { taskOf } from "../task.ts";
import type { HeldOffer } from "./held.ts";
import type { Place } from "./place.ts";

/** A task for the run at its place: stored before the ACCEPT of its offer goes. */
export function launch(
  state: CronState,
  { job }: Entry,
  run: JobRun,
  { offer, tasks }: HeldOffer,
  place: Place,
  nowMs: number,
  out: CronOut,
): void {
  const context = { offer, frameworkId: state.master.frameworkId!, bridgeName: state.config.bridgeName };
  const task = taskOf(job, run, place, context);
  tasks.push(task);
  const launched = {
    id: task.task_id.value,
    agentId: offer.agent_id.value,
    hostname: offer.hostname,
    launchedMs: nowMs,
    state: "TASK_STAGING",
  } as const;
  changeRun(state, { job: run.job, run: run.id }, { type: "launched", task: launched }, nowMs, out);
}
