import type { Fields } from "@meseta/api/json-body/field.ts";
import { badFields, type Wrong } from "@meseta/api/json-body/wrong.rig.ts";
import { describe, expect, test } from "vitest";
import { type ChronosRead, readDependent, readScheduled } from "./chronos.ts";
import { CHRONOS_FIELDS } from "./chronos-fields.ts";
import { lenient } from "./lenient.ts";
import { type MetronomeRead, readMetronomeJob, readScheduledJob } from "./metronome.ts";
import { METRONOME_FIELDS, SCHEDULE_FIELDS, SCHEDULED_JOB_FIELDS } from "./metronome-fields.ts";
import { readSchedule } from "./schedule.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";

const nowMs = 1_800_000_000_000;
const chronos = { settings: DEFAULT_SETTINGS, nowMs };

/** The wrong bodies that were not refused, or not with their place. */
function missed<T>(cases: readonly Wrong[], read: (body: unknown) => T, isTold: (answer: T, wrong: Wrong) => boolean) {
  expect(cases.length).toBeGreaterThan(30);
  return cases.flatMap((wrong) => {
    const answer = read(wrong.value);
    return isTold(answer, wrong) ? [] : [{ ...wrong, answer }];
  });
}

function isToldByChronos(answer: ChronosRead, { path }: Wrong): boolean {
  if (!("refusal" in answer)) return false;
  const { status, body } = answer.refusal;
  return status === 400 && body.status === "Bad Request" && body.message.includes(path.slice(1));
}

function isToldByMetronome(answer: MetronomeRead<unknown>, { path, error }: Wrong): boolean {
  if (!("refusal" in answer)) return false;
  const { status, body } = answer.refusal;
  const told = Array.isArray(body.details) ? body.details.find((detail) => detail.path === path) : undefined;
  const isSaid = told !== undefined && (error === undefined || told.errors.includes(error));
  return status === 422 && body.message === "Object is not valid" && isSaid;
}

describe("each field with each wrong type and each value out of range is refused with its place", () => {
  // Texts that mean a number or a truth are right in Chronos.
  const isWrong = ({ value }: Wrong) =>
    JSON.stringify(lenient({ kind: "object", fields: CHRONOS_FIELDS }, value)) === JSON.stringify(value);

  test("of Chronos' jobs, scheduled and dependent", () => {
    const cases = [...badFields(CHRONOS_FIELDS, "", { name: "a", command: "true" })].filter(isWrong);
    expect(missed(cases, (body) => readScheduled(body, chronos), isToldByChronos)).toEqual([]);
    expect(missed(cases, (body) => readDependent(body, chronos), isToldByChronos)).toEqual([]);
  });

  test("of Metronome's jobs", () => {
    const cases = [...badFields(METRONOME_FIELDS, "", { id: "a", run: { cmd: "true" } })];
    expect(missed(cases, (body) => readMetronomeJob(body, { nowMs }), isToldByMetronome)).toEqual([]);
  });

  test("of Metronome's jobs with schedules", () => {
    const cases = [...badFields(SCHEDULED_JOB_FIELDS, "", { id: "a", run: { cmd: "true" } })];
    expect(missed(cases, (body) => readScheduledJob(body, { nowMs }), isToldByMetronome)).toEqual([]);
  });

  test("of Metronome's schedules", () => {
    const cases = [...badFields(SCHEDULE_FIELDS, "", { id: "ab", cron: "* * * * *" })];
    expect(missed(cases, (body) => readSchedule(body, { nowMs }), isToldByMetronome)).toEqual([]);
  });
});

const nulls = (fields: Fields) => Object.fromEntries(Object.keys(fields).map((name) => [name, null]));

test("null counts as not given", () => {
  const minimal = { name: "a", command: "true" };
  expect(readScheduled({ ...nulls(CHRONOS_FIELDS), ...minimal }, chronos)).toEqual(readScheduled(minimal, chronos));
  const job = { id: "a", run: { cmd: "true" } };
  expect(readScheduledJob({ ...nulls(SCHEDULED_JOB_FIELDS), ...job }, { nowMs })).toEqual(
    readScheduledJob(job, { nowMs }),
  );
  const schedule = { id: "ab", cron: "* * * * *" };
  expect(readSchedule({ ...nulls(SCHEDULE_FIELDS), ...schedule }, { nowMs })).toEqual(
    readSchedule(schedule, { nowMs }),
  );
});

test("a body that is no object is refused as a whole", () => {
  for (const body of [1, "x", true, [], null]) {
    expect(readScheduled(body, chronos)).toMatchObject({ refusal: { status: 400, body: { status: "Bad Request" } } });
    expect(readMetronomeJob(body, { nowMs })).toMatchObject({ refusal: { status: 400 } });
    expect(readSchedule(body, { nowMs })).toMatchObject({ refusal: { status: 400 } });
  }
});
