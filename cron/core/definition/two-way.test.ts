import { describe, expect, test } from "vitest";
import { type Job, NO_STATS } from "../job.ts";
import { readScheduled } from "./chronos.ts";
import { chronosJob } from "./chronos-job.ts";
import { readMetronomeJob } from "./metronome.ts";
import { metronomeJob } from "./metronome-job.ts";
import { metronomeSchedule, readSchedule, withSchedule } from "./schedule.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";

const nowMs = Date.UTC(2026, 0, 1);

function byChronos(body: object, old?: Job): Job {
  const read = readScheduled(body, { settings: DEFAULT_SETTINGS, nowMs, ...(old && { old }) });
  if ("refusal" in read) throw new Error(read.refusal.body.message);
  return read.value.job;
}

function byMetronome(body: object, old?: Job): Job {
  const read = readMetronomeJob(body, { nowMs, ...(old && { old }) });
  if ("refusal" in read) throw new Error(JSON.stringify(read.refusal.body));
  return read.value;
}

function scheduled(job: Job, body: object): Job {
  const old = job.trigger.type === "schedules" ? job.trigger.schedules[0] : undefined;
  const read = readSchedule(body, { nowMs, ...(old && { old }) });
  if ("refusal" in read) throw new Error(JSON.stringify(read.refusal.body));
  return withSchedule(job, read.value);
}

const schedulesShown = (job: Job) =>
  job.trigger.type === "schedules" ? job.trigger.schedules.map((one) => metronomeSchedule(one, job, nowMs)) : [];

describe("a job of Chronos'", () => {
  const job = byChronos({
    name: "report",
    command: "make report",
    schedule: "R3/2026-02-01T09:00:00Z/P1D",
    scheduleTimeZone: "Europe/Berlin",
    owner: "a@example.com",
    softError: true,
    retries: 4,
    environmentVariables: [{ name: "A", value: "1" }],
    container: { type: "DOCKER", image: "debian", network: "BRIDGE", parameters: [{ key: "a", value: "b" }] },
    constraints: [["rack", "EQUALS", "r1"]],
  });

  test("is seen by Metronome's clients as far as their words reach", () => {
    expect(metronomeJob(job)).toMatchObject({
      id: "report",
      run: {
        cmd: "make report",
        env: { A: "1" },
        docker: { image: "debian", parameters: [{ key: "a", value: "b" }] },
        networks: [{ mode: "container/bridge" }],
        placement: { constraints: [{ attribute: "rack", operator: "IS", value: "r1" }] },
        restart: { policy: "ON_FAILURE" },
      },
    });
    expect(schedulesShown(job)).toEqual([
      {
        id: "default",
        cron: "R3/2026-02-01T09:00:00.000+01:00/P1D",
        timezone: "Europe/Berlin",
        startingDeadlineSeconds: 900,
        concurrencyPolicy: "FORBID",
        enabled: true,
        nextRunAt: "2026-02-01T08:00:00.000+0000",
        catchUp: "ONE",
      },
    ]);
  });

  test("is changed by Metronome's clients under a name that Metronome would not give", () => {
    const old = byChronos({ name: "Make_Report", command: "make" });
    const read = readMetronomeJob({ run: { cmd: "make all" } }, { nowMs, id: "Make_Report", old });
    expect(read).toMatchObject({ value: { id: "Make_Report", run: { cmd: "make all" } } });
  });

  test("is the same to Chronos' clients after Metronome's wrote back what they saw", () => {
    const written = scheduled(byMetronome(metronomeJob(job), job), schedulesShown(job)[0]!);
    expect(chronosJob(written, NO_STATS)).toEqual(chronosJob(job, NO_STATS));
  });

  test("keeps its owner, its retries and its parents' rule when Metronome's clients change the command", () => {
    const changed = byMetronome({ ...metronomeJob(job), run: { ...metronomeJob(job).run, cmd: "make all" } }, job);
    expect(chronosJob(changed, NO_STATS)).toMatchObject({
      command: "make all",
      owner: "a@example.com",
      retries: 4,
      softError: true,
    });
    const child = byChronos({ name: "child", command: "true", parents: ["report"] });
    expect(byMetronome(metronomeJob(child), child).trigger).toEqual(child.trigger);
  });

  test("that is disabled is enabled by enabling its schedule", () => {
    const off = byChronos({ ...chronosJob(job, NO_STATS), disabled: true }, job);
    expect(schedulesShown(off)[0]!.enabled).toBe(false);
    const on = scheduled(off, { ...schedulesShown(off)[0]!, enabled: true });
    expect(chronosJob(on, NO_STATS).disabled).toBe(false);
  });
});

describe("a job of Metronome's", () => {
  const bare = byMetronome({
    id: "report",
    labels: { team: "a" },
    run: {
      cmd: "make report",
      env: { A: "1", B: { secret: "s" } },
      secrets: { s: { source: "/s" } },
      networks: [{ mode: "container", name: "web", labels: { a: "b" } }],
      restart: { policy: "ON_FAILURE", activeDeadlineSeconds: 60 },
      taskKillGracePeriodSeconds: 3,
    },
  });
  const job = scheduled(bare, {
    id: "nightly",
    cron: "0 2 * * *",
    timezone: "Europe/Berlin",
    concurrencyPolicy: "FORBID",
  });

  test("is seen by Chronos' clients as far as their words reach: no secrets, no labels", () => {
    expect(chronosJob(job, NO_STATS)).toMatchObject({
      name: "report",
      command: "make report",
      schedule: "0 2 * * *",
      scheduleTimeZone: "Europe/Berlin",
      catchUp: "NONE",
      concurrent: false,
      environmentVariables: [{ name: "A", value: "1" }],
      container: { type: "MESOS", image: "", network: "USER", networkName: "web" },
    });
  });

  test("is the same to Metronome's clients after Chronos' wrote back what they saw", () => {
    const written = byChronos(chronosJob(job, NO_STATS), job);
    expect(metronomeJob(written)).toEqual(metronomeJob(job));
    expect(schedulesShown(written)).toEqual(schedulesShown(job));
  });

  test("keeps all its schedules while Chronos' clients leave the one that they see alone", () => {
    const two = withSchedule(job, {
      ...(job.trigger.type === "schedules" && job.trigger.schedules[0]!),
      id: "other",
    } as never);
    const same = byChronos({ ...chronosJob(two, NO_STATS), description: "new" }, two);
    expect(schedulesShown(same).map(({ id }) => id)).toEqual(["nightly", "other"]);
    const other = byChronos({ ...chronosJob(two, NO_STATS), schedule: "0 3 * * *" }, two);
    expect(schedulesShown(other).map(({ cron }) => cron)).toEqual(["0 3 * * *"]);
  });

  test("without a schedule is shown to Chronos' clients with one that never fires", () => {
    expect(chronosJob(bare, NO_STATS)).toMatchObject({ schedule: "R0//PT24H", scheduleTimeZone: "" });
    expect(schedulesShown(byChronos(chronosJob(bare, NO_STATS), bare))).toEqual([]);
  });
});
