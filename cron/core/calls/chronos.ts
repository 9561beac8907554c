import { isObject } from "@meseta/api/json-body/read.ts";
import { CRON_BOUNDS } from "../bounds.ts";
import type { Call } from "../call.ts";
import { type ChronosRead, readDependent, readScheduled } from "../definition/chronos.ts";
import { CHRONOS_FIELDS } from "../definition/chronos-fields.ts";
import { chronosJob } from "../definition/chronos-job.ts";
import { lenient } from "../definition/lenient.ts";
import { chronosRefusal, NOT_FOUND, tooManyJobs } from "../definition/refusal.ts";
import { parentsOf } from "../job.ts";
import { putJob } from "../jobs/put.ts";
import { removeJob } from "../jobs/remove.ts";
import type { Answer } from "../out.ts";
import { createRun } from "../runs/create.ts";
import { succeed } from "../runs/outcome.ts";
import { type Asking, refused } from "./asking.ts";
import { dryRunOf, neverFires } from "./firings.ts";

type Of<Kind extends Call["kind"]> = Extract<Call, { kind: Kind }>;

/** POST /iso8601 and /dependency: 204, the job is made or replaced. 400: the body, its parents or its schedule are not as they may be. */
export function putChronosJob(asking: Asking, call: Of<"chronos-put">): Answer {
  const { state, nowMs, out } = asking;
  const read = readBody(asking, call);
  if ("refusal" in read) return refused(read);
  const { job, stats } = read.value;
  const old = state.entries.get(job.id);
  if (old === undefined && call.mustExist) return refused(NOT_FOUND.chronosJob(job.id));
  if (old === undefined && state.entries.size >= state.config.mostJobs)
    return refused(chronosRefusal(tooManyJobs(state.config.mostJobs)));
  const problem = state.graph.problemOf(job.id, parentsOf(job)) ?? neverFires(job, old?.job, nowMs);
  if (problem !== undefined) return refused(chronosRefusal(problem));
  const counts = old === undefined || saysStats(call.body) ? stats : old.stats;
  if (call.dryRun) return { status: 200, body: dryRunOf(job, chronosJob(job, counts), old, nowMs) };
  putJob(state, job, counts, nowMs, out);
  return NOTHING;
}

/** DELETE /job/{name}: 204. 400: others would follow too many then, or be too many. */
export function deleteChronosJob({ state, nowMs, out }: Asking, { name }: Of<"chronos-delete">): Answer {
  if (!state.entries.has(name)) return refused(NOT_FOUND.chronosJob(name));
  const problem = state.graph.problemOfRemoval(name);
  if (problem !== undefined) return refused(chronosRefusal(problem));
  removeJob(state, name, nowMs, out);
  return NOTHING;
}

/**
 * PUT /job/{name}: 204, it runs now, with the arguments behind its command, or when its present run has ended, if it does not run twice at once. 400 also when
 * it has as many runs as it may.
 */
export function runChronosJob({ state, nowMs, out }: Asking, { name, arguments: given }: Of<"chronos-run">): Answer {
  const entry = state.entries.get(name);
  if (entry === undefined) return refused(NOT_FOUND.chronosJob(name));
  const read = readArguments(given);
  if ("problem" in read) return refused(chronosRefusal(`arguments ${read.problem}.`));
  const wanted = { cause: { type: "hand" }, dueMs: nowMs, arguments: read.value } as const;
  const run = createRun(state, entry, wanted, nowMs, out);
  return run === undefined ? refused(chronosRefusal(tooManyRuns(name, state.config.mostRuns))) : NOTHING;
}

/** PUT /job/success/{name}: 200 with a line of text, which is false for a job that is not there. */
export function markSuccess({ state, nowMs, out }: Asking, { name }: Of<"chronos-success">): Answer {
  const entry = state.entries.get(name);
  if (entry !== undefined) succeed(state, entry, nowMs, out);
  return { status: 200, isText: true, body: `marked job ${name} as successful: ${entry !== undefined}` };
}

/** 204 has no body: clients do not read one. */
export const NOTHING: Answer = { status: 204 };

export function tooManyRuns(id: string, most: number): string {
  return `The job ${id} has ${most} runs that have not ended, which is as many as it may have. Stop some, or wait.`;
}

const MOST_ARGUMENTS = CRON_BOUNDS.arguments.most;

/** The text behind the command of one run. Semicolons go: they would begin another command. Source: Chronos. */
export function readArguments(given: string): { readonly value: string } | { readonly problem: string } {
  const value = given.replaceAll(";", "");
  if (value.length > MOST_ARGUMENTS) return { problem: `must have at most ${MOST_ARGUMENTS} characters` };
  return value.includes("\0")
    ? { problem: "must be without the character of code 0, which would end the command" }
    : { value };
}

function readBody({ state, nowMs }: Asking, { body, isDependent }: Of<"chronos-put">): ChronosRead {
  const old = state.entries.get(nameIn(body))?.job;
  const reading = { settings: state.config.definitions, nowMs, ...(old && { old }) };
  return isDependent ? readDependent(body, reading) : readScheduled(body, reading);
}

/** As the definition's own reader takes it, which refuses afterwards what is no text. */
function nameIn(body: unknown): string {
  const name = isObject(body) ? lenient(CHRONOS_FIELDS["name"]!.of, body["name"]) : "";
  return typeof name === "string" ? name : "";
}

/** Chronos forgets how a job has fared when the body of its change does not say so; we keep it. */
function saysStats(body: unknown): boolean {
  return isObject(body) && STATS.some((name) => Object.hasOwn(body, name));
}

const STATS = ["successCount", "errorCount", "errorsSinceLastSuccess", "lastSuccess", "lastError"];
