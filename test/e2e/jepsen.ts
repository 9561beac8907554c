// `npm run jepsen -- [--seconds 300]`: Jepsen's test of Chronos on real processes. Jobs that write down when they begin and end, while cron, the master and the agents are killed
// by turns; then the verdict, by the checker of the simulator: with a second of forgiveness, and no run twice.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readOptions } from "@meseta/lib/io/options.ts";
import { CronClient } from "@meseta/sdk/cron/client.ts";
import { checkRuns, type RecordedRun, type TimedJob, type Verdict } from "@meseta/sim/checkers/cron.ts";
import { RunningCluster } from "./local-cluster.ts";

const FORGIVENESS_S = 1;
/** Who is not answered for so long does not know whether the job was made. */
const PATIENCE_MS = 20_000;
/** Of the whole, so much is without faults in the end. */
const CALM_SHARE = 0.25;
/** By turns; each comes back by itself. */
const VICTIMS = ["cron", "master", "agent-1", "cron", "agent-2", "master", "cron", "agent-3"] as const;

const values = readOptions(
  "jepsen",
  "Jepsen's test of Chronos on real processes that are killed by turns; then the verdict.",
  {
    seconds: { type: "string", value: "N", default: "300", about: "how long" },
  },
);
process.exitCode = await play(Number(values.seconds));

/** Resolves to the exit code: 0 when the history is valid and exact. */
async function play(seconds: number): Promise<number> {
  const cluster = await RunningCluster.start(["--agents", "3", "--no-init"]);
  const cron = new CronClient([cluster.ready.metronome!]);
  const zeroMs = Date.now();
  const now = (): number => (Date.now() - zeroMs) / 1000;
  const troubleEnds = seconds * (1 - CALM_SHARE);
  const file = join(cluster.dir, "runs");
  writeFileSync(file, "");
  try {
    const killing = killByTurns(cluster, now, troubleEnds);
    const jobs = await makeJobs(cron, file, zeroMs, now, troubleEnds);
    const kills = await killing;
    await sleep(Math.max(0, seconds - now()) * 1000);
    const readAt = Math.floor(now());
    const runs = readRuns(readFileSync(file, "utf8"), zeroMs);
    return tell(checkRuns(jobs, runs, { readAt, forgiveness: FORGIVENESS_S }), runs, kills);
  } finally {
    cron.close();
    await cluster.remove();
  }
}

async function killByTurns(cluster: RunningCluster, now: () => number, until: number): Promise<number> {
  let kills = 0;
  await sleep(5_000);
  while (now() < until) {
    const victim = VICTIMS[kills % VICTIMS.length]!;
    try {
      cluster.kill(victim);
      console.log(`${now().toFixed(1)} s: ${victim} is killed`);
      kills++;
    } catch {
      console.log(`${now().toFixed(1)} s: ${victim} is not back yet`);
    }
    await sleep(between(4_000, 12_000));
  }
  return kills;
}

/** A job about every ten seconds; those whose making was acknowledged. */
async function makeJobs(
  cron: CronClient,
  file: string,
  zeroMs: number,
  now: () => number,
  until: number,
): Promise<TimedJob[]> {
  const jobs: TimedJob[] = [];
  const making: Promise<void>[] = [];
  for (let number = 1; now() < until; number++) {
    const job = drawJob(`job-${number}`, Math.ceil(now()) + 10);
    making.push(make(cron, job, file, zeroMs).then((isMade) => void (isMade && jobs.push(job))));
    await sleep(between(5_000, 15_000));
  }
  await Promise.all(making);
  return jobs;
}

function drawJob(name: string, start: number): TimedJob {
  const duration = between(0, 9);
  const epsilon = between(10, 29);
  const interval = 1 + duration + epsilon + FORGIVENESS_S + between(0, 29);
  return { name, start, interval, count: between(1, 99), epsilon, duration };
}

async function make(cron: CronClient, job: TimedJob, file: string, zeroMs: number): Promise<boolean> {
  const { name, start, interval, count, epsilon, duration } = job;
  const note = (what: string): string =>
    `echo "${what} ${name} $CHRONOS_JOB_RUN_TIME.$CHRONOS_JOB_RUN_ATTEMPT $(date +%s%3N)" >> ${file}`;
  const body = {
    name,
    command: `${note("start")}; sleep ${duration}; ${note("end")}`,
    schedule: `R${count}/${new Date(zeroMs + start * 1000).toISOString()}/PT${interval}S`,
    scheduleTimeZone: "UTC",
    epsilon: `PT${epsilon}S`,
    owner: "",
    async: false,
    cpus: 0.001,
    mem: 1,
    disk: 1,
  };
  const request = { method: "POST", path: "/v1/scheduler/iso8601", body, what: name } as const;
  const answered = cron.change(request).then(
    () => true,
    () => false,
  );
  return Promise.race([answered, sleep(PATIENCE_MS, false, { ref: false })]);
}

/** What the jobs wrote down: one line at each beginning, one at each end. */
function readRuns(text: string, zeroMs: number): RecordedRun[] {
  const lines = text
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" ") as [what: string, name: string, run: string, atMs: string]);
  const seconds = (atMs: string): number => (Number(atMs) - zeroMs) / 1000;
  const ends = new Map(
    lines.filter(([what]) => what === "end").map(([, name, run, atMs]) => [`${name} ${run}`, seconds(atMs)]),
  );
  return lines
    .filter(([what]) => what === "start")
    .map(([, name, run, atMs]) => ({ name, start: seconds(atMs), end: ends.get(`${name} ${run}`) }));
}

function tell({ isValid, isExact, jobs }: Verdict, runs: readonly RecordedRun[], kills: number): number {
  for (const { name, targets, doubled } of jobs) {
    const missed = targets.filter(({ run }) => run === undefined);
    const all = runs.filter((run) => run.name === name).map(({ start }) => start.toFixed(1));
    if (missed.length + doubled.length === 0) continue;
    console.log(`${name} ran at ${all.join(", ")}`);
    for (const { from, to } of missed) console.log(`  and not between ${from} and ${to} s`);
    for (const { start } of doubled) console.log(`  and at ${start.toFixed(1)} s once more`);
  }
  const count = (of: (job: Verdict["jobs"][number]) => readonly unknown[]): number =>
    jobs.reduce((sum, job) => sum + of(job).length, 0);
  const late = jobs
    .flatMap(({ name, targets }) =>
      targets.map(({ from, run }) => ({ name, from, ms: 1000 * ((run?.start ?? from) - from) })),
    )
    .sort((one, other) => other.ms - one.ms);
  console.log(
    `${jobs.length} jobs, ${count(({ targets }) => targets)} windows, ${runs.length} runs, ${kills} kills; ` +
      `${count(({ extra }) => extra)} extra, ${count(({ incomplete }) => incomplete)} incomplete, ${count(({ doubled }) => doubled)} twice; ` +
      `the latest began ${(late[0]?.ms ?? 0).toFixed(0)} ms after its time, ${late[0]?.name} at ${late[0]?.from} s; half within ${late[late.length >> 1]?.ms.toFixed(0)} ms`,
  );
  console.log(isExact ? "valid, and nothing ran twice" : isValid ? "valid, but some ran twice" : "not valid");
  return isExact ? 0 : 1;
}

function between(least: number, most: number): number {
  return least + Math.floor(Math.random() * (most - least + 1));
}
