import type { MetronomeJobInfo } from "@meseta/api/metronome/run.ts";
import { counted } from "@meseta/lib/core/words.ts";
import { CronClient } from "@meseta/sdk/cron/client.ts";
import { Failure } from "../core/failure.ts";
import { type Details, type Listing, renderDetails } from "../core/listing.ts";
import { match } from "../core/name.ts";
import { type Invocation, word } from "../invocation.ts";
import { pick } from "./cluster.ts";
import { outputOf, printListing } from "./print.ts";
import { serviceAddress } from "./service-address.ts";

/** How often a list of what cron has is looked at again with --watch: it has no stream of events. */
const LOOK_AGAIN_MS = 1000;

/** Opens the cron of a command line, runs the function with it, and closes it. */
export async function withCron<T>(invocation: Invocation, body: (cron: CronClient) => Promise<T>): Promise<T> {
  const cron = new CronClient(...serviceAddress(invocation.flags, "cron"));
  try {
    return await body(cron);
  } finally {
    cron.close();
  }
}

/** A whole read command for a list of what cron has. */
export function listOfCron<T>(
  invocation: Invocation,
  fetch: (cron: CronClient) => Promise<Listing<T>>,
): Promise<number> {
  outputOf(invocation);
  return withCron(invocation, async (cron) => {
    if (invocation.flags.on("watch")) {
      const { watch, ticks } = await import("./watch.ts");
      return watch(invocation, ticks(LOOK_AGAIN_MS), () => fetch(cron));
    }
    printListing(invocation, await fetch(cron));
    return 0;
  });
}

/** A whole read command for one thing that cron has. */
export function showOfCron(invocation: Invocation, fetch: (cron: CronClient) => Promise<Details>): Promise<number> {
  const output = outputOf(invocation);
  return withCron(invocation, async (cron) => {
    invocation.terminal.out(renderDetails(await fetch(cron), output));
    return 0;
  });
}

/** The ids of all jobs. */
export async function jobIds(cron: CronClient): Promise<string[]> {
  return (await cron.get<readonly MetronomeJobInfo[]>("/v1/jobs")).map(({ id }) => id);
}

/** The id that the command line's word for a job means. Asked for as it is first, so that a whole id costs one small answer. */
export async function jobIdOf(cron: CronClient, invocation: Invocation): Promise<string> {
  const given = word(invocation, "job");
  if (given !== "" && (await cron.find(pathOf(given))) !== undefined) return given;
  const ids = await jobIds(cron);
  const id = pick(
    "job",
    ids.map((each) => ({ item: each, id: each })),
    given,
  );
  // Whoever is not asked has to give the whole id: where that is gone, its beginning may mean a neighbour.
  if (invocation.flags.on("yes"))
    throw new Failure("not-found", {
      kind: "job",
      name: given,
      why: `--yes takes whole ids only; did you mean ${id}?`,
    });
  return id;
}

/** The run of the job that the word means among these. */
export function pickRun<T extends { readonly id: string }>(job: string, runs: readonly T[], given: string): T {
  const named = runs.map((run) => ({ item: run, id: run.id }));
  const { found, candidates } = match(named, given);
  if (found !== undefined) return found;
  const some = candidates.slice(0, 5).join(", ");
  const why = candidates.length > 0 ? `it could be ${some}` : `${counted(runs.length, "run")} looked at`;
  throw new Failure("no-run", { job, run: candidates.length > 0 ? `one run ${given}` : `run ${given}`, why });
}

/** The path of a job, and of what is below it. */
export function pathOf(id: string, rest = ""): string {
  return `/v1/jobs/${encodeURIComponent(id)}${rest}`;
}
