import { leftAsideText } from "@meseta/api/json-body/left-aside.ts";
import type { DryRun } from "@meseta/api/metronome/history.ts";
import type { MetronomeJobInfo } from "@meseta/api/metronome/run.ts";
import type { Change, CronClient } from "@meseta/sdk/cron/client.ts";
import { Failure } from "../core/failure.ts";
import { until } from "../core/until.ts";
import { dryRunLines } from "../core/views/dry-run.ts";
import { nextOf } from "../core/views/jobs.ts";
import { type Invocation, word } from "../invocation.ts";
import { pathOf, withCron } from "../io/cron.ts";
import { readDefinition } from "../io/definition.ts";
import { fileName } from "../io/read-file.ts";

export function run(invocation: Invocation): Promise<number> {
  const { flags, terminal } = invocation;
  const body = readDefinition(invocation, word(invocation, "file"));
  const id = idIn(body, invocation);
  return withCron(invocation, async (cron) => {
    const isKnown = (await cron.find(pathOf(id))) !== undefined;
    if (isKnown && !flags.on("replace") && !flags.on("dry-run")) throw exists(id, invocation);
    const change = changeOf(body, id, isKnown);
    const query = { dryRun: flags.on("dry-run") };
    const answer = await cron.change({ ...change, query });
    for (const one of answer.leftAside) terminal.err(`${leftAsideText(one)}\n`);
    if (flags.on("dry-run")) terminal.out(`${dryRunLines(answer.body as DryRun<unknown>).join("\n")}\n`);
    else await tell(invocation, cron, id, isKnown);
    return 0;
  });
}

// Chronos calls it a name.
function idIn({ id, name }: Readonly<Record<string, unknown>>, { args, row }: Invocation): string {
  const found = String(id ?? name ?? "");
  if (found !== "") return found;
  const file = fileName(String(args["file"]));
  const why = "it has neither an id, as Metronome's jobs, nor a name, as Chronos'";
  throw new Failure("bad-file", { file, why, command: row.path });
}

function exists(job: string, { args }: Invocation): Failure {
  const file = String(args["file"]);
  return new Failure("job-exists", { job, file, why: "its definition stays as it is unless --replace is given" });
}

function changeOf(body: Record<string, unknown>, id: string, isKnown: boolean): Change {
  const what = `${isKnown ? "replace" : "add"} job ${id}`;
  if (!("id" in body) && "name" in body) {
    const path = `/v1/scheduler/${"parents" in body ? "dependency" : "iso8601"}`;
    return { method: "POST", path, body, what };
  }
  const isWhole = "schedules" in body;
  if (isKnown)
    return { method: "PUT", path: isWhole ? `/v0/scheduled-jobs/${encodeURIComponent(id)}` : pathOf(id), body, what };
  return { method: "POST", path: isWhole ? "/v0/scheduled-jobs" : "/v1/jobs", body, what };
}

async function tell({ terminal }: Invocation, cron: CronClient, id: string, isKnown: boolean): Promise<void> {
  const job = await cron.get<MetronomeJobInfo>(pathOf(id, "?embed=schedules"));
  terminal.err(`● job ${id} is ${isKnown ? "replaced" : "added"}. ${whenText(job)}\n`);
}

function whenText(job: MetronomeJobInfo): string {
  const { id, dependencies } = job;
  const next = nextOf(job);
  if (next !== undefined) return `It runs ${until(next, Date.now())}. See it: meseta job show ${id}`;
  if (dependencies.length > 0) return `It runs after ${dependencies.map((one) => one.id).join(" and ")}.`;
  return `Run it now: meseta job run ${id}`;
}
