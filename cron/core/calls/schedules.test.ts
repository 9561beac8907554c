import { describe, expect, test } from "vitest";
import { Desk } from "./desk.rig.ts";

const JOB = { id: "report", run: { cmd: "make report" } };
const NIGHTLY = { id: "nightly", cron: "0 2 * * *", timezone: "Europe/Berlin" };
const SHOWN = {
  ...NIGHTLY,
  startingDeadlineSeconds: 900,
  concurrencyPolicy: "ALLOW",
  enabled: true,
  nextRunAt: "2026-01-06T01:00:00.000+0000",
};
const create = (body: object, job = "report") => ({ kind: "create-schedule", job, body }) as const;
const update = (schedule: string, body: object, job = "report") =>
  ({ kind: "update-schedule", job, schedule, body }) as const;
const remove = (schedule: string, job = "report") => ({ kind: "delete-schedule", job, schedule }) as const;

function desked(): Desk {
  const desk = new Desk();
  desk.done({ kind: "create-job", isWhole: false, body: JOB });
  return desk;
}

describe("POST /v1/jobs/{id}/schedules", () => {
  test("adds a schedule: 201 with it", () => {
    const desk = desked();
    expect(desk.done(create(NIGHTLY)).answer).toEqual({ status: 201, body: SHOWN });
    expect(desk.see({ kind: "schedules", job: "report" })).toEqual({ status: 200, body: [SHOWN] });
    expect(desk.see({ kind: "schedule", job: "report", schedule: "nightly" })).toEqual({ status: 200, body: SHOWN });
  });

  test("takes several, but not two of one id", () => {
    const desk = desked();
    desk.done(create(NIGHTLY));
    desk.done(create({ ...NIGHTLY, id: "noon", cron: "0 12 * * *" }));
    expect(desk.hand(create(NIGHTLY)).answer).toEqual({
      status: 409,
      body: { message: "Schedule with this id already exists" },
    });
    expect([...desk.entry("report").firings.keys()]).toEqual(["nightly", "noon"]);
  });

  test("takes the spelling of dcos' command line", () => {
    const { timezone: timeZone, ...rest } = NIGHTLY;
    expect(desked().done(create({ ...rest, timeZone })).answer.body).toEqual(SHOWN);
  });

  test("is refused for a job that depends on others", () => {
    const desk = desked();
    desk.done({ kind: "create-job", isWhole: false, body: { ...JOB, id: "mail", dependencies: [{ id: "report" }] } });
    expect(desk.hand(create(NIGHTLY, "mail")).answer).toMatchObject({ status: 422 });
  });

  test("as a dry run shows the next ten of all its schedules, and changes nothing", () => {
    const desk = desked();
    desk.done(create(NIGHTLY));
    const { answer, saved } = desk.done({ ...create({ ...NIGHTLY, id: "noon", cron: "0 12 * * *" }), dryRun: true });
    expect(answer).toMatchObject({
      status: 200,
      body: { job: { id: "report" }, schedules: [{ id: "nightly" }, { id: "noon", firings: expect.any(Array) }] },
    });
    expect([saved, [...desk.entry("report").firings.keys()]]).toEqual([[], ["nightly"]]);
  });
});

describe("PUT /v1/jobs/{id}/schedules/{schedule}", () => {
  test("changes it: 200 with it", () => {
    const desk = desked();
    desk.done(create(NIGHTLY));
    const { answer } = desk.done(update("nightly", { ...NIGHTLY, cron: "0 3 * * *", concurrencyPolicy: "FORBID" }));
    expect(answer).toMatchObject({ status: 200, body: { cron: "0 3 * * *", concurrencyPolicy: "FORBID" } });
    expect([...desk.entry("report").firings.values()]).toEqual([Date.UTC(2026, 0, 6, 2)]);
  });

  test("as it was shown changes nothing of where it stands", () => {
    const desk = desked();
    desk.done(create({ ...NIGHTLY, cron: "R5/2026-01-05T12:00:00Z/PT1H", catchUp: "ONE" }));
    const before = desk.records.get("progress/report");
    const { body } = desk.see({ kind: "schedule", job: "report", schedule: "nightly" });
    desk.done(update("nightly", body as object));
    expect(desk.records.get("progress/report")).toBe(before);
  });

  test("enabled again begins now: what it missed is over", () => {
    const desk = desked();
    desk.done(create({ ...NIGHTLY, cron: "* * * * *", enabled: false, catchUp: "EACH" }));
    expect(desk.entry("report").firings.size).toBe(0);
    desk.nowMs += 3_600_000;
    desk.done(update("nightly", { ...NIGHTLY, cron: "* * * * *", catchUp: "EACH" }));
    expect(desk.entry("report").firings.get("nightly")).toBeGreaterThan(desk.nowMs);
  });
});

test("DELETE of a schedule answers 200 without a body, and it fires no more", () => {
  const desk = desked();
  desk.done(create(NIGHTLY));
  expect(desk.done(remove("nightly")).answer).toEqual({ status: 200 });
  expect([desk.entry("report").firings.size, desk.entry("report").untilMs.size]).toEqual([0, 0]);
  expect(desk.see({ kind: "schedules", job: "report" }).body).toEqual([]);
});

test("jobs and schedules that are not there are 404, and say which", () => {
  const desk = desked();
  const noJob = { status: 404, body: { id: "x", message: "Job not found" } };
  const noSchedule = { status: 404, body: { id: "x", message: "Schedule not found" } };
  expect(desk.hand(create(NIGHTLY, "x")).answer).toEqual(noJob);
  expect(desk.hand(update("nightly", NIGHTLY, "x")).answer).toEqual(noJob);
  expect(desk.hand(remove("nightly", "x")).answer).toEqual(noJob);
  expect(desk.see({ kind: "schedules", job: "x" })).toEqual(noJob);
  expect(desk.see({ kind: "schedule", job: "x", schedule: "x" })).toEqual(noJob);
  expect(desk.hand(update("x", NIGHTLY)).answer).toEqual(noSchedule);
  expect(desk.hand(remove("x")).answer).toEqual(noSchedule);
  expect(desk.see({ kind: "schedule", job: "report", schedule: "x" })).toEqual(noSchedule);
});
