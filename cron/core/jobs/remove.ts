import { type Job, type JobSchedule, schedulesOf } from "../job.ts";
import type { CronOut } from "../out.ts";
import { stopRun } from "../runs/change.ts";
import type { CronState, Entry } from "../state.ts";
import { putJob } from "./put.ts";

/**
 * Removes the job with its history, and ends its runs. Those that followed it follow its own parents from then on; who has none left runs by its schedules.
 * Its owner is told. Source: Chronos' removal of jobs.
 */
export function removeJob(state: CronState, id: string, nowMs: number, out: CronOut): void {
  const entry = state.entries.get(id);
  if (entry === undefined) return;
  handDown(state, entry, nowMs, out);
  state.graph.delete(id);
  quiet(entry);
  for (const run of [...(entry.runs?.keys() ?? [])])
    stopRun(state, { job: id, run }, "The job was removed.", nowMs, out, false);
  forget(state, entry, out);
  state.entries.delete(id);
  out.erase(`job/${id}`);
  out.erase(`progress/${id}`);
  const text = `The job ${id} was removed; nothing runs it any more.`;
  out.notify({ job: id, owner: entry.job.owner, subject: `Job ${id} has been removed`, text });
}

/** The end of a run starts no other. */
function quiet(entry: Entry): void {
  entry.job = { ...entry.job, isDisabled: true };
  entry.firings.clear();
}

/** What is left of its runs: tasks that do not end at once are killed without them. */
function forget(state: CronState, { job, runs, past }: Entry, out: CronOut): void {
  for (const run of runs?.values() ?? []) {
    state.waiting.remove({ job: job.id, run: run.id });
    for (const task of run.tasks) state.tasks.delete(task.id);
    out.erase(`run/${job.id}/${run.id}`);
  }
  for (const run of past ?? []) {
    state.past.delete(run);
    out.erase(`past/${job.id}/${run.id}`);
  }
}

function handDown(state: CronState, entry: Entry, nowMs: number, out: CronOut): void {
  for (const [heir, parents] of state.graph.heirsOf(entry.job.id)) {
    const child = state.entries.get(heir);
    if (child?.job.trigger.type !== "parents") continue;
    const { rule } = child.job.trigger;
    if (parents.length > 0)
      putJob(state, { ...child.job, trigger: { type: "parents", parents, rule } }, undefined, nowMs, out);
    else putJob(state, withSchedulesOf(entry.job, child.job), undefined, nowMs, out, new Map(entry.untilMs));
  }
}

/** The child on the schedules of its parent, as far as they have come. */
function withSchedulesOf(parent: Job, child: Job): Job {
  const schedules = schedulesOf(parent).map((schedule): JobSchedule => {
    const overlap = child.isConcurrent ? "start" : schedule.overlap === "start" ? "wait" : schedule.overlap;
    return { ...schedule, overlap };
  });
  return { ...child, trigger: { type: "schedules", schedules } };
}
