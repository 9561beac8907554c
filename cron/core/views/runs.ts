import type { MetronomeQueue } from "@meseta/api/metronome/run.ts";
import { Pieces } from "@meseta/lib/core/pieces.ts";
import { metronomeJob } from "../definition/metronome-job.ts";
import { NOT_FOUND } from "../definition/refusal.ts";
import type { Reading } from "../query.ts";
import type { Seen } from "./look.ts";
import { refused, shown } from "./reading.ts";
import { runShown } from "./run.ts";

/** GET /v1/jobs/{id}/runs: those that have not ended. */
export function readRuns({ entries }: Seen, id: string): Reading {
  const entry = entries.get(id);
  if (entry === undefined) return refused(NOT_FOUND.job(id));
  const runs = [...(entry.runs?.values() ?? [])];
  return new Pieces()
    .add("[")
    .laterList(() => Iterator.from(runs).map((run) => JSON.stringify(runShown(run))))
    .add("]")
    .reading();
}

/** GET /v1/jobs/{id}/runs/{run}: 404 once it has ended, by which clients know that it has. */
export function readRun(
  { entries }: Seen,
  { job: id, run: runId }: { readonly job: string; readonly run: string },
): Reading {
  const entry = entries.get(id);
  if (entry === undefined) return refused(NOT_FOUND.job(id));
  const run = entry.runs?.get(runId);
  return run === undefined ? refused(NOT_FOUND.run(runId, metronomeJob(entry.job))) : shown(runShown(run));
}

/** GET /v1/queue: the runs that wait for an offer, by job, in the order in which they get one. */
export function readQueue({ waiting }: Seen): Reading {
  const byJob = Map.groupBy(waiting, ({ job }) => job);
  const queue: MetronomeQueue = [...byJob].map(([jobId, refs]) => ({
    jobId,
    runs: refs.map(({ run }) => ({ runId: run })),
  }));
  return shown(queue);
}
