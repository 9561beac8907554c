import type { Random } from "@meseta/lib/core/random.ts";
import type { Timers } from "@meseta/lib/core/timers.ts";
import type { CronConfig } from "./config.ts";
import type { Round } from "./follow.ts";
import type { Graph } from "./graph.ts";
import type { Job, JobStats } from "./job.ts";
import type { HeldOffers } from "./offers/held.ts";
import type { JobRun, PastRun } from "./run.ts";
import type { PastRuns } from "./runs/past.ts";
import type { StopWanted } from "./runs/stops.ts";
import type { WaitingRuns } from "./runs/waiting.ts";
import type { Durations } from "./stats.ts";

/** All that cron knows. Jobs and runs are never changed in place, so views may keep what they made of them. */
export interface CronState {
  readonly config: CronConfig;
  readonly random: Random;
  readonly startMs: number;
  readonly entries: Map<string, Entry>;
  readonly graph: Graph;
  /** When schedules fire next. Nothing is taken out at once: one that `Entry.firings` does not name is over. */
  readonly firings: Timers<Firing>;
  /** When runs are to be looked at: starting deadlines, rests after failures, what is unreachable or unconfirmed. Nothing is taken out at once. */
  readonly deadlines: Timers<RunRef>;
  /** The runs that want an offer now (not before `notBeforeMs`), in the order in which they get one. `takeNew()` gives those that were added since it was asked last. */
  readonly waiting: WaitingRuns;
  /** By the id of each task that has not ended. */
  readonly tasks: Map<string, RunRef>;
  /** Tasks to kill, by id: asked for again until they have ended. */
  readonly kills: Map<string, Kill>;
  /** The past runs of all jobs, the oldest first, so that the bound on all drops those. */
  readonly past: PastRuns;
  /** The keys of records of jobs that are gone, still to be erased: one event stores only so much. The last is erased first. */
  readonly leftovers: string[];
  /** Runs still to be stopped, for the same reason. */
  readonly stops: StopWanted[];
  readonly offers: HeldOffers;
  readonly master: {
    frameworkId: string | undefined;
    isConnected: boolean;
    leader: string | undefined;
    /** Where that master stands. */
    region?: string | undefined;
    /** Whether offers are suppressed. */
    isSuppressed: boolean;
    /** Only what it knows has been asked for since the connection began: what has failed is told with its reason by an agent soon. */
    isJustConnected?: boolean | undefined;
    /** The tasks that a reconciliation under way has yet to ask for. */
    unasked?: Iterator<readonly [id: string, ref: RunRef]> | undefined;
    /** Tasks that were launched over an older connection, of which no word has come; when they are asked for again, and how long after the last time that is. */
    unheard?: { readonly ids: readonly string[]; readonly waitMs: number; readonly atMs: number } | undefined;
  };
  /** How many runs were not begun, since that was last told, because their jobs had too many. */
  readonly dropped: { count: number; toldMs: number };
  /** When the clock is to be looked at; Infinity when nobody waits. */
  clockAtMs: number;
  reconciliationAtMs: number;
  /** The latest time that the clock has shown since it was last set back. */
  latestMs: number;
  isResting: boolean;
}

/** A job, how far it has come, and its runs. */
export interface Entry {
  /** As it stands now: intervals begin with what is left of them. */
  job: Job;
  stats: JobStats;
  round: Round;
  /** For each schedule: until when its firings are done with (ms). */
  readonly untilMs: Map<string, number>;
  /** For each schedule that fires again: when. */
  readonly firings: Map<string, number>;
  /** The schedules that are due and wait for the end of a run: no timer looks at them. Undefined while there is none. */
  held: Set<string> | undefined;
  /** Those that have not ended, by id; undefined while there is none. */
  runs: Map<string, JobRun> | undefined;
  /** The newest, oldest first. */
  past: PastRun[] | undefined;
  /** How long its runs took. */
  durations: Durations | undefined;
}

export interface Firing {
  readonly job: string;
  readonly schedule: string;
  readonly atMs: number;
}

export interface RunRef {
  readonly job: string;
  readonly run: string;
}

export interface Kill {
  readonly agentId?: string | undefined;
  readonly graceMs?: number | undefined;
  /** When it is asked for again. */
  nextMs: number;
}
