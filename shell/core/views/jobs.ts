import type { RunRecord } from "@meseta/api/metronome/history.ts";
import type { MetronomeJobInfo } from "@meseta/api/metronome/run.ts";
import { mebibytes } from "../amounts.ts";
import { type Details, type Listing, part } from "../listing.ts";
import { since } from "../since.ts";
import { type Look, shown } from "../state.ts";
import { until } from "../until.ts";
import { runListing } from "./runs.ts";

/** How a job looks as a whole: what it is doing, or what will start it. */
export function jobLook(job: MetronomeJobInfo): Look {
  const { activeRuns = [], schedules = [], dependencies } = job;
  if (activeRuns.some(({ status }) => status === "ACTIVE")) return { mark: "●", word: "running", tone: "good" };
  if (activeRuns.length > 0) return { mark: "◐", word: "waiting", tone: "busy" };
  if (dependencies.length > 0) return { mark: "○", word: "follows", tone: "dim" };
  if (schedules.length === 0) return { mark: "○", word: "by hand", tone: "dim" };
  if (schedules.every(({ enabled }) => !enabled)) return { mark: "○", word: "paused", tone: "warn" };
  if (nextOf(job) === undefined) return { mark: "○", word: "finished", tone: "dim" };
  return { mark: "●", word: "scheduled", tone: "good" };
}

/** When it runs next (ms); undefined when no schedule says so. */
export function nextOf({ schedules = [] }: MetronomeJobInfo): number | undefined {
  const times = schedules.flatMap(({ nextRunAt }) => (nextRunAt === undefined ? [] : [Date.parse(nextRunAt)]));
  return times.length === 0 ? undefined : Math.min(...times);
}

export function jobListing(jobs: readonly MetronomeJobInfo[], nowMs: number): Listing<MetronomeJobInfo> {
  return {
    items: jobs,
    name: ({ id }) => id,
    extra: ({ labels }, key) => labels[key],
    none: "No jobs yet. Add one: meseta job add FILE · an example: examples/nightly-jobs",
    columns: [
      { title: "JOB", text: ({ id }) => id },
      { title: "STATE", text: (job) => shown(jobLook(job)), tone: (job) => jobLook(job).tone },
      { title: "SCHEDULE", text: scheduleText },
      {
        title: "NEXT",
        right: true,
        text: (job) => until(nextOf(job), nowMs),
        key: (job) => nextOf(job) ?? Number.POSITIVE_INFINITY,
      },
      {
        title: "LAST",
        text: (job) => shownLast(job, nowMs),
        key: (job) => -(lastOf(job)?.atMs ?? 0),
        tone: (job) => (lastOf(job)?.isSuccess === false ? "bad" : undefined),
      },
      {
        title: "OK",
        right: true,
        text: ({ historySummary }) => String(historySummary?.successCount ?? 0),
        key: ({ historySummary }) => historySummary?.successCount ?? 0,
      },
      {
        title: "FAILED",
        right: true,
        text: ({ historySummary }) => String(historySummary?.failureCount ?? 0),
        key: ({ historySummary }) => historySummary?.failureCount ?? 0,
        tone: ({ historySummary }) => (historySummary?.failureCount ? "warn" : undefined),
      },
      { title: "COMMAND", text: commandText, wide: true },
      { title: "DESCRIPTION", text: ({ description }) => description ?? "", wide: true },
    ],
  };
}

export function jobDetails(job: MetronomeJobInfo, runs: readonly RunRecord[], nowMs: number): Details {
  const look = jobLook(job);
  const { run } = job;
  const { successCount = 0, failureCount = 0 } = job.historySummary ?? {};
  return {
    item: job,
    name: job.id,
    lines: [
      ["Job", job.id, "strong"],
      ["About", job.description],
      ["State", shown(look), look.tone],
      ["Schedule", (job.schedules ?? []).map(wholeScheduleText).join("\n")],
      ["Follows", job.dependencies.map(({ id }) => id).join(", ")],
      ["Next", nextText(job, nowMs)],
      ["Command", commandText(job)],
      ["Image", run.docker?.image ?? run.ucr?.image.id],
      [
        "Each run has",
        `${run.cpus} cpus, ${mebibytes(run.mem)} memory${run.disk > 0 ? `, ${mebibytes(run.disk)} disk` : ""}`,
      ],
      ["Constraints", run.placement.constraints.map(constraintText).join(" · ")],
      ["After a failure", restartText(job)],
      [
        "Labels",
        Object.entries(job.labels)
          .map((pair) => pair.join("="))
          .join(" "),
      ],
      ["So far", `${successCount} succeeded, ${failureCount} failed`],
    ],
    parts: [part("Last runs", runListing(runs, nowMs))],
  };
}

interface Last {
  readonly atMs: number;
  readonly isSuccess: boolean;
}

function lastOf({ historySummary }: MetronomeJobInfo): Last | undefined {
  const atMs = (text: string | null | undefined): number => (text == null ? 0 : Date.parse(text));
  const [success, failure] = [atMs(historySummary?.lastSuccessAt), atMs(historySummary?.lastFailureAt)];
  if (success === 0 && failure === 0) return undefined;
  return { atMs: Math.max(success, failure), isSuccess: success >= failure };
}

function shownLast(job: MetronomeJobInfo, nowMs: number): string {
  const last = lastOf(job);
  if (last === undefined) return "";
  return `${last.isSuccess ? "○ ok" : "✗ failed"} ${since(last.atMs, nowMs)} ago`;
}

function scheduleText({ schedules = [], dependencies }: MetronomeJobInfo): string {
  if (dependencies.length > 0) return `after ${dependencies.map(({ id }) => id).join(", ")}`;
  const [first, ...others] = schedules;
  if (first === undefined) return "";
  return `${first.cron}${first.timezone === "UTC" ? "" : ` ${first.timezone}`}${others.length > 0 ? ` and ${others.length} more` : ""}`;
}

function wholeScheduleText(schedule: NonNullable<MetronomeJobInfo["schedules"]>[number]): string {
  const { cron, timezone, concurrencyPolicy, enabled, catchUp = "NONE" } = schedule;
  const words = [`${cron} ${timezone}`];
  if (!enabled) words.push("paused");
  if (concurrencyPolicy === "FORBID") words.push("one run at a time");
  if (catchUp === "EACH") words.push("makes up for each missed run");
  if (catchUp === "ONE") words.push("makes up for missed runs by one");
  return words.join(", ");
}

function nextText(job: MetronomeJobInfo, nowMs: number): string | undefined {
  const nextMs = nextOf(job);
  if (nextMs === undefined) return undefined;
  const schedule = job.schedules!.find(({ nextRunAt }) => nextRunAt !== undefined && Date.parse(nextRunAt) === nextMs)!;
  return `${until(nextMs, nowMs)} (${schedule.nextRunAt})`;
}

function commandText({ run: { cmd, args = [] } }: MetronomeJobInfo): string {
  return [...(cmd === undefined ? [] : [cmd]), ...args].join(" ");
}

function constraintText({
  attribute,
  operator,
  value,
}: MetronomeJobInfo["run"]["placement"]["constraints"][number]): string {
  return [attribute, operator, value ?? ""].join(" ").trim();
}

function restartText({ run: { restart } }: MetronomeJobInfo): string {
  if (restart.policy === "NEVER") return "the run has failed";
  const limit = restart.activeDeadlineSeconds;
  return limit === undefined
    ? "another attempt, until one succeeds"
    : `another attempt, within ${limit} s of the run's start`;
}
