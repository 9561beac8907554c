import type { ChronosSummary } from "@meseta/api/chronos/answers.ts";
import { Pieces } from "@meseta/lib/core/pieces.ts";
import { chronosJob } from "../definition/chronos-job.ts";
import { NOT_FOUND } from "../definition/refusal.ts";
import { type Job, type JobStats, outcomeOf, parentsOf, schedulesOf } from "../job.ts";
import type { Reading, Search } from "../query.ts";
import type { Entry } from "../state.ts";
import { whenText } from "../when.ts";
import { activityOf, isOff, type Seen } from "./look.ts";
import { refused, shown } from "./reading.ts";

/** GET /jobs. */
export function readJobs({ entries }: Seen): Reading {
  return listOf([...entries.values().map(seen)]);
}

/** GET /job/{name}. */
export function readJob({ entries }: Seen, name: string): Reading {
  const entry = entries.get(name);
  return entry === undefined ? refused(NOT_FOUND.chronosJob(name)) : shown(chronosJob(entry.job, entry.stats));
}

/** GET /jobs/search: those that have all the parts that are asked for, or else the part `any`. */
export function searchJobs({ entries }: Seen, search: Search): Reading {
  const { limit, offset } = search;
  const found = entries.values().filter(({ job }) => isFound(job, search));
  return listOf([...found.drop(offset).take(limit).map(seen)]);
}

/** GET /jobs/summary. */
export function readSummary({ entries }: Seen): Reading {
  const all = [...entries.values().map((entry) => ({ ...seen(entry), state: activityOf(entry) }))];
  return new Pieces()
    .add(`{"jobs":[`)
    .laterList(() => Iterator.from(all).map((one) => JSON.stringify(summaryOf(one))))
    .add("]}")
    .reading();
}

/** A job as it was when it was looked at: neither of the two is ever changed in place. */
interface Fared {
  readonly job: Job;
  readonly stats: JobStats;
}

function seen({ job, stats }: Entry): Fared {
  return { job, stats };
}

function listOf(jobs: readonly Fared[]): Reading {
  return new Pieces()
    .add("[")
    .laterList(() => Iterator.from(jobs).map(({ job, stats }) => JSON.stringify(chronosJob(job, stats))))
    .add("]")
    .reading();
}

function isFound({ id, run }: Job, { name, command, any }: Search): boolean {
  const [ownName, ownCommand] = [id.toLowerCase(), (run.cmd ?? "").toLowerCase()];
  const has = (text: string, part: string | undefined) => !part || text.includes(part.toLowerCase());
  if (has(ownName, name) && has(ownCommand, command)) return true;
  return Boolean(any) && (has(ownName, any) || has(ownCommand, any));
}

function summaryOf({ job, stats, state }: Fared & { readonly state: string }): ChronosSummary["jobs"][number] {
  const [first] = schedulesOf(job);
  return {
    name: job.id,
    status: outcomeOf(stats),
    state,
    schedule: first === undefined ? "" : whenText(first.when),
    parents: parentsOf(job),
    disabled: isOff(job),
  };
}
