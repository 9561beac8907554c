import { setTimeout as sleep } from "node:timers/promises";
import type { RunRecord } from "@meseta/api/metronome/history.ts";
import type { CronClient } from "@meseta/sdk/cron/client.ts";
import { Failure } from "../core/failure.ts";
import { sandboxOf } from "../core/sandbox.ts";
import { hasEnded } from "../core/views/runs.ts";
import type { Invocation } from "../invocation.ts";
import { withCluster } from "../io/cluster.ts";
import { jobIdOf, pathOf, pickRun, withCron } from "../io/cron.ts";
import { recordOf } from "../io/follow-run.ts";
import { agentWithFilesOf } from "../io/sandbox.ts";
import { Tail } from "../io/tail.ts";

const MOST_RUNS = 2000;
/** How long a run that waits for its place is looked for again, with --follow. */
const LOOK_AGAIN_MS = 500;

export function run(invocation: Invocation): Promise<number> {
  return withCron(invocation, async (cron) => {
    const job = await jobIdOf(cron, invocation);
    const record = await begun(invocation, cron, await chosen(invocation, cron, job));
    await print(invocation, cron, record).catch((error) => {
      throw isNoFile(error) && record.message !== undefined ? nothingWritten(invocation, record) : error;
    });
    return 0;
  });
}

async function chosen({ args }: Invocation, cron: CronClient, job: string): Promise<RunRecord> {
  const runs = await cron.get<readonly RunRecord[]>(pathOf(job, `/history?limit=${MOST_RUNS}`));
  const given = args["run"];
  if (given !== undefined) return pickRun(job, runs, String(given));
  if (runs[0] !== undefined) return runs[0];
  throw new Failure("no-run", { job, run: "run yet", why: `meseta job run ${job} runs it now` });
}

/** The run once it has a task; with --follow that is waited for. */
async function begun({ flags }: Invocation, cron: CronClient, record: RunRecord): Promise<RunRecord> {
  for (let now = record; ; ) {
    if (now.tasks.length > 0) return now;
    if (!flags.on("follow") || hasEnded(now)) throw noTask(now);
    await sleep(LOOK_AGAIN_MS);
    now = (await recordOf(cron, { job: now.jobId, run: now.id })) ?? now;
  }
}

function isNoFile(error: unknown): boolean {
  return error instanceof Failure && error.problem.code === "no-file";
}

// Why the run has failed says more than that there is no file.
function nothingWritten({ flags }: Invocation, { id, jobId, message = "" }: RunRecord): Failure {
  return new Failure("no-run", { job: jobId, run: `${flags.text("file")} of run ${id}`, why: message });
}

function noTask({ id, jobId, message }: RunRecord): Failure {
  const why = message ?? `it still waits for a place; meseta job explain ${jobId} says for what`;
  return new Failure("no-run", { job: jobId, run: `output of run ${id}`, why });
}

function print(invocation: Invocation, cron: CronClient, { id, jobId, tasks }: RunRecord): Promise<void> {
  const { flags, terminal } = invocation;
  return withCluster(invocation, async (cluster) => {
    const task = await cluster.task(tasks.at(-1)!.id);
    const { agent } = await agentWithFilesOf(cluster, task);
    const tail = new Tail(agent, `${sandboxOf(task)}/${flags.text("file")}`, (bytes) => terminal.out(bytes));
    const lines = flags.number("lines");
    if (lines !== undefined) await tail.skipToLast(lines);
    if (!flags.on("follow")) return void (await tail.readAll());
    await tail.follow(async () => {
      const record = await recordOf(cron, { job: jobId, run: id });
      return record === undefined || hasEnded(record);
    });
  });
}
