import { badFields } from "@meseta/api/json-body/wrong.rig.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Call } from "../call.ts";
import { CHRONOS_FIELDS } from "../definition/chronos-fields.ts";
import { lenient } from "../definition/lenient.ts";
import { METRONOME_FIELDS, SCHEDULE_FIELDS, SCHEDULED_JOB_FIELDS } from "../definition/metronome-fields.ts";
import { schedulesOf } from "../job.ts";
import { load } from "../load.ts";
import type { Query } from "../query.ts";
import { Desk, digest } from "./desk.rig.ts";

// Whatever is wrong with a call: it is refused with the right status, and nothing has changed.

const JOB = { id: "new", run: { cmd: "x" } };
const CHRONOS = { name: "new", command: "x" };
const DAILY = { id: "daily", cron: "0 0 * * *" };

const put = (body: unknown, isDependent = false) => ({ kind: "chronos-put", isDependent, body }) as const;
const create = (body: unknown, isWhole = false) => ({ kind: "create-job", isWhole, body }) as const;
const update = (id: string, body: unknown, isWhole = false) => ({ kind: "update-job", id, isWhole, body }) as const;
const add = (body: unknown, job = "a") => ({ kind: "create-schedule", job, body }) as const;
const change = (body: unknown, schedule = "daily") => ({ kind: "update-schedule", job: "a", schedule, body }) as const;

/** A desk with a job of schedules that runs, one that follows it, and one of Chronos'. */
function furnished(): Desk {
  const desk = new Desk();
  desk.done(create({ ...JOB, id: "a", schedules: [DAILY] }, true));
  desk.done(create({ ...JOB, id: "b", dependencies: [{ id: "a" }] }));
  desk.done(put({ ...CHRONOS, name: "c" }));
  desk.done({ kind: "start-run", job: "a", body: undefined });
  desk.begin("a");
  return desk;
}

/** The status, when nothing but the refusal came of it. */
function refusal(desk: Desk, call: Call): number {
  const before = digest(desk.state);
  const { answer, saved, effects } = desk.hand(call);
  expect(digest(desk.state)).toBe(before);
  expect([saved, effects.length]).toEqual([[], 1]);
  expect(answer.body).toHaveProperty("message");
  if (call.kind.startsWith("chronos")) expect(answer.body).toHaveProperty("status", "Bad Request");
  return answer.status;
}

const manyParents = Array.from({ length: 1000 }, (_, i) => `p${i}`);

const CASES: readonly (readonly [what: string, call: Call, status: number])[] = [
  ["a name with a slash", put({ ...CHRONOS, name: "a/b" }), 400],
  ["a name with a blank", put({ ...CHRONOS, name: "a b" }), 400],
  ["a name that is an emoji", put({ ...CHRONOS, name: "🙂" }), 400],
  ["a name of a megabyte", put({ ...CHRONOS, name: "a".repeat(1_000_000) }), 400],
  ["no name", put({ command: "x" }), 400],
  ["an id with a slash", create({ ...JOB, id: "a/b" }), 422],
  ["an id with a blank", create({ ...JOB, id: "a b" }), 422],
  ["an id that is an emoji", create({ ...JOB, id: "🙂" }), 422],
  ["an id in capitals", create({ ...JOB, id: "Report" }), 422],
  ["a schedule's id with a slash", add({ ...DAILY, id: "a/b" }), 422],
  ["a schedule that is none", put({ ...CHRONOS, schedule: "daily" }), 400],
  ["one that fires each nanosecond", put({ ...CHRONOS, schedule: "R//PT0.000000001S" }), 400],
  ["one that takes no time", put({ ...CHRONOS, schedule: "R//PT0S" }), 400],
  ["one that goes back", put({ ...CHRONOS, schedule: "R//-PT1H" }), 400],
  ["one before 1970", put({ ...CHRONOS, schedule: "R/1969-01-01T00:00:00Z/P1D" }), 400],
  ["one of February 30", put({ ...CHRONOS, schedule: "R/2026-02-30T00:00:00Z/P1D" }), 400],
  ["a zone that is none", put({ ...CHRONOS, schedule: "R//P1D", scheduleTimeZone: "Europe/Atlantis" }), 400],
  ["a day that never comes", add({ ...DAILY, id: "never", cron: "0 0 31 2 *" }), 422],
  ["a year that is over", add({ ...DAILY, id: "over", cron: "0 0 1 1 * 2020" }), 422],
  ["a year that is over, of Chronos", put({ ...CHRONOS, schedule: "0 0 1 1 * 2020" }), 400],
  ["an interval that is over", add({ ...DAILY, id: "over", cron: "R3/2020-01-01T00:00:00Z/P1D" }), 422],
  ["a schedule's zone that is none", add({ ...DAILY, id: "zone", timezone: "Mars/Base" }), 422],
  [
    "a whole job with a schedule that is over",
    create({ ...JOB, schedules: [{ ...DAILY, cron: "0 0 1 1 * 2020" }] }, true),
    422,
  ],
  ["parents that are not there", put({ ...CHRONOS, parents: manyParents }, true), 400],
  ["no parents", put({ ...CHRONOS, parents: [] }, true), 400],
  ["itself as a parent", put({ ...CHRONOS, parents: ["new"] }, true), 400],
  ["parents and a schedule", put({ ...CHRONOS, parents: ["a"], schedule: "R//P1D" }, true), 400],
  ["a circle by Chronos", put({ ...CHRONOS, name: "a", parents: ["b"] }, true), 400],
  ["a circle by Metronome", update("a", { ...JOB, dependencies: [{ id: "b" }], schedules: [] }, true), 422],
  ["schedules and dependencies", update("a", { ...JOB, dependencies: [{ id: "c" }] }), 422],
  ["a schedule for who depends on others", add(DAILY, "b"), 422],
  ["a job that there is", create({ ...JOB, id: "a" }), 409],
  ["a schedule that there is", add(DAILY), 409],
  ["two schedules of one id", create({ ...JOB, schedules: [DAILY, DAILY] }, true), 422],
  ["the removal of a job on which others depend", { kind: "delete-job", id: "a", stopCurrentJobRuns: true }, 409],
  ["a change of no job", update("x", JOB), 404],
  ["a change of no schedule", change(DAILY, "x"), 404],
  ["a body that is a text", change("daily"), 400],
  ["a body that is a list", create([JOB]), 400],
  ["a body that is nothing", put(null), 400],
  ["a name that can be made no text", put({ ...CHRONOS, name: { toString: true } }), 400],
  ["the removal of no job of Chronos", { kind: "chronos-delete", name: "x" }, 400],
  ["a run of no job", { kind: "start-run", job: "x", body: undefined }, 404],
  ["a run of no job of Chronos", { kind: "chronos-run", name: "x", arguments: "" }, 400],
  ["endless arguments", { kind: "chronos-run", name: "a", arguments: "x".repeat(10_000) }, 400],
  ["arguments with an end", { kind: "chronos-run", name: "a", arguments: "x\0y" }, 400],
  ["the end of no run", { kind: "stop-run", job: "a", run: "x" }, 404],
  ["the tasks of no job", { kind: "chronos-kill", name: "x" }, 400],
  ["progress of no job", { kind: "chronos-progress", name: "x", task: "t", body: {} }, 400],
  ["progress of who counts nothing", { kind: "chronos-progress", name: "a", task: "t", body: {} }, 400],
  ["the end of no task", { kind: "chronos-complete", task: "x", body: { statusCode: 0 } }, 400],
  ["an end without a status", { kind: "chronos-complete", task: "x", body: {} }, 400],
  ["a rest of no job", { kind: "pause-job", id: "x", isPaused: true }, 404],
];

describe("a call is refused, and nothing changes:", () => {
  it.each(CASES)("%s", (_what, call, status) => {
    expect(refusal(furnished(), call)).toBe(status);
  });

  it.each([{ numAdditionalElementsProcessed: -1 }, { numAdditionalElementsProcessed: 0.5 }, "5", null, -1])(
    "progress of %j",
    (body) => {
      const desk = furnished();
      desk.done(put({ ...CHRONOS, dataProcessingJobType: true }));
      desk.done({ kind: "chronos-run", name: "new", arguments: "" });
      const task = desk.begin("new");
      expect(refusal(desk, { kind: "chronos-progress", name: "new", task, body })).toBe(400);
    },
  );

  it("progress of another job's task", () => {
    const desk = furnished();
    desk.done(put({ ...CHRONOS, dataProcessingJobType: true }));
    const [task] = desk.state.tasks.keys();
    expect(refusal(desk, { kind: "chronos-progress", name: "new", task: task!, body: 1 })).toBe(400);
  });
});

describe("each field with each wrong form is refused, of new jobs and of those that there are:", () => {
  it("Chronos'", () => {
    const desk = furnished();
    for (const { value } of badFields(CHRONOS_FIELDS, "", { ...CHRONOS, name: "a" })) {
      const isRight =
        JSON.stringify(lenient({ kind: "object", fields: CHRONOS_FIELDS }, value)) !== JSON.stringify(value);
      if (!isRight) expect(refusal(desk, put(value))).toBe(400);
    }
  });

  it("Metronome's", () => {
    const desk = furnished();
    for (const { value } of badFields(METRONOME_FIELDS, "", JOB)) expect(refusal(desk, create(value))).toBe(422);
    // The URL's id is right.
    for (const { path, value } of badFields(METRONOME_FIELDS, "", JOB))
      if (path !== "/id") expect(refusal(desk, update("a", value))).toBe(422);
    for (const { value } of badFields(SCHEDULED_JOB_FIELDS, "", JOB))
      expect(refusal(desk, create(value, true))).toBe(422);
  });

  it("schedules'", () => {
    const desk = furnished();
    for (const { value } of badFields(SCHEDULE_FIELDS, "", { ...DAILY, id: "other" }))
      expect(refusal(desk, add(value))).toBe(422);
    for (const { path, value } of badFields(SCHEDULE_FIELDS, "", DAILY))
      if (path !== "/id") expect(refusal(desk, change(value))).toBe(422);
  });
});

const wrong = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom("", -1, 1e300, [null], { "": {} }));

/** A body that is right, but for some of its fields. */
function spoilt(good: object, fields: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  const parts = fc.dictionary(fc.constantFrom(...Object.keys(fields)), wrong, { maxKeys: 2 });
  return fc.oneof(
    { weight: 5, arbitrary: parts.map((part) => ({ ...good, ...part })) },
    { weight: 1, arbitrary: wrong },
  );
}

const ids = fc.constantFrom("a", "b", "c", "new", "constructor", "__proto__");
const lists = fc.array(ids, { maxLength: 3 });
const whens = fc.constantFrom(
  "R/1970-01-02T00:00:00Z/PT1S",
  "R3//PT1H",
  "R0//PT24H",
  "* * * * *",
  "0 0 29 2 *",
  "R/2026-01-31T00:00:00Z/P1M",
);
const catchUps = fc.constantFrom("EACH", "ONE", "NONE");
const chronosBody = fc
  .record(
    {
      name: ids,
      schedule: whens,
      catchUp: catchUps,
      parents: lists,
      disabled: fc.boolean(),
      highPriority: fc.boolean(),
    },
    { requiredKeys: ["name"] },
  )
  .chain((good) => spoilt({ command: "x", ...good }, CHRONOS_FIELDS));
const scheduleBody = fc
  .record(
    { id: fc.constantFrom("daily", "other"), cron: whens, catchUp: catchUps, enabled: fc.boolean() },
    { requiredKeys: ["id", "cron"] },
  )
  .chain((good) => spoilt(good, SCHEDULE_FIELDS));
const jobBody = fc
  .record(
    {
      id: ids,
      dependencies: lists.map((all) => all.map((id) => ({ id }))),
      schedules: fc.array(scheduleBody, { maxLength: 2 }),
    },
    { requiredKeys: ["id"] },
  )
  .chain((good) => spoilt({ run: { cmd: "x" }, ...good }, SCHEDULED_JOB_FIELDS));

const anyCall: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ kind: fc.constant("chronos-put" as const), isDependent: fc.boolean(), body: chronosBody }),
  fc.record({ kind: fc.constant("chronos-delete" as const), name: ids }),
  fc.record({ kind: fc.constant("chronos-run" as const), name: ids, arguments: fc.string() }),
  fc.record({ kind: fc.constant("chronos-success" as const), name: ids }),
  fc.record({ kind: fc.constant("chronos-kill" as const), name: ids }),
  fc.record({ kind: fc.constant("create-job" as const), isWhole: fc.boolean(), body: jobBody }),
  fc.record({ kind: fc.constant("update-job" as const), id: ids, isWhole: fc.boolean(), body: jobBody }),
  fc.record({ kind: fc.constant("delete-job" as const), id: ids, stopCurrentJobRuns: fc.boolean() }),
  fc.record({ kind: fc.constant("create-schedule" as const), job: ids, body: scheduleBody }),
  fc.record({
    kind: fc.constant("update-schedule" as const),
    job: ids,
    schedule: fc.constantFrom("daily", "other"),
    body: scheduleBody,
  }),
  fc.record({ kind: fc.constant("delete-schedule" as const), job: ids, schedule: fc.constantFrom("daily", "other") }),
  fc.record({ kind: fc.constant("start-run" as const), job: ids, body: fc.oneof(fc.constant(undefined), wrong) }),
  fc.record({ kind: fc.constant("pause-job" as const), id: ids, isPaused: fc.boolean() }),
);

describe("whatever a call says", () => {
  it("it is answered; refused it changes nothing; done it is stored, and a new life knows the same", () => {
    fc.assert(
      fc.property(fc.array(anyCall, { maxLength: 8 }), (calls) => {
        const desk = furnished();
        for (const call of calls) {
          const before = digest(desk.state);
          const { answer, saved } = desk.hand(call);
          expect([200, 201, 204, 400, 404, 409, 422]).toContain(answer.status);
          expect(answer.status === 204 ? answer.body : undefined).toBeUndefined();
          if (answer.status >= 400) expect([digest(desk.state), saved]).toEqual([before, []]);
        }
        expect(stored(desk)).toEqual(known(desk));
        for (const query of QUERIES) expect([200, 400, 404]).toContain(desk.see(query).status);
      }),
      { numRuns: 200 },
    );
  });
});

const ALL = new Set(["activeRuns", "schedules", "history", "historySummary"] as const);

const QUERIES: readonly Query[] = [
  { kind: "chronos-jobs" },
  { kind: "chronos-summary" },
  { kind: "chronos-search", search: { name: "a", any: "x", limit: 10, offset: 0 } },
  { kind: "chronos-stats", which: "median" },
  { kind: "chronos-graph", format: "csv" },
  { kind: "chronos-graph", format: "dot" },
  { kind: "jobs", embed: ALL },
  { kind: "queue" },
  ...["a", "b", "c", "new", "__proto__"].flatMap((id): Query[] => [
    { kind: "chronos-job", name: id },
    { kind: "chronos-stat", name: id },
    { kind: "job", id, embed: ALL },
    { kind: "schedules", job: id },
    { kind: "schedule", job: id, schedule: "daily" },
    { kind: "runs", job: id },
    { kind: "run", job: id, run: "x" },
    { kind: "history", job: id, limit: 5 },
    { kind: "explain", job: id },
  ]),
];

/** What the desk knows of its jobs, and what one who reads its records does. */
function known({ state }: Pick<Desk, "state">): unknown {
  const jobs = [...state.entries.values()].map(({ job, stats, round, untilMs, runs, past }) => ({
    job,
    stats,
    round,
    // Who makes up for nothing begins again with each life.
    untilMs: schedulesOf(job).flatMap(({ id, catchUp }) => (catchUp === "NONE" ? [] : [[id, untilMs.get(id)]])),
    runs: [...(runs?.values() ?? [])],
    past: past ?? [],
    parents: state.graph.parents(job.id),
  }));
  return jobs.sort((a, b) => (a.job.id < b.job.id ? -1 : 1));
}

function stored({ records, state, nowMs }: Desk): unknown {
  const settings = { random: createRandom(1), startMs: nowMs, records };
  return known({ state: load(state.config, settings) });
}
