import { describe, expect, test } from "vitest";
import { Desk } from "./desk.rig.ts";

const JOB = { name: "report", command: "make report", owner: "a@example.com", schedule: "R/2026-01-06T00:00:00Z/PT1H" };
const put = (body: object, isDependent = false) => ({ kind: "chronos-put", isDependent, body }) as const;
const see = (name: string) => ({ kind: "chronos-job", name }) as const;

describe("POST /iso8601 and /dependency", () => {
  test("make a job: 204 without a body, and the job is stored", () => {
    const desk = new Desk();
    const { answer, saved } = desk.done(put(JOB));
    expect(answer).toEqual({ status: 204 });
    expect(saved).toEqual(["job/report", "progress/report"]);
    expect(desk.see(see("report"))).toMatchObject({
      status: 200,
      body: { ...JOB, schedule: "R/2026-01-06T00:00:00.000Z/PT1H" },
    });
  });

  test("replace the job of the same name; its runs go on", () => {
    const desk = new Desk();
    desk.done(put(JOB));
    desk.done({ kind: "chronos-run", name: "report", arguments: "" });
    desk.begin("report");
    desk.done(put({ ...JOB, command: "make all" }));
    expect(desk.see(see("report")).body).toMatchObject({ command: "make all" });
    expect(desk.run("report").phase).toBe("active");
  });

  test("leave the counts alone unless the body brings them", () => {
    const desk = new Desk();
    desk.done(put(JOB));
    desk.done({ kind: "chronos-success", name: "report" });
    desk.done(put(JOB));
    expect(desk.see(see("report")).body).toMatchObject({ successCount: 1, lastSuccess: "2026-01-05T10:00:02.000Z" });
    desk.done(put({ ...JOB, successCount: 9, lastError: "2026-01-01T00:00:00Z" }));
    expect(desk.see(see("report")).body).toMatchObject({
      successCount: 9,
      lastSuccess: "",
      lastError: "2026-01-01T00:00:00.000Z",
    });
  });

  test("make a dependent job of a scheduled one and the reverse, with the edges of the graph", () => {
    const desk = new Desk();
    desk.done(put(JOB));
    desk.done(put({ ...JOB, name: "mail" }));
    const { schedule: _, ...bare } = JOB;
    desk.done(put({ ...bare, name: "mail", parents: ["report"] }, true));
    expect(desk.state.graph.children("report")).toEqual(["mail"]);
    expect(desk.entry("mail").firings.size).toBe(0);
    expect(desk.see(see("mail")).body).toMatchObject({ parents: ["report"] });
    desk.done(put({ ...JOB, name: "mail" }));
    expect(desk.state.graph.children("report")).toEqual([]);
    expect(desk.entry("mail").firings.size).toBe(1);
  });

  test("with neither schedule nor parents run the job once, now", () => {
    const desk = new Desk();
    desk.done(put({ name: "once", command: "true" }));
    expect(desk.see(see("once")).body).toMatchObject({ schedule: "R1/2026-01-05T10:00:01.000Z/PT24H" });
    expect([...desk.entry("once").firings.values()]).toEqual([desk.nowMs]);
  });

  test("take a start in the past as due now", () => {
    const desk = new Desk();
    desk.done(put({ ...JOB, schedule: "R/2026-01-01T00:00:00Z/PT24H" }));
    expect([...desk.entry("report").firings.values()]).toEqual([Date.UTC(2026, 0, 1)]);
  });

  test("as a PUT change only what is there", () => {
    const desk = new Desk();
    expect(desk.hand({ ...put(JOB), mustExist: true }).answer).toEqual({
      status: 400,
      body: { status: "Bad Request", message: 'No job is called "report".' },
    });
    desk.done(put(JOB));
    expect(desk.hand({ ...put(JOB), mustExist: true }).answer).toEqual({ status: 204 });
  });

  test("as a dry run say when it would run, in its zone, and change nothing", () => {
    const desk = new Desk();
    const berlin = { ...JOB, schedule: "0 9 * * MON-FRI", scheduleTimeZone: "Europe/Berlin" };
    const { answer, saved, effects } = desk.done({ ...put(berlin), dryRun: true });
    expect(answer).toMatchObject({
      status: 200,
      body: {
        job: { name: "report", schedule: "0 9 * * MON-FRI" },
        schedules: [
          { id: "default", words: "every weekday at 09:00 Europe/Berlin", zone: "Europe/Berlin", catchUp: "ONE" },
        ],
      },
    });
    const [{ firings }] = (answer.body as { schedules: [{ firings: string[] }] }).schedules;
    expect(firings).toHaveLength(10);
    expect(firings.slice(0, 5)).toEqual([
      "2026-01-06T09:00:00.000+01:00",
      "2026-01-07T09:00:00.000+01:00",
      "2026-01-08T09:00:00.000+01:00",
      "2026-01-09T09:00:00.000+01:00",
      "2026-01-12T09:00:00.000+01:00",
    ]);
    expect([saved, effects.length, desk.state.entries.size]).toEqual([[], 1, 0]);
  });

  test("as a dry run of a start in the past begin now, once for all that were missed", () => {
    const desk = new Desk();
    const past = { ...JOB, schedule: "R3/2026-01-01T00:00:00Z/P1D" };
    const { answer } = desk.done({ ...put(past), dryRun: true });
    expect(answer.body).toMatchObject({
      schedules: [{ firings: ["2026-01-05T10:00:01.000Z", "2026-01-06T00:00:00.000Z", "2026-01-07T00:00:00.000Z"] }],
    });
  });
});

test("DELETE /job/{name} removes it, kills its tasks and tells its owner", () => {
  const desk = new Desk();
  desk.done(put(JOB));
  desk.done({ kind: "chronos-run", name: "report", arguments: "" });
  const taskId = desk.begin("report");
  const { answer, notes, effects } = desk.done({ kind: "chronos-delete", name: "report" });
  expect(answer).toEqual({ status: 204 });
  expect(notes).toMatchObject([{ job: "report", owner: "a@example.com", subject: "Job report has been removed" }]);
  expect(effects).toContainEqual({
    type: "send",
    call: { type: "KILL", kill: expect.objectContaining({ task_id: { value: taskId } }) },
  });
  expect(desk.see(see("report")).status).toBe(400);
  expect([...desk.records.keys()]).toEqual([]);
});

describe("PUT /job/{name}", () => {
  test("runs it now, with arguments behind its command and without semicolons", () => {
    const desk = new Desk();
    desk.done(put(JOB));
    const { answer, saved } = desk.done({ kind: "chronos-run", name: "report", arguments: "--all; rm -rf /" });
    expect(answer).toEqual({ status: 204 });
    expect(desk.run("report")).toMatchObject({
      arguments: "--all rm -rf /",
      phase: "waiting",
      cause: { type: "hand" },
    });
    expect(saved).toEqual([`run/report/${desk.run("report").id}`]);
  });

  test("runs it when its present run has ended, if it does not run twice at once", () => {
    const desk = new Desk();
    desk.done(put(JOB));
    for (const text of ["1", "2", "3"]) desk.done({ kind: "chronos-run", name: "report", arguments: text });
    const waiting = () => [...desk.state.waiting].map(({ run }) => desk.entry("report").runs!.get(run)!.arguments);
    expect(waiting()).toEqual(["1"]);
    const [oldest] = desk.entry("report").runs!.keys();
    desk.done({ kind: "stop-run", job: "report", run: oldest! });
    expect(waiting()).toEqual(["2"]);
    expect(desk.see({ kind: "explain", job: "report" }).body).toMatchObject({
      sentences: expect.arrayContaining([expect.stringContaining("waits until the one under way has ended")]),
    });
    desk.done(put({ ...JOB, concurrent: true }));
    expect(waiting()).toEqual(["2", "3"]);
    desk.done({ kind: "chronos-run", name: "report", arguments: "4" });
    expect(waiting()).toEqual(["2", "3", "4"]);
  });

  test("runs a disabled job as well", () => {
    const desk = new Desk();
    desk.done(put({ ...JOB, disabled: true }));
    expect(desk.done({ kind: "chronos-run", name: "report", arguments: "" }).answer.status).toBe(204);
  });

  test("is refused when it has as many runs as it may", () => {
    const desk = new Desk({ mostRuns: 1 });
    desk.done(put(JOB));
    desk.done({ kind: "chronos-run", name: "report", arguments: "" });
    expect(desk.hand({ kind: "chronos-run", name: "report", arguments: "" }).answer).toMatchObject({
      status: 400,
      body: { message: expect.stringContaining("1 runs that have not ended") },
    });
  });
});

describe("PUT /job/success/{name}", () => {
  test("counts as a success, and what follows it runs", () => {
    const desk = new Desk();
    desk.done(put(JOB));
    desk.done(put({ name: "mail", command: "true", parents: ["report"] }, true));
    expect(desk.done({ kind: "chronos-success", name: "report" }).answer).toEqual({
      status: 200,
      isText: true,
      body: "marked job report as successful: true",
    });
    expect(desk.entry("report").stats).toMatchObject({
      successCount: 1,
      errorsSinceLastSuccess: 0,
      lastSuccessMs: desk.nowMs,
    });
    expect(desk.run("mail").cause).toEqual({ type: "parents" });
    expect(JSON.parse(desk.records.get("progress/report")!).stats.successCount).toBe(1);
  });

  test("says false of a job that is not there", () => {
    expect(new Desk().hand({ kind: "chronos-success", name: "x" }).answer.body).toBe(
      "marked job x as successful: false",
    );
  });
});

describe("DELETE /task/kill/{name}", () => {
  test("kills what runs and leaves what waits", () => {
    const desk = new Desk();
    desk.done(put({ ...JOB, concurrent: true }));
    desk.done({ kind: "chronos-run", name: "report", arguments: "" });
    const taskId = desk.begin("report");
    desk.done({ kind: "chronos-run", name: "report", arguments: "" });
    expect(desk.done({ kind: "chronos-kill", name: "report" }).answer).toEqual({ status: 204 });
    expect([...desk.state.kills.keys()]).toEqual([taskId]);
    expect([...desk.entry("report").runs!.values()].map(({ phase }) => phase)).toEqual(["stopping", "waiting"]);
  });

  test("counts nothing when the task has ended", () => {
    const desk = new Desk();
    desk.done(put(JOB));
    desk.done({ kind: "chronos-run", name: "report", arguments: "" });
    const taskId = desk.begin("report");
    desk.done({ kind: "chronos-kill", name: "report" });
    desk.comes("report", taskId, "TASK_KILLED");
    expect(desk.entry("report")).toMatchObject({ runs: undefined, stats: { errorCount: 0, successCount: 0 } });
  });
});

describe("tasks that tell of themselves", () => {
  const data = { ...JOB, dataProcessingJobType: true };
  const progress = (task: string, body: unknown) => ({ kind: "chronos-progress", name: "report", task, body }) as const;

  function running(body: object): { desk: Desk; taskId: string } {
    const desk = new Desk();
    desk.done(put(body));
    desk.done({ kind: "chronos-run", name: "report", arguments: "" });
    return { desk, taskId: desk.begin("report") };
  }

  test("add up what they have processed", () => {
    const { desk, taskId } = running(data);
    expect(desk.done(progress(taskId, { numAdditionalElementsProcessed: 5 })).answer).toEqual({ status: 204 });
    desk.done(progress(taskId, { numAdditionalElementsProcessed: 0 }));
    const { saved } = desk.done(progress(taskId, 2));
    expect(saved).toEqual([`run/report/${desk.run("report").id}`]);
    expect(desk.see({ kind: "chronos-stat", name: "report" }).body).toMatchObject({
      taskStatHistory: [{ taskId, status: "Running", numElementsProcessed: 7 }],
    });
  });

  test("say how they ended", () => {
    const { desk, taskId } = running({ ...JOB, async: true });
    expect(desk.done({ kind: "chronos-complete", task: taskId, body: { statusCode: 0 } }).answer).toEqual({
      status: 204,
    });
    expect(desk.entry("report").stats.successCount).toBe(1);
  });

  test("say that they failed", () => {
    const { desk, taskId } = running({ ...JOB, async: true, retries: 0 });
    desk.done({ kind: "chronos-complete", task: taskId, body: { statusCode: 1 } });
    expect(desk.entry("report").stats).toMatchObject({ successCount: 0, errorCount: 1 });
  });
});
