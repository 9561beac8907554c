import { expect, test } from "vitest";
import { readEmbeds } from "./embed.ts";
import { readMetronomeJob } from "./metronome.ts";
import { metronomeJob } from "./metronome-job.ts";
import { CONFLICT, NOT_FOUND } from "./refusal.ts";

test("embed is read repeated and with commas, and refused with what it may be", () => {
  expect(readEmbeds(["activeRuns,schedules", "history"])).toEqual({
    value: new Set(["activeRuns", "schedules", "history"]),
  });
  expect(readEmbeds([])).toEqual({ value: new Set() });
  expect(readEmbeds(["all"])).toMatchObject({
    refusal: {
      status: 400,
      body: { message: expect.stringContaining("activeRuns, schedules, history, historySummary") },
    },
  });
});

test("an unknown job is a 400 to Chronos' clients and a 404 to Metronome's, each with its own body", () => {
  expect(NOT_FOUND.chronosJob("a").refusal).toEqual({
    status: 400,
    body: { status: "Bad Request", message: 'No job is called "a".' },
  });
  expect(NOT_FOUND.job("a").refusal).toEqual({ status: 404, body: { id: "a", message: "Job not found" } });
  expect(NOT_FOUND.schedule("s").refusal.body).toEqual({ id: "s", message: "Schedule not found" });
});

test("a run that is not there is told with its job", () => {
  const read = readMetronomeJob({ id: "a", run: { cmd: "true" } }, { nowMs: 0 });
  if ("refusal" in read) throw new Error(read.refusal.body.message);
  const jobSpec = metronomeJob(read.value);
  expect(NOT_FOUND.run("r", jobSpec).refusal.body).toEqual({ jobSpec, id: "r", message: "Job Run not found" });
});

test("what is in the way is a 409 with the words that clients know", () => {
  expect(CONFLICT.jobExists().refusal).toEqual({ status: 409, body: { message: "Job with this id already exists" } });
  expect(CONFLICT.activeRuns().refusal.body.message).toBe(
    "There are active job runs. Override with stopCurrentJobRuns=true",
  );
  expect(CONFLICT.scheduleExists().refusal.status).toBe(409);
  expect(CONFLICT.dependents(["b", "c"]).refusal.body.message).toBe("Other jobs depend on this one: b, c");
});
