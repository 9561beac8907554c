import { describe, expect, test } from "vitest";
import { Desk } from "../calls/desk.rig.ts";

const create = (id: string, more: object = {}) =>
  ({ kind: "create-job", isWhole: true, body: { id, run: { cmd: "x", cpus: 0.5, mem: 4096 }, ...more } }) as const;
const start = (job: string) => ({ kind: "start-run", job, body: undefined }) as const;
const NIGHTLY = { id: "nightly", cron: "0 2 * * *", timezone: "Europe/Berlin" };

test("the jobs of both APIs are one set: what is made by one is seen, run and removed by the other", () => {
  const desk = new Desk();
  const body = { name: "Report_1", command: "make", schedule: "R/2026-01-06T00:00:00Z/P1D", owner: "a@example.com" };
  desk.done({ kind: "chronos-put", isDependent: false, body });
  desk.done(create("mail", { dependencies: [{ id: "Report_1" }] }));
  expect(desk.see({ kind: "jobs", embed: new Set(["schedules"]) }).body).toMatchObject([
    { id: "Report_1", run: { cmd: "make" }, schedules: [{ cron: "R/2026-01-06T00:00:00.000Z/P1D", catchUp: "ONE" }] },
    { id: "mail", dependencies: [{ id: "Report_1" }] },
  ]);
  expect(desk.see({ kind: "chronos-job", name: "mail" }).body).toMatchObject({ command: "x", parents: ["Report_1"] });
  desk.done(start("Report_1"));
  desk.finish("Report_1", 5);
  expect(desk.see({ kind: "chronos-summary" }).body).toMatchObject({
    jobs: [
      { name: "Report_1", status: "success" },
      { name: "mail", state: "queued" },
    ],
  });
  const more = { kind: "update-job", isWhole: false, id: "Report_1", body: { run: { cmd: "make all" } } } as const;
  desk.done(more);
  expect(desk.see({ kind: "chronos-job", name: "Report_1" }).body).toMatchObject({
    command: "make all",
    owner: "a@example.com",
    schedule: "R/2026-01-06T00:00:00.000Z/P1D",
    successCount: 1,
  });
  desk.done({ kind: "chronos-delete", name: "Report_1" });
  expect(desk.see({ kind: "schedules", job: "mail" }).body).toMatchObject([{ cron: "R/2026-01-06T00:00:00.000Z/P1D" }]);
});

describe("GET /v1/jobs/{id}/history", () => {
  function furnished(): { desk: Desk; ids: string[] } {
    const desk = new Desk();
    desk.done(create("a"));
    const ids = (["TASK_FINISHED", "TASK_FAILED"] as const).map((state) => {
      desk.done(start("a"));
      const { id } = desk.run("a");
      const taskId = desk.begin("a");
      desk.comes("a", taskId, state, state === "TASK_FAILED" ? "Command exited with status 3" : undefined);
      return id;
    });
    desk.done(start("a"));
    return { desk, ids: [desk.run("a").id, ...ids.reverse()] };
  }

  test("has runs of all kinds, the newest first, with where each ran and why it failed", () => {
    const { desk, ids } = furnished();
    const { status, body } = desk.see({ kind: "history", job: "a", limit: 10 });
    expect(status).toBe(200);
    expect(body).toMatchObject([
      { id: ids[0], jobId: "a", status: "STARTING", cause: "request", completedAt: null, tasks: [] },
      {
        id: ids[1],
        status: "FAILED",
        message: "Command exited with status 3",
        tasks: [
          { status: "TASK_FAILED", hostname: "h1", agentId: "agent-h1", message: "Command exited with status 3" },
        ],
      },
      {
        id: ids[2],
        status: "SUCCESS",
        dueAt: "2026-01-05T10:00:02.000+0000",
        createdAt: "2026-01-05T10:00:02.000+0000",
        completedAt: "2026-01-05T10:00:03.000+0000",
        tasks: [{ launchedAt: "2026-01-05T10:00:02.000+0000", startedAt: "2026-01-05T10:00:03.000+0000" }],
      },
    ]);
  });

  test("is as long as asked for", () => {
    const { desk, ids } = furnished();
    const shown = (limit: number) =>
      (desk.see({ kind: "history", job: "a", limit }).body as { id: string }[]).map(({ id }) => id);
    expect([0, 1, 2, 3, 4].map(shown)).toEqual([[], ids.slice(0, 1), ids.slice(0, 2), ids, ids]);
  });

  test("is in the order in which they were made, whichever ended first", () => {
    const desk = new Desk();
    desk.done(create("a"));
    const [first, second, third] = [1, 2, 3].map((seconds) => {
      desk.nowMs += 1000 * seconds;
      desk.done(start("a"));
      return [...desk.entry("a").runs!.keys()].at(-1)!;
    }) as [string, string, string];
    for (const run of [third, first]) desk.done({ kind: "stop-run", job: "a", run });
    const shown = desk.see({ kind: "history", job: "a", limit: 9 }).body as {
      id: string;
      completedAt: string | null;
    }[];
    expect(shown.map(({ id }) => id)).toEqual([third, second, first]);
    expect(shown.map(({ completedAt }) => completedAt === null)).toEqual([false, true, false]);
  });

  test("says what began each", () => {
    const desk = new Desk();
    desk.done(create("a"));
    desk.done(create("b", { dependencies: [{ id: "a" }] }));
    desk.done(start("a"));
    desk.finish("a", 1);
    expect(desk.see({ kind: "history", job: "b", limit: 1 }).body).toMatchObject([{ cause: "dependencies" }]);
  });

  test("of no job is 404", () => {
    expect(new Desk().see({ kind: "history", job: "x", limit: 1 }).status).toBe(404);
  });
});

describe("GET /v1/jobs/{id}/explain", () => {
  const explained = (desk: Desk, job: string) => {
    const { state, sentences } = desk.see({ kind: "explain", job }).body as { state: string; sentences: string[] };
    return [state, ...sentences];
  };

  test("of a scheduled job: when it runs next", () => {
    const desk = new Desk();
    desk.done(create("a", { schedules: [NIGHTLY] }));
    expect(explained(desk, "a")).toEqual([
      "scheduled",
      "Schedule nightly: every day at 02:00 Europe/Berlin; next at 2026-01-06T02:00:00.000+01:00.",
    ]);
  });

  test("of one without a schedule: it runs by hand", () => {
    const desk = new Desk();
    desk.done(create("a"));
    expect(explained(desk, "a")).toEqual(["by hand", "It has no schedule: it runs when it is asked to."]);
  });

  test("of one that waits for an offer: what the offer must have", () => {
    const desk = new Desk();
    desk.done(
      create("a", {
        run: {
          cmd: "x",
          cpus: 0.5,
          mem: 4096,
          placement: { constraints: [{ attribute: "rack", operator: "IS", value: "r1" }] },
        },
      }),
    );
    desk.done(start("a"));
    desk.nowMs += 180_000;
    expect(explained(desk, "a").slice(0, 3)).toEqual([
      "waiting",
      "1 run waits for an offer, the longest for 3 minutes.",
      "Each needs 0.5 cpus and 4 GiB of memory at once, on an agent with rack IS r1.",
    ]);
    desk.state.master.isConnected = false;
    expect(explained(desk, "a")[2]).toContain("no connection to a master");
    desk.state.isResting = true;
    expect(explained(desk, "a")[2]).toContain("about to stop");
  });

  test("of one that rests after a failure: when it is tried again", () => {
    const desk = new Desk();
    desk.done({
      kind: "chronos-put",
      isDependent: false,
      body: { name: "a", command: "x", schedule: "R/2026-01-06T00:00:00Z/PT1H" },
    });
    desk.done({ kind: "chronos-run", name: "a", arguments: "" });
    const { id } = desk.run("a");
    desk.finish("a", 1, "TASK_FAILED");
    expect(explained(desk, "a").slice(0, 2)).toEqual([
      "waiting",
      `Run ${id} has failed once; the next attempt is in 60 seconds.`,
    ]);
  });

  test("of one that runs: where and for how long, and what becomes of firings meanwhile", () => {
    const desk = new Desk();
    desk.done(create("a", { schedules: [{ ...NIGHTLY, concurrencyPolicy: "FORBID" }] }));
    desk.done(start("a"));
    const { id } = desk.run("a");
    const taskId = desk.begin("a", "h7");
    desk.nowMs += 60_000;
    expect(explained(desk, "a")).toEqual([
      "running",
      `Run ${id} has been active on h7 for 60 seconds.`,
      expect.stringMatching(/^Schedule nightly: .* A firing while a run is under way is dropped\.$/),
    ]);
    desk.comes("a", taskId, "TASK_UNREACHABLE");
    desk.nowMs += 30_000;
    expect(explained(desk, "a")[1]).toBe(`Run ${id} is on h7, which cannot be reached since 30 seconds.`);
  });

  test("of a paused one, and of one that is over", () => {
    const desk = new Desk();
    desk.done(create("a", { schedules: [NIGHTLY] }));
    desk.done({ kind: "pause-job", id: "a", isPaused: true });
    expect(explained(desk, "a")).toEqual([
      "paused",
      "It is disabled: nothing but a request starts it until it is resumed.",
      "Schedule nightly: every day at 02:00 Europe/Berlin; it would be due next at 2026-01-06T02:00:00.000+01:00.",
    ]);
    desk.done(create("b", { schedules: [{ ...NIGHTLY, cron: "30 12 5 1 * 2026" }] }));
    desk.nowMs += 7_200_000;
    desk.entry("b").firings.clear();
    expect(explained(desk, "b")).toEqual(["finished", expect.stringContaining("it has fired for the last time")]);
  });

  test("of one that follows others: who is missing, and why", () => {
    const desk = new Desk();
    for (const id of ["a", "b", "c"]) desk.done(create(id));
    desk.done(create("d", { dependencies: [{ id: "a" }, { id: "b" }, { id: "c" }] }));
    desk.done(start("a"));
    desk.finish("a", 1);
    desk.done(start("b"));
    desk.finish("b", 1, "TASK_FAILED");
    desk.done(start("c"));
    expect(explained(desk, "d")).toEqual([
      "follows",
      "It runs after a, b and c, when the latest run of each has succeeded since its own last success. Still missing: b (its last run failed) and c (it is under way).",
    ]);
  });

  test("of a round: who has not succeeded once more", () => {
    const desk = new Desk();
    const body = { command: "x", schedule: "R/2026-01-06T00:00:00Z/PT1H" };
    for (const name of ["a", "b"]) desk.done({ kind: "chronos-put", isDependent: false, body: { ...body, name } });
    desk.done({ kind: "chronos-put", isDependent: true, body: { command: "x", name: "c", parents: ["a", "b"] } });
    desk.done({ kind: "chronos-success", name: "a" });
    expect(explained(desk, "c")[1]).toBe(
      "It runs after a and b, when each of them has succeeded once more. Still missing: b.",
    );
  });

  test("of one whose last run failed: why", () => {
    const desk = new Desk();
    desk.done(create("a"));
    for (let i = 0; i < 2; i++) {
      desk.done(start("a"));
      desk.comes("a", desk.begin("a"), "TASK_FAILED", "Command exited with status 3");
    }
    expect(explained(desk, "a").at(-1)).toMatch(
      /^Its last run, \w+, failed: Command exited with status 3\. 2 runs in a row have failed\.$/,
    );
  });

  test("of no job is 404", () => {
    expect(new Desk().see({ kind: "explain", job: "x" })).toEqual({
      status: 404,
      body: { id: "x", message: "Job not found" },
    });
  });
});
