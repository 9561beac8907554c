import { schedulesOf } from "../job.ts";
import type { CronOut } from "../out.ts";
import type { Position, SavedProgress } from "../saved.ts";
import type { Entry } from "../state.ts";

/** Stores how far the job has come: to be said in the event in which that changes. */
export function saveProgress(entry: Entry, out: CronOut): void {
  out.save(`progress/${entry.job.id}`, progressOf(entry));
}

/** How far the job has come, as it is stored. */
export function progressOf({ job, stats, round, untilMs }: Entry): SavedProgress {
  const positions: Record<string, Position> = {};
  for (const { id, when } of schedulesOf(job)) {
    const until = untilMs.get(id);
    if (until === undefined) continue;
    const left = when.type === "interval" ? { first: when.first, ...timesOf(when.times) } : {};
    positions[id] = { untilMs: until, ...left };
  }
  return { stats, round, positions };
}

function timesOf(times: number | undefined): Pick<Position, "times"> {
  return times === undefined ? {} : { times };
}
