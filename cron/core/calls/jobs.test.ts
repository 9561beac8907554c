import { describe, expect, test } from "vitest";
import { Desk } from "./desk.rig.ts";

const JOB = { id: "report", run: { cmd: "make report" } };
const NIGHTLY = { id: "nightly", cron: "0 2 * * *", timezone: "Europe/Berlin" };
const create = (body: object) => ({ kind: "create-job", isWhole: false, body }) as const;
const whole = (body: object) => ({ kind: "create-job", isWhole: true, body }) as const;
const update = (id: string, body: object) => ({ kind: "update-job", isWhole: false, id, body }) as const;
const see = (id: string) =>
  ({ kind: "job", id, embed: new Set(["schedules", "activeRuns", "historySummary"] as const) }) as const;

describe("POST /v1/jobs", () => {
  test("makes a job and answers 201 with it, every default filled", () => {
    const desk = new Desk();
    const { answer, saved } = desk.done(create(JOB));
    expect(answer).toMatchObject({
      status: 201,
      body: { id: "report", labels: {}, dependencies: [], run: { cpus: 1, mem: 128, disk: 0 } },
    });
    expect(answer.body).not.toHaveProperty("schedules");
    expect(saved).toEqual(["job/report", "progress/report"]);
  });

  test("is refused where there is one: 409", () => {
    const desk = new Desk();
    desk.done(create(JOB));
    expect(desk.hand(create(JOB)).answer).toEqual({
      status: 409,
      body: { message: "Job with this id already exists" },
    });
  });

  test("does not read schedules", () => {
    const desk = new Desk();
    desk.done(create({ ...JOB, schedules: [NIGHTLY] }));
    expect(desk.entry("report").firings.size).toBe(0);
  });

  test("refuses dependencies that are not there, at their path", () => {
    expect(new Desk().hand(create({ ...JOB, dependencies: [{ id: "load" }] })).answer).toEqual({
      status: 422,
      body: {
        message: "Object is not valid",
        details: [{ path: "/dependencies", errors: ['There is no job "load" to follow. Make it first.'] }],
      },
    });
  });
});

describe("POST /v0/scheduled-jobs", () => {
  test("makes a job with its schedules, and shows them", () => {
    const desk = new Desk();
    const { answer } = desk.done(
      whole({ ...JOB, schedules: [NIGHTLY, { ...NIGHTLY, id: "noon", cron: "0 12 * * *" }] }),
    );
    expect(answer).toMatchObject({
      status: 201,
      body: {
        schedules: [
          {
            id: "nightly",
            nextRunAt: "2026-01-06T01:00:00.000+0000",
            startingDeadlineSeconds: 900,
            concurrencyPolicy: "ALLOW",
          },
          { id: "noon", nextRunAt: "2026-01-05T11:00:00.000+0000" },
        ],
      },
    });
    expect([...desk.entry("report").firings.values()]).toEqual([Date.UTC(2026, 0, 6, 1), Date.UTC(2026, 0, 5, 11)]);
  });

  test("as a dry run shows ten firings of each", () => {
    const desk = new Desk();
    const { answer, saved } = desk.done({ ...whole({ ...JOB, schedules: [NIGHTLY] }), dryRun: true });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        job: { id: "report" },
        schedules: [{ id: "nightly", words: "every day at 02:00 Europe/Berlin", catchUp: "NONE" }],
      },
    });
    const [{ firings }] = (answer.body as { schedules: [{ firings: string[] }] }).schedules;
    expect([firings.length, firings[0], saved]).toEqual([10, "2026-01-06T02:00:00.000+01:00", []]);
  });
});

describe("PUT /v1/jobs/{id}", () => {
  test("changes the job and leaves its schedules, where they stand, and its counts", () => {
    const desk = new Desk();
    desk.done(whole({ ...JOB, schedules: [{ ...NIGHTLY, catchUp: "EACH" }] }));
    desk.done({ kind: "start-run", job: "report", body: undefined });
    desk.finish("report", 10);
    const before = desk.entry("report").untilMs.get("nightly");
    const { answer } = desk.done(update("report", { ...JOB, description: "new", run: { cmd: "make all" } }));
    expect(answer).toMatchObject({ status: 200, body: { id: "report", description: "new", run: { cmd: "make all" } } });
    expect(desk.see(see("report")).body).toMatchObject({
      schedules: [{ id: "nightly", catchUp: "EACH" }],
      historySummary: { successCount: 1 },
    });
    expect(desk.entry("report").untilMs.get("nightly")).toBe(before);
  });

  test("of a job that is not there: 404", () => {
    expect(new Desk().hand(update("x", JOB)).answer).toEqual({
      status: 404,
      body: { id: "x", message: "Job not found" },
    });
  });

  test("does not rename: the URL's id counts", () => {
    const desk = new Desk();
    desk.done(create(JOB));
    expect(desk.done(update("report", { ...JOB, id: "other" })).answer.body).toMatchObject({ id: "report" });
    expect([...desk.state.entries.keys()]).toEqual(["report"]);
  });

  test("as a whole brings the schedules: those that it does not name are gone", () => {
    const desk = new Desk();
    desk.done(whole({ ...JOB, schedules: [NIGHTLY] }));
    const body = { ...JOB, schedules: [{ ...NIGHTLY, id: "weekly", cron: "0 0 * * 0" }] };
    const { answer } = desk.done({ kind: "update-job", isWhole: true, id: "report", body });
    expect(answer).toMatchObject({ status: 200, body: { schedules: [{ id: "weekly" }] } });
    expect([...desk.entry("report").firings.keys()]).toEqual(["weekly"]);
  });

  test("refuses a circle", () => {
    const desk = new Desk();
    desk.done(create({ ...JOB, id: "a" }));
    desk.done(create({ ...JOB, id: "b", dependencies: [{ id: "a" }] }));
    expect(desk.hand(update("a", { ...JOB, dependencies: [{ id: "b" }] })).answer).toMatchObject({
      status: 422,
      body: { details: [{ path: "/dependencies", errors: [expect.stringContaining("a after b after a")] }] },
    });
  });
});

describe("DELETE /v1/jobs/{id}", () => {
  const remove = (id: string, stopCurrentJobRuns = false) => ({ kind: "delete-job", id, stopCurrentJobRuns }) as const;

  test("answers with the job that was, and nothing of it is left", () => {
    const desk = new Desk();
    desk.done(whole({ ...JOB, schedules: [NIGHTLY] }));
    desk.done({ kind: "start-run", job: "report", body: undefined });
    desk.finish("report", 10);
    expect(desk.done(remove("report")).answer).toMatchObject({ status: 200, body: { id: "report" } });
    expect([[...desk.records.keys()], desk.state.past.size]).toEqual([[], 0]);
    expect(desk.hand(remove("report")).answer.status).toBe(404);
  });

  test("is refused while it runs, unless that is to be stopped", () => {
    const desk = new Desk();
    desk.done(create(JOB));
    desk.done({ kind: "start-run", job: "report", body: undefined });
    expect(desk.hand(remove("report")).answer).toEqual({
      status: 409,
      body: { message: "There are active job runs. Override with stopCurrentJobRuns=true" },
    });
    expect(desk.done(remove("report", true)).answer.status).toBe(200);
    expect([desk.state.waiting.size, [...desk.records.keys()]]).toEqual([0, []]);
  });

  test("is refused while others depend on it", () => {
    const desk = new Desk();
    desk.done(create(JOB));
    desk.done(create({ ...JOB, id: "mail", dependencies: [{ id: "report" }] }));
    expect(desk.hand(remove("report")).answer).toEqual({
      status: 409,
      body: { message: "Other jobs depend on this one: mail" },
    });
  });
});

describe("POST /v1/jobs/{id}/actions/pause and resume", () => {
  test("let nothing but a hand start it, and begin again now", () => {
    const desk = new Desk();
    desk.done(whole({ ...JOB, schedules: [{ ...NIGHTLY, cron: "* * * * *", catchUp: "EACH" }] }));
    expect(desk.done({ kind: "pause-job", id: "report", isPaused: true }).answer).toMatchObject({
      status: 200,
      body: { id: "report" },
    });
    expect(desk.entry("report").firings.size).toBe(0);
    expect(desk.see(see("report")).body).toMatchObject({ schedules: [{ enabled: false }] });
    expect(desk.done({ kind: "start-run", job: "report", body: undefined }).answer.status).toBe(201);
    desk.nowMs += 3_600_000;
    desk.done({ kind: "pause-job", id: "report", isPaused: false });
    expect([...desk.entry("report").firings.values()]).toEqual([Math.ceil(desk.nowMs / 60_000) * 60_000]);
  });

  test("change nothing the second time, and are 404 where there is no job", () => {
    const desk = new Desk();
    desk.done(create(JOB));
    desk.done({ kind: "pause-job", id: "report", isPaused: true });
    expect(desk.done({ kind: "pause-job", id: "report", isPaused: true }).saved).toEqual([]);
    expect(desk.hand({ kind: "pause-job", id: "x", isPaused: true }).answer.status).toBe(404);
  });

  test("leave schedules that rest by themselves at rest", () => {
    const desk = new Desk();
    desk.done(whole({ ...JOB, schedules: [{ ...NIGHTLY, enabled: false }] }));
    desk.done({ kind: "pause-job", id: "report", isPaused: true });
    desk.done({ kind: "pause-job", id: "report", isPaused: false });
    expect(desk.entry("report").firings.size).toBe(0);
  });
});

describe("GET /v1/jobs", () => {
  const list = (...embed: ("activeRuns" | "schedules" | "history" | "historySummary")[]) =>
    ({ kind: "jobs", embed: new Set(embed) }) as const;

  test("has what is asked for, and no key for runs that are not", () => {
    const desk = new Desk();
    desk.done(whole({ ...JOB, schedules: [NIGHTLY] }));
    desk.done(create({ ...JOB, id: "busy" }));
    desk.done({ kind: "start-run", job: "busy", body: undefined });
    const bare = desk.see(list()).body as object[];
    expect(bare.map((job) => Object.keys(job))).toEqual(Array(2).fill(["id", "labels", "dependencies", "run"]));
    const all = desk.see(list("activeRuns", "schedules", "history", "historySummary")).body as object[];
    expect(all).toMatchObject([
      { schedules: [{ id: "nightly" }] },
      { activeRuns: [{ jobId: "busy", status: "STARTING" }], schedules: [] },
    ]);
    expect(all[0]).not.toHaveProperty("activeRuns");
  });

  test("of one job has an empty list of runs", () => {
    const desk = new Desk();
    desk.done(create(JOB));
    expect(desk.see({ kind: "job", id: "report", embed: new Set(["activeRuns"]) }).body).toMatchObject({
      activeRuns: [],
    });
    expect(desk.see({ kind: "job", id: "x", embed: new Set() })).toEqual({
      status: 404,
      body: { id: "x", message: "Job not found" },
    });
  });

  test("has the history, the newest first, by outcome", () => {
    const desk = new Desk();
    desk.done(create(JOB));
    const ids = ["TASK_FINISHED", "TASK_FAILED", "TASK_FINISHED"].map((state) => {
      desk.done({ kind: "start-run", job: "report", body: undefined });
      const { id } = desk.run("report");
      desk.finish("report", 10, state as "TASK_FINISHED");
      return id;
    });
    const { body } = desk.see({ kind: "job", id: "report", embed: new Set(["history", "historySummary"]) });
    expect(body).toMatchObject({
      history: {
        successCount: 2,
        failureCount: 1,
        lastSuccessAt: "2026-01-05T10:00:37.000+0000",
        lastFailureAt: "2026-01-05T10:00:25.000+0000",
        successfulFinishedRuns: [
          { id: ids[2] },
          { id: ids[0], createdAt: "2026-01-05T10:00:02.000+0000", finishedAt: "2026-01-05T10:00:13.000+0000" },
        ],
        failedFinishedRuns: [{ id: ids[1], tasks: [expect.stringMatching(/^ct:\d+:0:report:$/)] }],
      },
      historySummary: { successCount: 2, failureCount: 1 },
    });
  });

  test("shows what was while it is read, whatever happens since", () => {
    const desk = new Desk();
    desk.done(create(JOB));
    desk.done({ kind: "start-run", job: "report", body: undefined });
    const taskId = desk.begin("report");
    const seen = desk.reading(list("activeRuns", "history"));
    desk.comes("report", taskId, "TASK_FINISHED");
    expect(JSON.parse([...seen.pieces].join(""))).toMatchObject([
      { activeRuns: [{ status: "ACTIVE" }], history: { successCount: 0, successfulFinishedRuns: [] } },
    ]);
  });
});
