import type { JobExplanation } from "@meseta/api/metronome/history.ts";
import { NOT_FOUND } from "../definition/refusal.ts";
import { type Job, schedulesOf } from "../job.ts";
import { nextFiring } from "../next.ts";
import type { Reading } from "../query.ts";
import type { Entry } from "../state.ts";
import { scheduleOf } from "../when.ts";
import { parentSentences } from "./explain/parents.ts";
import { runSentences } from "./explain/runs.ts";
import { scheduleSentences } from "./explain/schedules.ts";
import { isOff, type Seen } from "./look.ts";
import { refused, shown } from "./reading.ts";

/** GET /v1/jobs/{id}/explain: why it runs, or does not. A Meseta extension. */
export function explain(state: Seen, id: string, nowMs: number): Reading {
  const entry = state.entries.get(id);
  return entry === undefined ? refused(NOT_FOUND.job(id)) : shown(explanationOf(state, entry, nowMs));
}

function explanationOf(state: Seen, entry: Entry, nowMs: number): JobExplanation {
  const { job } = entry;
  const sentences = [
    ...runSentences(state, entry, nowMs),
    ...(job.isDisabled && !isFinished(job, nowMs) ? [PAUSED] : []),
    ...parentSentences(state, entry),
    ...scheduleSentences(entry, nowMs),
    ...outcomeSentences(entry),
  ];
  return { id: job.id, state: stateOf(entry, nowMs), sentences };
}

const PAUSED = "It is disabled: nothing but a request starts it until it is resumed.";

type ExplainedState = "scheduled" | "follows" | "waiting" | "running" | "paused" | "finished" | "by hand";

function stateOf({ job, runs }: Entry, nowMs: number): ExplainedState {
  const phases = [...(runs?.values() ?? [])].map(({ phase }) => phase);
  if (phases.some((phase) => phase !== "waiting")) return "running";
  if (phases.length > 0) return "waiting";
  if (isOff(job)) return isFinished(job, nowMs) ? "finished" : "paused";
  if (job.trigger.type === "parents") return "follows";
  if (job.trigger.schedules.length === 0) return "by hand";
  return isFinished(job, nowMs) ? "finished" : "scheduled";
}

/** Whether all its schedules have fired for the last time. */
function isFinished(job: Job, nowMs: number): boolean {
  const schedules = schedulesOf(job);
  return schedules.length > 0 && schedules.every(({ when }) => nextFiring(scheduleOf(when), nowMs) === undefined);
}

/** How its last run ended, when that was not well. */
function outcomeSentences({ past, stats }: Entry): string[] {
  const last = past?.at(-1);
  if (last === undefined || last.isSuccess) return [];
  const times = stats.errorsSinceLastSuccess;
  const often = times > 1 ? ` ${times} runs in a row have failed.` : "";
  const why = last.why === undefined ? "" : `: ${last.why.replace(/\.$/, "")}`;
  return [`Its last run, ${last.id}, failed${why}.${often}`];
}
