// Stricter than Jepsen's check (cron.ts): each run says for which instant it is, the history says which faults there were, and nothing may be forgiven beyond these. Pure.
import type { TimedJob } from "./cron.ts";

/** A job whose making was acknowledged. Seconds since the history's zero, by cron's clock. */
export interface PlannedJob extends TimedJob {
  /** What fell due meanwhile is made up for by one run for all, rather than by one for each. */
  readonly isMerged: boolean;
  /** Whether a run may begin while another one is under way. */
  readonly isConcurrent: boolean;
  /** When it was asked for, by the world's clock. */
  readonly askedAt: number;
}

/** An attempt at an instant, as its machine knows it. Seconds, by the world's clock; `instant` by cron's. */
export interface Attempt {
  readonly name: string;
  readonly instant: number;
  readonly start: number;
  readonly isComplete: boolean;
  /** Its machine died under it, or its agent was given up by the master: another one in its place doubles nothing. */
  readonly isLost: boolean;
}

/** When a run for an instant may begin, and by when it has to; undefined: it need not. Seconds. */
export interface Window {
  readonly from: number;
  readonly to: number | undefined;
}

export interface Findings {
  /** What is wrong, in sentences. */
  readonly problems: string[];
  /** How many windows there were that had to be met. */
  readonly demanded: number;
}

/**
 * What is wrong with the attempts: one begins before its instant, or for none of the schedule; an instant is had twice though the first attempt was not lost; runs overlap that must not; or a window
 * that was over when all was read has no complete run that began in it. `lengthOf`: how many windows the job has, as many as it counts unless said.
 */
export function checkInstants(
  jobs: readonly PlannedJob[],
  attempts: readonly Attempt[],
  windowOf: (job: PlannedJob, number: number) => Window,
  readAt: number,
  lengthOf: (job: PlannedJob) => number = ({ count }) => count,
): Findings {
  const byName = Map.groupBy(attempts, ({ name }) => name);
  const problems: string[] = [];
  let demanded = 0;
  for (const job of jobs) {
    const own = (byName.get(job.name) ?? []).toSorted((a, b) => a.start - b.start);
    const windows = Array.from({ length: lengthOf(job) }, (_, number) => windowOf(job, number));
    const due = windows.entries().filter(([, { to }]) => to !== undefined && to + job.duration < readAt);
    problems.push(...strays(job, own, (number) => windowOf(job, number)), ...doubles(job, own), ...overlaps(job, own));
    for (const [number, { from, to }] of due) {
      demanded++;
      if (!own.some((one) => isFor(job, one, number) && one.isComplete && one.start >= from && one.start <= to!))
        problems.push(`${job.name} is missing a run for ${instantOf(job, number)} from ${from} to ${to}: ${told(own)}`);
    }
  }
  return { problems, demanded };
}

/** One run for several instants counts once, so that the schedule goes on for longer. Source: Chronos. */
function strays(job: PlannedJob, attempts: readonly Attempt[], windowOf: (number: number) => Window): string[] {
  const had = new Set(attempts.map(({ instant }) => instant));
  const problems = had.size > job.count ? [`${job.name} runs for ${had.size} instants of ${job.count}`] : [];
  for (const { instant, start } of attempts) {
    const number = (instant - job.start) / job.interval;
    const isOwn = Number.isInteger(number) && number >= 0 && (job.isMerged || number < job.count);
    if (!isOwn) problems.push(`${job.name} runs for ${instant}, which is none of its instants`);
    else if (start < windowOf(number).from)
      problems.push(`${job.name} runs for ${instant} at ${start}, before ${windowOf(number).from}`);
  }
  return problems;
}

function doubles(job: PlannedJob, attempts: readonly Attempt[]): string[] {
  return [...Map.groupBy(attempts, ({ instant }) => instant).values()].flatMap((same) =>
    same.slice(1).flatMap((later, index) => {
      const { start, isLost } = same[index]!;
      return isLost ? [] : [`${job.name} runs for ${later.instant} at ${later.start}, and has at ${start}`];
    }),
  );
}

function overlaps({ name, isConcurrent, duration }: PlannedJob, attempts: readonly Attempt[]): string[] {
  if (isConcurrent) return [];
  const right = attempts.filter(({ isComplete, isLost }) => isComplete && !isLost);
  return right.slice(1).flatMap(({ instant, start }, index) => {
    const before = right[index]!;
    const isOver = before.start + duration <= start || before.instant === instant;
    return isOver ? [] : [`${name} runs for ${instant} at ${start}, beside its run of ${before.start}`];
  });
}

/** One run for all that were missed is named for the first of them. */
function isFor(job: PlannedJob, { instant }: Attempt, number: number): boolean {
  const due = instantOf(job, number);
  return job.isMerged ? instant <= due : instant === due;
}

const instantOf = ({ start, interval }: PlannedJob, number: number): number => start + number * interval;

const told = (attempts: readonly Attempt[]): string =>
  attempts
    .map(({ instant, start, isComplete }) => `${instant} at ${start}${isComplete ? "" : ", broken"}`)
    .join("; ") || "it never ran";
