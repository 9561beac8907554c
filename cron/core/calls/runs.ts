import { isObject } from "@meseta/api/json-body/read.ts";
import type { Call } from "../call.ts";
import { metronomeJob } from "../definition/metronome-job.ts";
import { type MetronomeRefusal, metronomeRefusal, NOT_FOUND } from "../definition/refusal.ts";
import type { Answer } from "../out.ts";
import { runOf, stopRun } from "../runs/change.ts";
import { createRun } from "../runs/create.ts";
import { pastShown, runShown } from "../views/run.ts";
import { type Asking, refused } from "./asking.ts";
import { readArguments, tooManyRuns } from "./chronos.ts";

type Of<Kind extends Call["kind"]> = Extract<Call, { kind: Kind }>;

/** POST /v1/jobs/{id}/runs: 201 with the run. 404; 409: it has as many as it may; 422: the arguments. */
export function startRun({ state, nowMs, out }: Asking, { job: id, body }: Of<"start-run">): Answer {
  const entry = state.entries.get(id);
  if (entry === undefined) return refused(NOT_FOUND.job(id));
  const read = argumentsIn(body);
  if ("refusal" in read) return refused(read);
  const wanted = { cause: { type: "hand" }, dueMs: nowMs, arguments: read.value } as const;
  const run = createRun(state, entry, wanted, nowMs, out);
  if (run === undefined) return refused(metronomeRefusal(409, { message: tooManyRuns(id, state.config.mostRuns) }));
  return { status: 201, body: { ...runShown(run), status: "INITIAL" } };
}

/** POST /v1/jobs/{id}/runs/{run}/actions/stop: 200 with the run. 404, also when it has ended. */
export function stopJobRun({ state, nowMs, out }: Asking, { job: id, run: runId }: Of<"stop-run">): Answer {
  const entry = state.entries.get(id);
  if (entry === undefined) return refused(NOT_FOUND.job(id));
  const ref = { job: id, run: runId };
  const run = runOf(state, ref);
  if (run === undefined) return refused(NOT_FOUND.run(runId, metronomeJob(entry.job)));
  stopRun(state, ref, "It was stopped on request.", nowMs, out);
  // One that waited for an offer has ended already.
  const left = runOf(state, ref);
  const past = left === undefined ? entry.past?.findLast(({ id }) => id === runId) : undefined;
  return { status: 200, body: past === undefined ? runShown(left ?? run) : pastShown(past) };
}

/** Clients send nothing, or an empty body. */
function argumentsIn(body: unknown): { readonly value: string } | { readonly refusal: MetronomeRefusal } {
  const given = isObject(body) ? (body["arguments"] ?? "") : (body ?? "");
  if (typeof given !== "string" || (!isObject(body) && given !== "")) return badArguments("must be a text");
  const read = readArguments(given);
  return "problem" in read ? badArguments(read.problem) : read;
}

function badArguments(error: string): { readonly refusal: MetronomeRefusal } {
  const details = [{ path: "/arguments", errors: [error] }];
  return metronomeRefusal(422, { message: "Object is not valid", details });
}
