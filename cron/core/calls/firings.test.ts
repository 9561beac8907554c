import type { DryRun } from "@meseta/api/metronome/history.ts";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Stage } from "../runs/stage.rig.ts";
import { Desk } from "./desk.rig.ts";

// What a dry run says of when a job would run is when it runs.

const NOW = "2026-01-05T10:00:00.000Z";

/** When it would run and when it then ran, until the last of the ten. */
function saidAndDone(schedule: object): { said: number[]; done: number[] } {
  const stage = new Stage();
  stage.cluster.addAgent("a1", "cpus:100;mem:102400;disk:102400");
  stage.start().run();
  const body = { id: "a", run: { cmd: "x", cpus: 0.1, mem: 32, disk: 0 }, schedules: [{ id: "s", ...schedule }] };
  const call = { kind: "create-job", isWhole: true, body } as const;
  const dry = stage.ask({ ...call, dryRun: true });
  // It would never run.
  if (dry.status === 422) return { said: [], done: [] };
  const { firings } = (dry.body as DryRun<unknown>).schedules[0]!;
  const said = firings.map((text) => Date.parse(text));
  expect(stage.ask(call).status).toBe(201);
  stage.run(said.at(-1)! - stage.nowMs);
  const done = [...stage.made.values()].map(({ createdMs }) => createdMs).sort((a, b) => a - b);
  return { said, done: done.slice(0, said.length) };
}

describe("a dry run", () => {
  test("says when the job then runs", () => {
    const starts = fc.constantFrom(
      "",
      "2026-01-05T06:30:00Z",
      "2026-01-05T10:00:00Z",
      "2026-01-05T12:00:00+02:00",
      "2025-12-31T23:00:00Z",
    );
    const times = fc.constantFrom("", "1", "3", "12");
    const periods = fc.constantFrom("PT1M", "PT1H", "PT90M", "P1D", "PT36H");
    const interval = fc.tuple(times, starts, periods).map(([count, start, period]) => `R${count}/${start}/${period}`);
    const cron = fc.constantFrom("* * * * *", "*/7 * * * *", "30 */6 * * *", "0 9 * * MON-FRI", "0 0 * * *");
    const schedule = fc.record({
      cron: fc.oneof(interval, cron),
      timezone: fc.constantFrom("UTC", "Europe/Berlin", "Australia/Lord_Howe", "+05:30"),
      catchUp: fc.constantFrom("EACH", "ONE", "NONE"),
    });
    fc.assert(
      fc.property(schedule, (one) => {
        const { said, done } = saidAndDone(one);
        expect(done).toEqual(said);
      }),
      { numRuns: 60 },
    );
  });

  test.each([
    ["an interval that begins now", { cron: "R3//PT1H" }, ["10:00:00", "10:59:59", "11:59:59"]],
    [
      "one that began before, of which two are over",
      { cron: "R4/2026-01-05T08:30:00Z/PT1H" },
      ["10:30:00", "11:30:00"],
    ],
    [
      "one that makes up for each",
      { cron: "R4/2026-01-05T08:30:00Z/PT1H", catchUp: "EACH" },
      ["10:00:00", "10:00:00", "10:30:00", "11:30:00"],
    ],
    [
      "one that makes up for all by one, which counts once",
      { cron: "R4/2026-01-05T08:30:00Z/PT1H", catchUp: "ONE" },
      ["10:00:00", "10:30:00", "11:30:00", "12:30:00"],
    ],
  ])("of %s says its times, and so it runs", (_what, schedule, times) => {
    const { said, done } = saidAndDone(schedule);
    expect(said).toEqual(times.map((time) => Date.parse(NOW.replace("10:00:00", time))));
    expect(done).toEqual(said);
  });

  test("says nothing of a schedule that rests", () => {
    const body = { id: "a", run: { cmd: "x" }, schedules: [{ id: "s", cron: "* * * * *", enabled: false }] };
    const { answer } = new Desk().done({ kind: "create-job", isWhole: true, body, dryRun: true });
    expect(answer.body).toMatchObject({ schedules: [{ id: "s", words: "every minute UTC", firings: [] }] });
  });
});
