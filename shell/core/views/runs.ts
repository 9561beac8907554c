import type { RunRecord } from "@meseta/api/metronome/history.ts";
import type { Listing } from "../listing.ts";
import { fineSpan, since } from "../since.ts";
import { type Look, shown } from "../state.ts";

/** How a run looks. */
export function runLook({ status }: Pick<RunRecord, "status">): Look {
  switch (status) {
    case "INITIAL":
    case "STARTING":
      return { mark: "◐", word: "waiting", tone: "busy" };
    case "ACTIVE":
      return { mark: "●", word: "running", tone: "good" };
    case "SUCCESS":
      return { mark: "○", word: "succeeded", tone: "dim" };
    case "FAILED":
      return { mark: "✗", word: "failed", tone: "bad" };
  }
}

/** Whether nothing happens to it any more. */
export function hasEnded({ status }: Pick<RunRecord, "status">): boolean {
  return status === "SUCCESS" || status === "FAILED";
}

const CAUSES: Readonly<Record<RunRecord["cause"], string>> = {
  schedule: "schedule",
  dependencies: "its parents",
  request: "hand",
};

export function runListing(runs: readonly RunRecord[], nowMs: number): Listing<RunRecord> {
  return {
    items: runs,
    name: ({ id }) => id,
    none: "It has not run yet. Run it now: meseta job run JOB",
    columns: [
      { title: "RUN", text: ({ id }) => id },
      { title: "STATE", text: (run) => shown(runLook(run)), tone: (run) => runLook(run).tone },
      {
        title: "BEGAN",
        right: true,
        text: (run) => `${since(Date.parse(run.createdAt), nowMs)} ago`,
        key: (run) => -Date.parse(run.createdAt),
      },
      { title: "TOOK", right: true, text: (run) => tookText(run, nowMs), key: (run) => tookMs(run, nowMs) ?? -1 },
      { title: "BY", text: ({ cause }) => CAUSES[cause] },
      { title: "TRIES", right: true, text: ({ tasks }) => String(tasks.length), key: ({ tasks }) => tasks.length },
      { title: "NODE", text: ({ tasks }) => tasks.at(-1)?.hostname ?? "" },
      { title: "WHY", text: ({ message }) => message ?? "" },
      { title: "DUE", text: ({ dueAt }) => dueAt, wide: true },
      { title: "TASK", text: ({ tasks }) => tasks.at(-1)?.id ?? "", wide: true },
    ],
  };
}

/** How long its last attempt has run; undefined when it has not begun. */
export function tookMs({ tasks }: RunRecord, nowMs: number): number | undefined {
  const last = tasks.at(-1);
  if (last?.startedAt === undefined) return undefined;
  return (last.completedAt === undefined ? nowMs : Date.parse(last.completedAt)) - Date.parse(last.startedAt);
}

function tookText(run: RunRecord, nowMs: number): string {
  const ms = tookMs(run, nowMs);
  return ms === undefined ? "" : fineSpan(Math.max(0, ms));
}
