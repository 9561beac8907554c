// Whether jobs ran when they had to, as Jepsen's test of Chronos defines it (aphyr.com/posts/326-jepsen-chronos), and whether any ran twice, which that test lets pass.
// Pure: jobs and the runs that they recorded themselves go in, a verdict comes out. All times are seconds since the history's zero.

/** A job whose making was acknowledged. */
export interface TimedJob {
  readonly name: string;
  readonly start: number;
  /** Between two starts; longer than `epsilon` + `duration`, so that windows do not touch. */
  readonly interval: number;
  readonly count: number;
  /** How late it may begin. */
  readonly epsilon: number;
  readonly duration: number;
}

/** What a run wrote down: when it began, and, if it came so far, when it ended. */
export interface RecordedRun {
  readonly name: string;
  readonly start: number;
  readonly end?: number | undefined;
  /** Its agent was lost while it ran: another one in its place doubles nothing. */
  readonly isLost?: boolean | undefined;
}

export interface Terms {
  /** When the runs were read, which is what had to have happened by then. */
  readonly readAt: number;
  /** Added to each window: 5 in the original. */
  readonly forgiveness: number;
}

export interface JobVerdict {
  readonly name: string;
  readonly isValid: boolean;
  /** The windows in which a run had to begin, whole seconds at both ends, and the run that did. */
  readonly targets: readonly Target[];
  /** Complete runs that no window needed. */
  readonly extra: readonly RecordedRun[];
  /** Runs that began and have no end: they satisfy nothing. */
  readonly incomplete: readonly RecordedRun[];
  /** Runs that began in the window of an earlier one that was not lost: none are allowed. */
  readonly doubled: readonly RecordedRun[];
}

export interface Target {
  readonly from: number;
  readonly to: number;
  readonly run: RecordedRun | undefined;
}

export interface Verdict {
  /** Each target has a run of its own. */
  readonly isValid: boolean;
  /** And nothing ran twice. */
  readonly isExact: boolean;
  readonly jobs: readonly JobVerdict[];
}

/** The verdict on all jobs. */
export function checkRuns(jobs: readonly TimedJob[], runs: readonly RecordedRun[], terms: Terms): Verdict {
  const byName = Map.groupBy(runs, ({ name }) => name);
  const verdicts = jobs.map((job) => checkJob(job, byName.get(job.name) ?? [], terms));
  const isValid = verdicts.every((verdict) => verdict.isValid);
  return { isValid, isExact: isValid && verdicts.every(({ doubled }) => doubled.length === 0), jobs: verdicts };
}

/** One job's. `runs` are its own. The earliest run that fits each window in turn is the right one to take, because windows of one job are of equal length. */
export function checkJob(job: TimedJob, runs: readonly RecordedRun[], terms: Terms): JobVerdict {
  const complete = inOrder(runs.filter(({ end }) => end !== undefined));
  const { targets, extra } = pair(windowsOf(job, terms), complete);
  return {
    name: job.name,
    isValid: targets.every(({ run }) => run !== undefined),
    targets,
    extra,
    incomplete: runs.filter(({ end }) => end === undefined),
    doubled: doubledOf(job, runs, terms),
  };
}

/** The windows that were over, or whose run had time enough to begin and end, when the runs were read. */
export function windowsOf(job: TimedJob, { readAt, forgiveness }: Terms): { from: number; to: number }[] {
  const cutoff = readAt - job.epsilon - job.duration;
  const windows = [];
  for (let k = 0; k < job.count && job.start + k * job.interval < cutoff; k++)
    windows.push(windowAt(job, k, forgiveness));
  return windows;
}

function windowAt({ start, interval, epsilon }: TimedJob, k: number, forgiveness: number) {
  const from = start + k * interval;
  return { from: Math.floor(from), to: Math.floor(from + epsilon + forgiveness) };
}

function pair(windows: readonly { from: number; to: number }[], complete: readonly RecordedRun[]) {
  const targets: Target[] = [];
  const extra: RecordedRun[] = [];
  let next = 0;
  for (const window of windows) {
    while (next < complete.length && Math.floor(complete[next]!.start) < window.from) extra.push(complete[next++]!);
    const isThere = next < complete.length && Math.floor(complete[next]!.start) <= window.to;
    targets.push({ ...window, run: isThere ? complete[next++] : undefined });
  }
  return { targets, extra: [...extra, ...complete.slice(next)] };
}

// Between two starts of a schedule one run may begin: what begins there later, while the first was not lost, was launched twice.
function doubledOf(job: TimedJob, runs: readonly RecordedRun[], { forgiveness }: Terms): RecordedRun[] {
  const held = new Map<number, RecordedRun>();
  const doubled: RecordedRun[] = [];
  for (const run of inOrder(runs)) {
    const k = Math.floor((run.start - job.start) / job.interval);
    const { from, to } = windowAt(job, k, forgiveness);
    if (k < 0 || k >= job.count || run.start < from || Math.floor(run.start) > to) continue;
    const before = held.get(k);
    if (before !== undefined && !before.isLost) doubled.push(run);
    held.set(k, run);
  }
  return doubled;
}

function inOrder(runs: readonly RecordedRun[]): RecordedRun[] {
  return [...runs].sort((a, b) => a.start - b.start);
}
