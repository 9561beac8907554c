import type { RunRecord } from "@meseta/api/metronome/history.ts";
import { since } from "@meseta/shell/core/since.ts";
import { runLook } from "@meseta/shell/core/views/runs.ts";

/** A job's last runs on one line, the newest at the right; `runs` have it first. */
export function tickHeading(job: string, runs: readonly RunRecord[], nowMs: number): string {
  const marks = runs.map((run) => runLook(run).mark).reverse();
  const last = runs[0];
  if (last === undefined) return `${job}  waits for its first run`;
  const failed = runs.filter(({ status }) => status === "FAILED").length;
  const troubles = failed === 0 ? "" : `, ${failed} of ${runs.length} failed`;
  return `${job}  ${marks.join("")}  last run ${since(Date.parse(last.createdAt), nowMs)} ago${troubles}`;
}
