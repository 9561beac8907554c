import { schedule } from "../firing/schedule.ts";
import type { CronOut } from "../out.ts";
import type { CronState, Entry } from "../state.ts";
import { storedJob } from "./stored.ts";

/** Nothing starts the job any more but a hand; its runs go on. Its owner is told why, in a sentence. */
export function disableJob(state: CronState, entry: Entry, why: string, nowMs: number, out: CronOut): void {
  if (entry.job.isDisabled) return;
  entry.job = { ...entry.job, isDisabled: true };
  const { id, owner } = entry.job;
  out.save(`job/${id}`, storedJob(entry.job));
  schedule(state, entry, nowMs, out);
  out.notify({ job: id, owner, subject: `Job ${id} has been disabled`, text: why });
}
