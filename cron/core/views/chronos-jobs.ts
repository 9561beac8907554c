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
  const all: Fared[] = [];
  for (const entry of entries.values()) all.push(seen(entry));
  return listOf(all);
}

/** GET /job/{name}. */
export function readJob({ entries }: Seen, name: string): Reading {
  const entry = entries.get(name);
  return entry === undefined ? refused(NOT_FOUND.chronosJob(name)) : shown(chronosJob(entry.job, entry.stats));
}

/** GET /jobs/search: those that have all the parts that are asked for, or else the part `any`. */
export function searchJobs({ entries }: Seen, search: Search): Reading {
  const end = search.offset + search.limit;
  const found: Fared[] = [];
  const isWanted = finder(search);
  for (const entry of entries.values()) {
    if (found.length >= end) break;
    if (isWanted(entry.job)) found.push(seen(entry));
  }
  return listOf(found.slice(search.offset));
}

/** GET /jobs/summary. */
export function readSummary({ entries }: Seen): Reading {
  const all: (Fared & { readonly state: string })[] = [];
  for (const entry of entries.values()) all.push({ job: entry.job, stats: entry.stats, state: activityOf(entry) });
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

function finder(search: Search): (job: Job) => boolean {
  const [name, command, any] = [search.name, search.command, search.any].map((part) => part?.toLowerCase() ?? "");
  const has = (text: string | undefined, part: string) => part === "" || (text ?? "").toLowerCase().includes(part);
  return ({ id, run }) =>
    (has(id, name!) && has(run.cmd, command!)) || (any !== "" && (has(id, any!) || has(run.cmd, any!)));
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
