import type { RunRecord } from "@meseta/api/metronome/history.ts";
import type { CronClient } from "@meseta/sdk/cron/client.ts";
import { Failure } from "../core/failure.ts";
import { fineSpan, span } from "../core/since.ts";
import { shown } from "../core/state.ts";
import { hasEnded, runLook } from "../core/views/runs.ts";
import type { Invocation } from "../invocation.ts";
import { pathOf } from "./cron.ts";

const LOOK_AGAIN_MS = 250;

/** How many runs are looked through for the one that is followed: others of its job may begin after it. */
const LOOKED_THROUGH = 100;

interface RunOfJob {
  readonly job: string;
  readonly run: string;
}

/** Shows a run until its end: 0 when it succeeded, 1 when it failed, 130 when the user left. */
export async function followRun(invocation: Invocation, cron: CronClient, { job, run }: RunOfJob): Promise<number> {
  const { flags, terminal } = invocation;
  const timeoutMs = flags.number("timeout") ?? Number.POSITIVE_INFINITY;
  const beganMs = Date.now();
  const left = Promise.withResolvers<"left">();
  const leave = (): void => left.resolve("left");
  process.once("SIGINT", leave);
  let told = "";
  try {
    for (;;) {
      const record = await recordOf(cron, { job, run });
      const line = record === undefined ? "" : lineOf(record);
      if (line !== told) terminal.err(`${line}\n`);
      told = line;
      if (record !== undefined && hasEnded(record)) return endOf(invocation, record, Date.now() - beganMs);
      if (Date.now() - beganMs >= timeoutMs) throw tooLong(job, run, timeoutMs);
      const wait = new Promise<"go on">((resolve) => setTimeout(resolve, LOOK_AGAIN_MS, "go on"));
      if ((await Promise.race([left.promise, wait])) === "left") {
        terminal.err(`The run goes on. See it: meseta job history ${job}\n`);
        return 130;
      }
    }
  } finally {
    process.off("SIGINT", leave);
  }
}

/** The run by its id, ended ones too; undefined when it is not kept any more. */
export async function recordOf(cron: CronClient, { job, run }: RunOfJob): Promise<RunRecord | undefined> {
  const all = await cron.get<readonly RunRecord[]>(pathOf(job, `/history?limit=${LOOKED_THROUGH}`));
  return all.find(({ id }) => id === run);
}

function lineOf(record: RunRecord): string {
  const attempt = record.tasks.length > 1 ? `, attempt ${record.tasks.length}` : "";
  const where = record.tasks.at(-1)?.hostname;
  return `${shown(runLook(record))}${attempt}${where === undefined ? "" : ` on ${where}`}`;
}

function endOf({ terminal }: Invocation, { id, jobId, status, message }: RunRecord, tookMs: number): number {
  if (status === "SUCCESS") {
    terminal.err(`done after ${fineSpan(tookMs)}. What it wrote: meseta job log ${jobId} ${id}\n`);
    return 0;
  }
  const why = message ?? "its task failed";
  throw new Failure("run-failed", { job: jobId, run: id, why });
}

function tooLong(job: string, run: string, timeoutMs: number): Failure {
  return new Failure("timed-out", {
    what: `run ${run}`,
    timeout: span(timeoutMs),
    why: "it goes on in the cluster",
    again: `meseta job history ${job}`,
  });
}
