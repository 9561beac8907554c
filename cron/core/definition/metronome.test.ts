import { describe, expect, test } from "vitest";
import { type Job, UNLIMITED } from "../job.ts";
import { readMetronomeJob, readScheduledJob } from "./metronome.ts";
import { metronomeJob } from "./metronome-job.ts";
import { metronomeSchedule, metronomeTime, readSchedule, withoutSchedule, withSchedule } from "./schedule.ts";

const nowMs = Date.UTC(2026, 0, 1);
const MINIMAL = { id: "a.b-c", run: { cmd: "true" } };

function jobOf(body: object, old?: Job): Job {
  const read = readMetronomeJob(body, { nowMs, ...(old && { old }) });
  if ("refusal" in read) throw new Error(JSON.stringify(read.refusal.body));
  return read.value;
}

function details(body: object, read: (body: object) => object = (any) => readMetronomeJob(any, { nowMs })): object {
  const answer = read(body) as { refusal?: { status: number; body: { message: string; details: object } } };
  expect(answer.refusal).toMatchObject({ status: 422, body: { message: "Object is not valid" } });
  return Object.fromEntries(
    (answer.refusal!.body.details as { path: string; errors: string[] }[]).map(({ path, errors }) => [path, errors[0]]),
  );
}

test("every field that has a default is shown", () => {
  expect(metronomeJob(jobOf(MINIMAL))).toEqual({
    id: "a.b-c",
    labels: {},
    dependencies: [],
    run: {
      cpus: 1,
      mem: 128,
      disk: 0,
      gpus: 0,
      cmd: "true",
      env: {},
      secrets: {},
      artifacts: [],
      volumes: [],
      networks: [],
      placement: { constraints: [] },
      maxLaunchDelay: 3600,
      restart: { policy: "NEVER" },
    },
  });
});

const FULL = {
  id: "full",
  description: "all there is",
  labels: { a: "b" },
  dependencies: [{ id: "x" }, { id: "y" }],
  run: {
    cpus: 0.5,
    mem: 64,
    disk: 10,
    gpus: 0,
    cmd: "sleep",
    args: ["10"],
    user: "nobody",
    env: { A: "1", B: { secret: "s" } },
    secrets: { s: { source: "/s" }, t: { source: "/t" } },
    artifacts: [{ uri: "http://e/a", extract: false, executable: true, cache: true }],
    docker: { image: "debian", forcePullImage: true, privileged: true, parameters: [{ key: "a", value: "b" }] },
    volumes: [
      { containerPath: "/a", hostPath: "/b", mode: "RO" },
      { containerPath: "/c", secret: "t" },
    ],
    networks: [{ mode: "container", name: "web", labels: { a: "b" } }],
    placement: { constraints: [{ attribute: "rack", operator: "LIKE", value: "r.*" }] },
    maxLaunchDelay: 60,
    restart: { policy: "ON_FAILURE", activeDeadlineSeconds: 100 },
    taskKillGracePeriodSeconds: 5,
  },
};

test("a job with all fields is shown as it was written, and what is shown can be written again", () => {
  const job = jobOf(FULL);
  expect(metronomeJob(job)).toEqual(FULL);
  expect(jobOf(metronomeJob(job), job)).toEqual(job);
  const { docker: _, ...run } = FULL.run;
  const ucr = { image: { id: "debian", kind: "docker", forcePull: true }, privileged: false };
  expect(metronomeJob(jobOf({ ...FULL, run: { ...run, ucr } })).run.ucr).toEqual(ucr);
});

test("EQ is an old word for IS", () => {
  const constraints = [{ attribute: "rack", operator: "EQ", value: "a" }];
  const { run } = metronomeJob(jobOf({ id: "a", run: { cmd: "true", placement: { constraints } } }));
  expect(run.placement.constraints).toEqual([{ attribute: "rack", operator: "IS", value: "a" }]);
});

test("failed attempts are followed by others for as long as there is time, or not at all", () => {
  const retries = (policy: string) => jobOf({ id: "a", run: { cmd: "true", restart: { policy } } }).retries;
  expect([retries("NEVER"), retries("ON_FAILURE")]).toEqual([0, UNLIMITED]);
});

test("a replaced job keeps its schedules, and loses a deadline that it no longer names", () => {
  const restart = { policy: "ON_FAILURE", activeDeadlineSeconds: 9 };
  const old = withSchedule(
    jobOf({ id: "a", run: { cmd: "true", restart } }),
    scheduleOf({ id: "ab", cron: "0 9 * * *" }),
  );
  const job = jobOf({ id: "a", run: { cmd: "false" } }, old);
  expect(job.trigger).toEqual(old.trigger);
  expect(job).not.toHaveProperty("activeDeadlineSeconds");
});

describe("what is wrong is refused with its place", () => {
  test.each(["A", "a_b", "a/b", "/a", ".a", "a.", "-a", "a b", "🙂", ""])("an id such as %j", (id) => {
    expect(details({ ...MINIMAL, id })).toHaveProperty(["/id"]);
  });

  test("nothing to run, or two images", () => {
    expect(details({ id: "a", run: {} })).toEqual({ "/run": "one of cmd, docker and ucr must be given" });
    const run = { docker: { image: "a" }, ucr: { image: { id: "a" } } };
    expect(details({ id: "a", run })).toEqual({ "/run": "docker and ucr exclude each other" });
    expect(details({ id: "a", run: { docker: { image: "a" }, gpus: 1 } })).toHaveProperty(["/run/gpus"]);
  });

  test("secrets that are not there, or that nothing uses", () => {
    const run = { cmd: "true", env: { A: { secret: "s" } }, secrets: { t: { source: "/t" } } };
    expect(details({ id: "a", run })).toEqual({
      "/run/env/A/secret": 'there is no secret "s" in /run/secrets',
      "/run/secrets/t": "is used neither in env nor in volumes",
    });
  });

  test("volumes, constraints and networks that are none", () => {
    const run = {
      cmd: "true",
      volumes: [{ containerPath: "/a" }, { containerPath: "/a", hostPath: "/b" }],
      placement: {
        constraints: [
          { attribute: "a", operator: "IS" },
          { attribute: "a", operator: "LIKE", value: "(" },
        ],
      },
      networks: [{ mode: "host", name: "x" }, { mode: "container" }],
    };
    expect(Object.keys(details({ id: "a", run }))).toEqual([
      "/run/volumes(0)",
      "/run/volumes(1)/mode",
      "/run/placement/constraints(0)/value",
      "/run/placement/constraints(1)/value",
      "/run/networks",
      "/run/networks(0)/name",
    ]);
  });

  test("a job that depends on itself, or has dependencies and schedules", () => {
    expect(details({ ...MINIMAL, dependencies: [{ id: "a.b-c" }] })).toHaveProperty(["/dependencies(0)/id"]);
    const old = withSchedule(jobOf({ id: "a", run: { cmd: "true" } }), scheduleOf({ id: "ab", cron: "0 9 * * *" }));
    const read = (body: object) => readMetronomeJob(body, { nowMs, old });
    expect(details({ ...MINIMAL, dependencies: [{ id: "x" }] }, read)).toHaveProperty(["/dependencies"]);
  });
});

function scheduleOf(body: object) {
  const read = readSchedule(body, { nowMs });
  if ("refusal" in read) throw new Error(JSON.stringify(read.refusal.body));
  return read.value;
}

describe("a schedule", () => {
  const shown = (body: object) => metronomeSchedule(scheduleOf(body), { isDisabled: false }, nowMs);
  const read = (body: object) => readSchedule(body, { nowMs });

  test("has its defaults, and says when it fires next", () => {
    expect(shown({ id: "nightly", cron: "30 2 * * *" })).toEqual({
      id: "nightly",
      cron: "30 2 * * *",
      timezone: "UTC",
      startingDeadlineSeconds: 900,
      concurrencyPolicy: "ALLOW",
      enabled: true,
      nextRunAt: "2026-01-01T02:30:00.000+0000",
    });
  });

  test("reads the zone in both spellings", () => {
    const cron = "0 9 * * *";
    expect(shown({ id: "ab", cron, timeZone: "Europe/Berlin" }).nextRunAt).toBe("2026-01-01T08:00:00.000+0000");
    expect(shown({ id: "ab", cron, timezone: "Asia/Kolkata", timeZone: "UTC" }).timezone).toBe("Asia/Kolkata");
  });

  test("that is disabled, or whose job is, says no next time", () => {
    const off = { id: "ab", cron: "0 9 * * *", enabled: false };
    expect(shown(off)).not.toHaveProperty("nextRunAt");
    const schedule = scheduleOf({ ...off, enabled: true });
    expect(metronomeSchedule(schedule, { isDisabled: true }, nowMs)).toMatchObject({ enabled: false });
  });

  test("that is an interval keeps the offset of its text when no zone is named", () => {
    const { cron, nextRunAt } = shown({ id: "ab", cron: "R/2026-02-01T09:00:00+02:00/P1D" });
    expect([cron, nextRunAt]).toEqual(["R/2026-02-01T09:00:00.000+02:00/P1D", "2026-02-01T07:00:00.000+0000"]);
  });

  test("is refused with its place when it is no schedule", () => {
    expect(details({ id: "ab", cron: "0 0 31 2 *" }, read)).toMatchObject({
      "/cron": expect.stringContaining("never fires"),
    });
    expect(details({ id: "ab", cron: "soon" }, read)).toHaveProperty(["/cron"]);
    expect(details({ id: "ab", cron: "* * * * *", timezone: "Mars/Olympus" }, read)).toHaveProperty(["/timezone"]);
    expect(details({ id: "a b", cron: "* * * * *" }, read)).toHaveProperty(["/id"]);
    expect(details({ id: "ab", cron: "* * * * *", startingDeadlineSeconds: 59 }, read)).toHaveProperty([
      "/startingDeadlineSeconds",
    ]);
  });

  test("stands among others of its job, several being allowed", () => {
    const [one, two] = [scheduleOf({ id: "one", cron: "0 1 * * *" }), scheduleOf({ id: "two", cron: "0 2 * * *" })];
    const job = withSchedule(withSchedule(jobOf(MINIMAL), one), two);
    expect(job.trigger).toMatchObject({ schedules: [{ id: "one" }, { id: "two" }] });
    expect(withoutSchedule(job, "one").trigger).toEqual({ type: "schedules", schedules: [two] });
    const other = scheduleOf({ id: "one", cron: "0 3 * * *" });
    expect(withSchedule(job, other).trigger).toEqual({ type: "schedules", schedules: [other, two] });
  });

  test("comes with its job by the older road", () => {
    const schedules = [{ id: "ab", cron: "0 9 * * *" }];
    const job = readScheduledJob({ ...MINIMAL, schedules }, { nowMs });
    expect(job).toMatchObject({ value: { trigger: { type: "schedules", schedules: [scheduleOf(schedules[0]!)] } } });
    const wrong = (body: object) => readScheduledJob(body, { nowMs });
    expect(details({ ...MINIMAL, schedules: [{ id: "ab", cron: "x" }] }, wrong)).toHaveProperty(["/schedules(0)/cron"]);
    expect(details({ ...MINIMAL, schedules: [...schedules, ...schedules] }, wrong)).toHaveProperty(["/schedules"]);
  });
});

test("times are written as Metronome writes them", () => {
  expect(metronomeTime(Date.UTC(2026, 0, 5, 10, 0, 0, 7))).toBe("2026-01-05T10:00:00.007+0000");
});
