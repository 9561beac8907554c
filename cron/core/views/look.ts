import { type Job, outcomeOf } from "../job.ts";
import type { CronState, Entry } from "../state.ts";

/** What views look at of all that cron knows. */
export type Seen = Pick<
  CronState,
  "config" | "startMs" | "entries" | "graph" | "waiting" | "offers" | "master" | "isResting"
>;

/** What a job is doing, as Chronos says it: `idle`, `queued` or `2 running`. */
export function activityOf({ runs }: Entry): string {
  let running = 0;
  for (const { phase } of runs?.values() ?? []) if (phase !== "waiting") running++;
  if (running > 0) return `${running} running`;
  return runs !== undefined && runs.size > 0 ? "queued" : "idle";
}

/** What the graph shows beside a job's name. */
export function lookAt({ entries }: Seen, id: string): { readonly outcome: string; readonly state: string } {
  const entry = entries.get(id);
  return entry === undefined
    ? { outcome: "fresh", state: "idle" }
    : { outcome: outcomeOf(entry.stats), state: activityOf(entry) };
}

/** Whether nothing but a hand starts it. */
export function isOff({ isDisabled, trigger }: Job): boolean {
  if (isDisabled) return true;
  const schedules = trigger.type === "schedules" ? trigger.schedules : [];
  return schedules.length > 0 && schedules.every(({ isEnabled }) => !isEnabled);
}
