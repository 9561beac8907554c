import { type Job, type JobSchedule, schedulesOf } from "../job.ts";
import type { CronOut } from "../out.ts";
import { killTask } from "../runs/kill.ts";
import { presentTask } from "../runs/life.ts";
import type { CronState, Entry } from "../state.ts";
import { eraseLater } from "./leftovers.ts";
import { putJob } from "./put.ts";

/**
 * Removes the job with its runs, whose tasks are killed, and its history. Those that followed it follow its own parents from then on; who has none left runs by
 * its schedules. Its owner is told. Source: Chronos' removal of jobs.
 */
export function removeJob(state: CronState, id: string, nowMs: number, out: CronOut): void {
  const entry = state.entries.get(id);
  if (entry === undefined) return;
  handDown(state, entry, nowMs, out);
  state.graph.delete(id);
  state.entries.delete(id);
  out.erase(`job/${id}`);
  out.erase(`progress/${id}`);
  const keys = [...forgetPast(state, entry), ...endRuns(state, entry, nowMs, out)];
  eraseLater(state, keys, nowMs, out);
  const text = `The job ${id} was removed; nothing runs it any more.`;
  out.notify({ job: id, owner: entry.job.owner, subject: `Job ${id} has been removed`, text });
}

/** Nothing follows from their end any more. The keys of their records. */
function endRuns(state: CronState, { job, runs }: Entry, nowMs: number, out: CronOut): string[] {
  const graceSeconds = job.run.taskKillGracePeriodSeconds;
  const graceMs = graceSeconds === undefined ? undefined : graceSeconds * 1000;
  return [...(runs?.values() ?? [])].map((run) => {
    const task = presentTask(run);
    state.waiting.remove({ job: job.id, run: run.id });
    if (task !== undefined) {
      state.tasks.delete(task.id);
      killTask(state, task.id, { agentId: task.agentId, graceMs }, nowMs, out);
    }
    return `run/${job.id}/${run.id}`;
  });
}

/** The keys of their records. */
function forgetPast(state: CronState, { job, past = [] }: Entry): string[] {
  for (const run of past) state.past.delete(run);
  return past.map((run) => `past/${job.id}/${run.id}`);
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
