import type { RunRecord, TaskRecord } from "@meseta/api/metronome/history.ts";
import { Pieces } from "@meseta/lib/core/pieces.ts";
import { NOT_FOUND } from "../definition/refusal.ts";
import { metronomeTime } from "../definition/schedule.ts";
import type { Reading } from "../query.ts";
import type { JobRun, PastRun, RunTask } from "../run.ts";
import type { Entry } from "../state.ts";
import type { Seen } from "./look.ts";
import { refused } from "./reading.ts";
import { statusOf } from "./run.ts";

/** GET /v1/jobs/{id}/history: its runs, those that have not ended too, the one that was made last first. A Meseta extension. */
export function readHistory(
  { entries }: Seen,
  { job: id, limit }: { readonly job: string; readonly limit: number },
): Reading {
  const entry = entries.get(id);
  if (entry === undefined) return refused(NOT_FOUND.job(id));
  const all = newestFirst(entry).slice(0, limit);
  return new Pieces()
    .add("[")
    .laterList(() => Iterator.from(all).map((run) => JSON.stringify(recordOf(run))))
    .add("]")
    .reading();
}

// Past runs are kept in the order of their ends, and one that takes long ends after others that were made later.
function newestFirst({ runs, past = [] }: Entry): (JobRun | PastRun)[] {
  const all = [...past, ...(runs?.values() ?? [])].reverse();
  return all.sort((a, b) => b.createdMs - a.createdMs);
}

function recordOf(run: JobRun | PastRun): RunRecord {
  const isEnded = "endedMs" in run;
  return {
    id: run.id,
    jobId: run.job,
    status: isEnded ? (run.isSuccess ? "SUCCESS" : "FAILED") : statusOf(run),
    cause: CAUSES[run.cause.type],
    dueAt: metronomeTime(run.dueMs),
    createdAt: metronomeTime(run.createdMs),
    completedAt: isEnded ? metronomeTime(run.endedMs) : null,
    ...(isEnded && run.why !== undefined && { message: run.why }),
    tasks: run.tasks.map(taskOf),
  };
}

const CAUSES = { schedule: "schedule", parents: "dependencies", hand: "request" } as const;

function taskOf(task: RunTask): TaskRecord {
  const { startedMs, endedMs, reason, message, containerId } = task;
  return {
    id: task.id,
    status: task.state,
    agentId: task.agentId,
    hostname: task.hostname,
    launchedAt: metronomeTime(task.launchedMs),
    ...(startedMs !== undefined && { startedAt: metronomeTime(startedMs) }),
    ...(endedMs !== undefined && { completedAt: metronomeTime(endedMs) }),
    ...(reason !== undefined && { reason }),
    ...(message !== undefined && { message }),
    ...(containerId !== undefined && { containerId }),
  };
}
