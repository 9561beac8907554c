import { amountText, counted, joined, spanText } from "@meseta/lib/core/words.ts";
import type { Job } from "../../job.ts";
import type { JobRun } from "../../run.ts";
import type { Entry } from "../../state.ts";
import type { Seen } from "../look.ts";
import { offerSentences } from "./offers.ts";

/** What its runs are doing, those first that wait for something. */
export function runSentences(state: Seen, { job, runs }: Entry, nowMs: number): string[] {
  const all = [...(runs?.values() ?? [])];
  const of = (phase: JobRun["phase"]) => all.filter((run) => run.phase === phase);
  const [waiting, launched, active, stopping] = [of("waiting"), of("launched"), of("active"), of("stopping")];
  const resting = waiting.filter(({ notBeforeMs = 0 }) => notBeforeMs > nowMs);
  const wanting = waiting.filter(({ notBeforeMs = 0, isHeld }) => notBeforeMs <= nowMs && !isHeld);
  const held = waiting.filter(({ isHeld }) => isHeld);
  return [
    ...wantingSentences(wanting, job, state, nowMs),
    ...restingSentences(resting, nowMs),
    ...told(held, HELD_ONE, HELD_MANY),
    ...told(launched, "has been launched and not begun yet", "have been launched and not begun yet"),
    ...activeSentences(active, nowMs),
    ...told(stopping, "is being stopped", "are being stopped"),
  ];
}

function wantingSentences(runs: readonly JobRun[], job: Job, state: Seen, nowMs: number): string[] {
  if (runs.length === 0) return [];
  const longest = spanText(Math.max(0, nowMs - Math.min(...runs.map(({ createdMs }) => createdMs))));
  const first = `${counted(runs.length, "run")} ${runs.length === 1 ? "waits" : "wait"} for an offer, the longest for ${longest}.`;
  if (state.isResting) return [first, "The cluster is about to stop: nothing is launched any more."];
  if (!state.master.isConnected)
    return [first, "There is no connection to a master, so nothing can be launched; it is tried again without end."];
  return [first, needText(job), ...offerSentences(job, state)];
}

const HELD_ONE = "waits until the one under way has ended: the job does not run twice at once";
const HELD_MANY = "wait until those before them have ended: the job does not run twice at once";

/** What an offer must have. */
function needText({ run }: Job): string {
  const names = ["cpus", "mem", "disk", "gpus"] as const;
  const amounts = names.flatMap((name) => (run[name] > 0 ? [amountText(name, run[name])] : []));
  const where = run.constraints.map(({ attribute, operator, value }) => `${attribute} ${operator} ${value}`);
  const condition = where.length === 0 ? "" : `, on an agent with ${joined(where)}`;
  return `Each needs ${joined(amounts)} at once${condition}.`;
}

function restingSentences(runs: readonly JobRun[], nowMs: number): string[] {
  return runs.slice(0, MOST_TOLD).map(({ id, failures, notBeforeMs = nowMs }) => {
    const what = `Run ${id} has failed ${failures === 1 ? "once" : `${failures} times`}`;
    return `${what}; the next attempt is in ${spanText(notBeforeMs - nowMs)}.`;
  });
}

function activeSentences(runs: readonly JobRun[], nowMs: number): string[] {
  const shown = runs.slice(0, MOST_TOLD).map((run) => activeText(run, nowMs));
  const others = runs.length - shown.length;
  return others > 0 ? [...shown, `${counted(others, "other run")} ${others === 1 ? "is" : "are"} active.`] : shown;
}

function activeText({ id, tasks, createdMs }: JobRun, nowMs: number): string {
  const task = tasks.at(-1);
  const sinceMs = task?.startedMs ?? task?.launchedMs ?? createdMs;
  const on = task === undefined ? "" : ` on ${task.hostname}`;
  if (task?.unreachableSinceMs !== undefined)
    return `Run ${id} is${on}, which cannot be reached since ${spanText(nowMs - task.unreachableSinceMs)}.`;
  return `Run ${id} has been active${on} for ${spanText(Math.max(0, nowMs - sinceMs))}.`;
}

const MOST_TOLD = 3;

function told(runs: readonly JobRun[], one: string, many: string): string[] {
  if (runs.length === 0) return [];
  return [`${counted(runs.length, "run")} ${runs.length === 1 ? one : many}.`];
}
