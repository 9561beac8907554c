import { expect, it } from "vitest";
import { Desk } from "./desk.rig.ts";

const schedules = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `s${i}`, cron: "0 0 * * *" }));

const job = (count: number) =>
  ({ kind: "create-job", isWhole: true, body: { id: "job", run: { cmd: "x" }, schedules: schedules(count) } }) as const;

it("a job has so many schedules and no more, however they come", () => {
  const desk = new Desk();
  const MANY = "a job has at most 100 schedules";
  expect(JSON.stringify(desk.hand(job(101)).answer)).toContain(MANY);
  desk.done(job(100));
  const { answer } = desk.hand({ kind: "create-schedule", job: "job", body: { id: "more", cron: "0 0 * * *" } });
  expect([answer.status, JSON.stringify(answer.body)]).toEqual([422, expect.stringContaining(MANY)]);
});

it("a job of Chronos' is not deleted when too many would follow its parent then", () => {
  const desk = new Desk();
  const dependent = (name: string, parent: string) =>
    desk.done({ kind: "chronos-put", isDependent: true, body: { name, command: "x", parents: [parent] } });
  desk.done({ kind: "chronos-put", isDependent: false, body: { name: "a", command: "x" } });
  for (const name of ["b", "c"]) dependent(name, "a");
  for (let i = 0; i < 200; i++) dependent(`d${i}`, "b");
  const { answer, saved } = desk.hand({ kind: "chronos-delete", name: "b" });
  expect([answer.status, saved]).toEqual([400, []]);
  desk.done({ kind: "chronos-delete", name: "c" });
  desk.done({ kind: "chronos-delete", name: "b" });
  expect(desk.state.graph.children("a")).toHaveLength(200);
});

it("a job that is paused and resumed again and again leaves nothing behind", () => {
  const desk = new Desk();
  desk.done(job(1));
  for (let i = 0; i < 3000; i++) desk.done({ kind: "pause-job", id: "job", isPaused: i % 2 === 0 });
  expect(desk.state.firings.size).toBeLessThan(1100);
});

it("there are so many jobs and no more; one that is there may still be changed", () => {
  const desk = new Desk({ mostJobs: 2 });
  const metronome = (id: string) => ({ kind: "create-job", isWhole: false, body: { id, run: { cmd: "x" } } }) as const;
  const chronos = (name: string) =>
    ({
      kind: "chronos-put",
      isDependent: false,
      body: { name, command: "x", schedule: "R/2030-01-01T00:00:00Z/PT1H" },
    }) as const;
  desk.done(metronome("a"));
  desk.done(chronos("b"));
  expect(desk.hand(metronome("c")).answer).toMatchObject({
    status: 409,
    body: { message: expect.stringContaining("--max-jobs") },
  });
  expect(desk.hand(chronos("d")).answer).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining("--max-jobs") },
  });
  desk.done(chronos("b"));
});
