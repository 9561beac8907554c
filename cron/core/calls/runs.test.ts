import { describe, expect, test } from "vitest";
import { Desk } from "./desk.rig.ts";

const start = (body?: unknown) => ({ kind: "start-run", job: "report", body }) as const;
const stop = (run: string) => ({ kind: "stop-run", job: "report", run }) as const;

function desked(run: object = {}): Desk {
  const desk = new Desk();
  desk.done({ kind: "create-job", isWhole: false, body: { id: "report", run: { cmd: "make report", ...run } } });
  return desk;
}

describe("POST /v1/jobs/{id}/runs", () => {
  test("starts a run: 201 with it, nothing of which runs yet", () => {
    const desk = desked();
    const { answer, saved } = desk.done(start());
    expect(answer).toEqual({
      status: 201,
      body: {
        id: expect.stringMatching(/^20260105100002\w{5}$/),
        jobId: "report",
        status: "INITIAL",
        createdAt: "2026-01-05T10:00:02.000+0000",
        completedAt: null,
        tasks: [],
      },
    });
    expect(saved).toEqual([`run/report/${desk.run("report").id}`]);
  });

  test("takes arguments for this run", () => {
    const desk = desked();
    desk.done(start({ arguments: "--all" }));
    expect(desk.run("report").arguments).toBe("--all");
    for (const nothing of [undefined, null, {}, ""]) expect(desk.done(start(nothing)).answer.status).toBe(201);
  });

  test.each([[{ arguments: 5 }], [[]], [5], ["x"], [{ arguments: "x".repeat(5000) }], [{ arguments: "\0" }]])(
    "refuses the body %j",
    (body) => {
      const desk = desked();
      expect(desk.hand(start(body)).answer).toMatchObject({ status: 422, body: { details: [{ path: "/arguments" }] } });
      expect(desk.state.waiting.size).toBe(0);
    },
  );

  test("is refused when there are as many as there may be", () => {
    const desk = new Desk({ mostRuns: 1 });
    desk.done({ kind: "create-job", isWhole: false, body: { id: "report", run: { cmd: "x" } } });
    desk.done(start());
    expect(desk.hand(start()).answer.status).toBe(409);
  });
});

describe("GET of a run", () => {
  test("shows its tasks while it goes on, and is 404 after its end", () => {
    const desk = desked();
    desk.done(start());
    const { id } = desk.run("report");
    expect(desk.see({ kind: "run", job: "report", run: id }).body).toMatchObject({ status: "STARTING", tasks: [] });
    const taskId = desk.begin("report");
    const shown = {
      id,
      jobId: "report",
      status: "ACTIVE",
      createdAt: "2026-01-05T10:00:02.000+0000",
      completedAt: null,
      tasks: [{ id: taskId, startedAt: "2026-01-05T10:00:03.000+0000", status: "TASK_RUNNING" }],
    };
    expect(desk.see({ kind: "run", job: "report", run: id })).toEqual({ status: 200, body: shown });
    expect(desk.see({ kind: "runs", job: "report" })).toEqual({ status: 200, body: [shown] });
    desk.comes("report", taskId, "TASK_FINISHED");
    expect(desk.see({ kind: "runs", job: "report" }).body).toEqual([]);
    expect(desk.see({ kind: "run", job: "report", run: id })).toMatchObject({
      status: 404,
      body: { id, jobSpec: { id: "report" }, message: "Job Run not found" },
    });
  });

  test("shows the attempts that failed", () => {
    const desk = desked({ restart: { policy: "ON_FAILURE" } });
    desk.done(start());
    desk.finish("report", 5, "TASK_FAILED");
    expect(desk.see({ kind: "runs", job: "report" }).body).toMatchObject([
      { status: "STARTING", tasks: [{ status: "TASK_FAILED", completedAt: "2026-01-05T10:00:08.000+0000" }] },
    ]);
  });
});

describe("POST …/actions/stop", () => {
  test("stops what runs: 200 with it, and it fails when its task has ended", () => {
    const desk = desked();
    desk.done(start());
    const taskId = desk.begin("report");
    const { id } = desk.run("report");
    const { answer, effects } = desk.done(stop(id));
    expect(answer).toMatchObject({ status: 200, body: { id, status: "ACTIVE", tasks: [{ status: "TASK_KILLING" }] } });
    expect(effects).toContainEqual(
      expect.objectContaining({ type: "send", call: expect.objectContaining({ type: "KILL" }) }),
    );
    desk.comes("report", taskId, "TASK_KILLED");
    expect(desk.entry("report").stats.errorCount).toBe(1);
    expect(desk.see({ kind: "history", job: "report", limit: 5 }).body).toMatchObject([
      { id, status: "FAILED", message: "It was stopped on request." },
    ]);
  });

  test("ends what waits at once", () => {
    const desk = desked();
    desk.done(start());
    const { id } = desk.run("report");
    expect(desk.done(stop(id)).answer).toMatchObject({
      status: 200,
      body: { id, status: "FAILED", completedAt: "2026-01-05T10:00:03.000+0000" },
    });
    expect(desk.state.waiting.size).toBe(0);
  });

  test("is 404 for a job or a run that is not there, or that has ended", () => {
    const desk = desked();
    expect(desk.hand(stop("x")).answer).toMatchObject({ status: 404, body: { message: "Job Run not found", id: "x" } });
    expect(desk.hand({ ...stop("x"), job: "y" }).answer).toEqual({
      status: 404,
      body: { id: "y", message: "Job not found" },
    });
    desk.done(start());
    const { id } = desk.run("report");
    desk.finish("report", 5);
    expect(desk.hand(stop(id)).answer.status).toBe(404);
  });
});

test("GET /v1/queue shows who waits for an offer, by job", () => {
  const desk = desked();
  expect(desk.see({ kind: "queue" })).toEqual({ status: 200, body: [] });
  desk.done(start());
  const first = desk.run("report").id;
  desk.done(start());
  const second = desk.run("report").id;
  expect(desk.see({ kind: "queue" }).body).toEqual([{ jobId: "report", runs: [{ runId: first }, { runId: second }] }]);
  desk.begin("report");
  expect(desk.see({ kind: "queue" }).body).toEqual([{ jobId: "report", runs: [{ runId: first }] }]);
});
