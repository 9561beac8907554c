import { describe, expect, test } from "vitest";
import { Desk } from "../calls/desk.rig.ts";

const job = (name: string, more: object = {}) =>
  ({ kind: "chronos-put", isDependent: "parents" in more, body: { name, command: `run ${name}`, ...more } }) as const;
const HOURLY = { schedule: "R/2026-01-06T00:00:00Z/PT1H" };
const run = (name: string) => ({ kind: "chronos-run", name, arguments: "" }) as const;

/** Two scheduled jobs, the second of which has run and failed, and one that follows both. */
function furnished(): Desk {
  const desk = new Desk();
  desk.done(job("load", HOURLY));
  desk.done(job("clean", { ...HOURLY, retries: 0, disabled: true }));
  desk.done(job("report", { parents: ["load", "clean"] }));
  desk.done(run("clean"));
  desk.finish("clean", 90, "TASK_FAILED");
  return desk;
}

describe("GET /jobs", () => {
  test("has every job with every field that has a default", () => {
    const { body } = furnished().see({ kind: "chronos-jobs" });
    expect(body).toMatchObject([{ name: "load" }, { name: "clean", errorCount: 1 }, { name: "report" }]);
    const [first] = body as object[];
    expect(Object.keys(first!).sort().join(" ")).toBe(
      "arguments async command concurrent constraints cpus dataProcessingJobType description disabled disk environmentVariables epsilon errorCount " +
        "errorsSinceLastSuccess executor executorFlags fetch highPriority lastError lastSuccess maxCompletionTime mem name owner ownerName retries runAsUser " +
        "schedule scheduleTimeZone shell softError successCount taskInfoData uris",
    );
  });

  test("shows a schedule with its next start and what is left of it", () => {
    const desk = new Desk();
    desk.done(job("load", { schedule: "R3/2026-01-31T00:00:00Z/P1M" }));
    expect(desk.see({ kind: "chronos-jobs" }).body).toMatchObject([{ schedule: "R3/2026-01-31T00:00:00.000Z/P1M" }]);
  });

  test("is an empty list when there are none", () => {
    expect(new Desk().see({ kind: "chronos-jobs" })).toEqual({ status: 200, body: [] });
  });
});

describe("GET /jobs/summary", () => {
  test("has how each has fared and what it does", () => {
    const desk = furnished();
    desk.done(run("load"));
    expect(desk.see({ kind: "chronos-summary" }).body).toEqual({
      jobs: [
        {
          name: "load",
          status: "fresh",
          state: "queued",
          schedule: "R/2026-01-06T00:00:00.000Z/PT1H",
          parents: [],
          disabled: false,
        },
        {
          name: "clean",
          status: "failure",
          state: "idle",
          schedule: "R/2026-01-06T00:00:00.000Z/PT1H",
          parents: [],
          disabled: true,
        },
        { name: "report", status: "fresh", state: "idle", schedule: "", parents: ["load", "clean"], disabled: false },
      ],
    });
  });

  test("counts what runs", () => {
    const desk = furnished();
    for (let i = 0; i < 2; i++) {
      desk.done(run("load"));
      desk.begin("load");
    }
    expect(desk.see({ kind: "chronos-summary" }).body).toMatchObject({ jobs: [{ state: "2 running" }, {}, {}] });
  });
});

describe("GET /jobs/search", () => {
  const search = (more: object) => {
    const { body } = furnished().see({ kind: "chronos-search", search: { limit: 10, offset: 0, ...more } });
    return (body as { name: string }[]).map(({ name }) => name);
  };

  test("finds parts of names and commands in any case; both must be there", () => {
    expect(search({})).toEqual(["load", "clean", "report"]);
    expect(search({ name: "LO" })).toEqual(["load"]);
    expect(search({ command: "RUN L" })).toEqual(["load"]);
    expect(search({ name: "load", command: "clean" })).toEqual([]);
    expect(search({ name: "" })).toEqual(["load", "clean", "report"]);
  });

  test("any saves whom the others refuse, and refuses nobody", () => {
    expect(search({ any: "clean" })).toEqual(["load", "clean", "report"]);
    expect(search({ name: "load", any: "clean" })).toEqual(["load", "clean"]);
  });

  test("shows a part of them", () => {
    expect(search({ offset: 1, limit: 1 })).toEqual(["clean"]);
    expect(search({ offset: 5 })).toEqual([]);
    expect(search({ limit: 0 })).toEqual([]);
  });
});

describe("GET /job/stat/{name}", () => {
  test("has the times that its runs took, in seconds, and its tasks, the newest first", () => {
    const desk = new Desk();
    desk.done(job("load", HOURLY));
    for (const seconds of [10, 20, 3725]) {
      desk.done(run("load"));
      desk.finish("load", seconds);
    }
    desk.done(run("load"));
    const taskId = desk.begin("load", "h2");
    const { status, body } = desk.see({ kind: "chronos-stat", name: "load" });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      histogram: { median: 20, count: 3, mean: (10 + 20 + 3725) / 3 },
      taskStatHistory: [
        {
          taskId,
          jobName: "load",
          slaveId: "agent-h2",
          startTime: "01/05/26 11:02:44",
          endTime: "N/A",
          duration: "N/A",
          status: "Running",
        },
        {
          startTime: "01/05/26 10:00:37",
          endTime: "01/05/26 11:02:42",
          duration: "1h2m5s",
          status: "Success",
          numElementsProcessed: 0,
        },
        { duration: "20s" },
        { duration: "10s", startTime: "01/05/26 10:00:03" },
      ],
    });
  });

  test("of a job that has not run is all zero", () => {
    const { body } = furnished().see({ kind: "chronos-stat", name: "load" });
    const zero = {
      "75thPercentile": 0,
      "95thPercentile": 0,
      "98thPercentile": 0,
      "99thPercentile": 0,
      median: 0,
      mean: 0,
      count: 0,
    };
    expect(body).toEqual({ histogram: zero, taskStatHistory: [] });
  });

  test("tells failed tasks", () => {
    expect(furnished().see({ kind: "chronos-stat", name: "clean" }).body).toMatchObject({
      taskStatHistory: [{ status: "Fail", duration: "1m30s" }],
    });
  });
});

describe("GET /stats/{which}", () => {
  test.each(["99thPercentile", "98thPercentile", "95thPercentile", "75thPercentile", "median", "mean"])(
    "%s has the slowest first",
    (which) => {
      const desk = furnished();
      for (const [name, seconds] of [
        ["load", 10],
        ["clean", 20],
      ] as const) {
        desk.done(run(name));
        desk.finish(name, seconds);
      }
      expect(desk.see({ kind: "chronos-stats", which }).body).toEqual([
        { jobNameLabel: "clean", time: 20 },
        { jobNameLabel: "load", time: 10 },
      ]);
    },
  );

  test.each(["max", "", "constructor"])("%j is refused", (which) => {
    expect(new Desk().see({ kind: "chronos-stats", which })).toMatchObject({
      status: 400,
      body: { status: "Bad Request" },
    });
  });
});

test("GET /graph shows who follows whom, as lines and as a drawing", () => {
  const desk = furnished();
  desk.done(run("load"));
  const csv =
    "node,load,fresh,queued\nnode,clean,failure,idle\nnode,report,fresh,idle\nlink,load,report\nlink,clean,report\n";
  expect(desk.see({ kind: "chronos-graph", format: "csv" })).toEqual({ status: 200, body: csv });
  expect(desk.see({ kind: "chronos-graph", format: "dot" }).body).toContain('"clean" -> "report"');
  expect(desk.reading({ kind: "chronos-graph", format: "dot" }).isText).toBe(true);
});

test("GET /graph/csv of no jobs is a line without anything, since clients take no bytes for a failure", () => {
  expect(new Desk().see({ kind: "chronos-graph", format: "csv" })).toEqual({ status: 200, body: "\n" });
});

test("a job that is not there is a 400", () => {
  const desk = new Desk();
  const body = { status: "Bad Request", message: 'No job is called "x".' };
  expect(desk.see({ kind: "chronos-job", name: "x" })).toEqual({ status: 400, body });
  expect(desk.see({ kind: "chronos-stat", name: "x" })).toEqual({ status: 400, body });
});
