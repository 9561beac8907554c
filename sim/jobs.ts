import { checkInstants, type PlannedJob, type Window } from "./checkers/instants.ts";
import { allOut, Outages, type Span, shown, workedBy } from "./checkers/outages.ts";
import { type LoggedRun, type NamedAttempt, RunLog } from "./checkers/run-log.ts";
import { Violation } from "./checkers/violation.ts";
import { Cluster } from "./cluster.ts";
import { takeoverMs } from "./faults/job-contenders.ts";
import { drawJobTrouble, happenToJobs, type Scene } from "./faults/jobs.ts";
import type { History } from "./history.ts";
import type { Play } from "./seed.ts";
import { Telling } from "./telling.ts";
import type { CronTenant } from "./tenants/cron.ts";
import type { JobMaker } from "./workloads/jobs.ts";
import { World } from "./world/world.ts";

const TROUBLE_MS = 450_000;
const CALM_MS = 400_000;
/** An agent that died without a word is given up after ten minutes when its master died as well, and its tasks five minutes after that. */
const REST_MS = 20 * 60_000;
const WIPE_MS = 6 * 60_000;

/** How long it takes until all is at work again: agents look for a master after 5 s at most, frameworks after 3, and offers come each second. */
const RECOVERY_MS = 7_000;
/** Timers look at a clock that may be set once in so long. */
const UNNOTICED_MS = 10_000;

export interface JobsOutcome {
  readonly seed: number;
  readonly steps: number;
  readonly faults: number;
  /** How many there were of each kind of fault. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly jobs: number;
  readonly attempts: number;
  /** Windows that had to be met. */
  readonly demanded: number;
  readonly simulatedMs: number;
}

/**
 * One history of Jepsen's test of Chronos, as it was drawn: jobs are made while there are faults for 450 s, all heals, and 400 s later it is read what has run. Throws
 * what went wrong, with the seed.
 *
 * What is demanded: of each acknowledged job, for each instant of its schedule, a complete run of its own that begins when cron's clock shows the instant, or later; with no
 * forgiveness, by the time at which cron, a master and an agent have worked together for `epsilon` seconds since the clock showed it. Time does not count
 * while one of these three cannot work, because a fault was done to it, and 7 s after, in which all find each other again; nor for 10 s after its clock was set; while it is so on the agent to which the run was given,
 * and a minute longer when the launch never reached it, because cron asks after so long; and, of a job whose runs do not overlap, while an earlier run
 * is under way. Nor is a run demanded whose machine died under it or was given up: that it is made again is asked at rest. One run may stand for several instants when the
 * job wants what fell due meanwhile to be made up for by one (`ONE`, as Chronos does; the others say `EACH`), and only if it begins in the windows of all. Jobs that make up for nothing take no part: of what they
 * owe after a fault, nothing could be demanded. No run begins too early, no instant is had twice unless the first attempt was lost, and
 * nothing runs that no instant wants.
 */
export async function playJobs(
  history: History,
  { tell = () => {}, log: logTo, prepare = () => {} }: Omit<Play, "tenants"> = {},
): Promise<JobsOutcome> {
  const { seed, troubleMs } = history;
  const cluster = new Cluster(seed, history);
  const { world } = cluster;
  const zeroMs = world.nowMs;
  const { framework, people } = cluster.addTenant("jobs");
  const scene: Scene = { cluster, cron: framework, outages: new Outages(zeroMs), takeoverMs: takeoverMs(history) };
  const log = keepLog(cluster, framework);
  const telling = new Telling(world, tell, logTo);
  const kinds: Record<string, number> = {};
  try {
    prepare(cluster);
    for (const drawn of history.faults)
      world.after(drawn.atMs, () => {
        const what = happenToJobs(scene, drawn);
        if (what === "") return;
        kinds[drawn.kind] = (kinds[drawn.kind] ?? 0) + 1;
        telling.fault(what);
      });
    cluster.start();
    await cluster.run(troubleMs);
    people.rest();
    await cluster.run(CALM_MS);
    const attempts = log.attempts(framework.frameworkId ?? "", zeroMs, scene.outages);
    const readAt = (world.nowMs - zeroMs) / 1000;
    const byTask = new Map(attempts.map((one) => [one.taskId, one]));
    const read = { scene, log, attempts: byTask, idle: idleSpans(scene), zeroMs };
    const windowOf = (job: PlannedJob, number: number): Window => windowIn(read, job, number);
    const { problems, demanded } = checkInstants(people.jobs, attempts, windowOf, readAt, (job) => lengthIn(read, job));
    problems.push(...storms(people.jobs, log));
    if (problems.length > 0) throw new Violation(`${problems.length} of jobs: ${problems.slice(0, 5).join("\n  ")}`);
    await rest(scene, log, zeroMs);
    const simulatedMs = world.nowMs - zeroMs;
    return {
      seed,
      steps: world.steps,
      faults: Object.values(kinds).reduce((sum, count) => sum + count, 0),
      kinds,
      jobs: people.jobs.length,
      attempts: attempts.length,
      demanded,
      simulatedMs,
    };
  } catch (error) {
    const time = ((world.nowMs - zeroMs) / 1000).toFixed(3);
    throw new Violation(`jobs of seed ${seed}, at ${time} s: ${(error as Error).message}`, { cause: error });
  }
}

/** The history of jobs of a seed; with several masters on one etcd, if so many are named, and with one to three crons there. */
export function drawJobs(seed: number, masters?: number): History {
  const agents = 2 + (seed % 4);
  const dice = new World(seed);
  const contest = masters === undefined ? undefined : { masters, ...drawContest(dice.of("masters")) };
  return {
    seed,
    isOfJobs: true,
    agents,
    ...contest,
    resources: "cpus:4;mem:2048;disk:10240",
    wishes: [],
    keepers: [],
    hasOperator: false,
    tenants: [],
    troubleMs: TROUBLE_MS,
    faults: drawJobTrouble(dice.of("faults"), { agents, several: contest }, 5_000, TROUBLE_MS),
  };
}

function drawContest(dice: World): { copies: number; isBrisk: boolean } {
  return { copies: dice.between(1, 3), isBrisk: dice.chance(50) };
}

/** The history of jobs of a seed, played. */
export function runJobs(seed: number, { masters, ...play }: JobsPlay = {}): Promise<JobsOutcome> {
  return playJobs(drawJobs(seed, masters), play);
}

export interface JobsPlay extends Omit<Play, "tenants"> {
  readonly masters?: number | undefined;
}

function keepLog({ world, master, agents, tenants }: Cluster, { disk }: Scene["cron"]): RunLog {
  const log = new RunLog(world, master, agents);
  const { onCommit } = disk;
  disk.onCommit = (change) => {
    log.committed(change);
    onCommit(change);
  };
  const [tenant] = tenants;
  const looked = tenant!.looked.bind(tenant);
  tenant!.looked = () => {
    looked();
    log.looked();
  };
  return log;
}

/** What is known of one history when it is read. */
interface Read {
  readonly scene: Scene;
  readonly log: RunLog;
  /** By the id of the task. */
  readonly attempts: ReadonlyMap<string, NamedAttempt>;
  /** When nothing could be done. */
  readonly idle: readonly Span[];
  readonly zeroMs: number;
}

/** One run for several instants counts once: the schedule goes on for as long as there are fewer runs than it counts. */
function lengthIn({ log, scene, zeroMs }: Read, { name, count, start, interval, isMerged }: PlannedJob): number {
  if (!isMerged) return count;
  const due = [...log.runs.values()].filter(({ job }) => job === name).map(({ dueMs }) => (dueMs - zeroMs) / 1000);
  const last = due.toSorted((one, other) => one - other)[count - 1] ?? (scene.cluster.world.nowMs - zeroMs) / 1000;
  return Math.max(0, Math.floor((last - start) / interval) + 1);
}

function windowIn(read: Read, job: PlannedJob, number: number): Window {
  const { scene, log, zeroMs } = read;
  const dueMs = zeroMs + (job.start + number * job.interval) * 1000;
  const run = log.standsFor(job.name, dueMs);
  const showing = shown(dueMs, scene.outages.skews, zeroMs + job.askedAt * 1000);
  const from = (showing[0]!.fromMs - zeroMs) / 1000;
  if (run !== undefined && isExcused(run, read)) return { from, to: undefined };
  const held = job.isConcurrent ? [] : log.busy(job.name, dueMs);
  const idle = [...read.idle, ...placeSpans(run, read), ...held];
  // A clock that is set back before anybody could do something about the instant shows it once more.
  const seen = showing.find(({ fromMs, toMs }) => workedBy(fromMs, 1, idle) < toMs);
  // The run before it goes on: that it ends is asked at rest.
  if (seen === undefined) return { from, to: undefined };
  const toMs = workedBy(seen.fromMs, job.epsilon * 1000, idle);
  return { from, to: (toMs - zeroMs) / 1000 };
}

/** The machine of an attempt died under it, or was given up. */
function isExcused({ places }: LoggedRun, { attempts, log }: Read): boolean {
  return places.some(({ taskId }) => log.isGivenUp(taskId) || attempts.get(taskId)?.isLost);
}

/** When cron, the master, or all agents could not work; of several crons or masters, when nobody led, or all of them could not. */
function idleSpans({ cluster: { agents, master }, cron, outages }: Scene): Span[] {
  const out = (place: string): Span[] => outages.of(place).map((span) => healed(span));
  const all = (some: readonly { readonly place: string }[]): Span[] => allOut(some.map(({ place }) => out(place)));
  const clock = outages.of("clock").map((span) => healed(span, UNNOTICED_MS));
  const groups = [...out("cron"), ...all(cron.seats), ...out(master.place), ...all(master.processes), ...out("etcd")];
  return [...groups, ...clock, ...all(agents)];
}

/** When the machines that the run was given to could not work; and, of a launch that never reached its machine, until the master was asked what became of it. */
function placeSpans(run: LoggedRun | undefined, { scene: { outages }, attempts }: Read): Span[] {
  return (run?.places ?? []).flatMap(({ taskId, place, atMs }) => {
    const unheardMs = attempts.has(taskId) ? 0 : CONFIRM_MS;
    return outages.of(place).flatMap((span) => {
      const { fromMs, toMs } = healed(span);
      return toMs <= atMs ? [] : [{ fromMs: Math.max(fromMs, atMs), toMs: toMs + unheardMs }];
    });
  });
}

/** As often as cron asks for a launch of which it has heard nothing. */
const CONFIRM_MS = 60_000;

const healed = ({ fromMs, toMs }: Span, ms = RECOVERY_MS): Span => ({ fromMs, toMs: toMs + ms });

/** What was missed is made up for by one run, where the job wants that. */
function storms(jobs: readonly PlannedJob[], log: RunLog): string[] {
  return jobs
    .filter(({ isMerged }) => isMerged)
    .flatMap(({ name }) => {
      const made = [...log.runs.values()].filter(({ job }) => job === name).map(({ madeMs }) => madeMs);
      return new Set(made).size === made.length ? [] : [`${name} has several runs at once for what it missed`];
    });
}

/** All jobs are paused: what began ends, with success unless machines were lost; and then all is removed, and nothing is left. */
async function rest({ cluster, cron, outages }: Scene, log: RunLog, zeroMs: number): Promise<void> {
  const [tenant] = cluster.tenants as [CronTenant<JobMaker>];
  tenant.people.pause();
  await cluster.run(REST_MS);
  tenant.checkRest();
  const attempts = log.attempts(cron.frameworkId ?? "", zeroMs, outages);
  const lost = new Set(attempts.filter(({ isLost }) => isLost).map(({ taskId }) => taskId));
  for (const { job, dueMs, past, places } of log.runs.values())
    if (past?.isSuccess === false && !places.every(({ taskId }) => lost.has(taskId) || log.isGivenUp(taskId)))
      throw new Violation(`${job} has failed for ${new Date(dueMs).toISOString()}: ${past.why}`);
  tenant.wipe();
  await cluster.run(WIPE_MS);
  cluster.checkEnd();
}
