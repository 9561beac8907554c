import { expect, it } from "vitest";
import type { Entry, TaskLine } from "../history.ts";
import type { Fault } from "../plan.ts";
import { checkJobs } from "./jobs.ts";

const ZERO = 1_000_000;
const job = { name: "j", start: ZERO / 1000 + 20, interval: 40, count: 3, epsilon: 10, duration: 2 };
const history = (...more: Entry[]): Entry[] =>
  [
    { at: ZERO, type: "run", seed: 1, forMs: 1, kinds: [] } as const,
    { at: ZERO + 1, type: "job", job } as const,
    ...more,
    { at: ZERO + 150_000, type: "read-runs" } as const,
  ].sort((a, b) => a.at - b.at);
const run = (instantS: number, lateS = 0.1, attempt = 0): TaskLine[] => {
  const taskId = `ct:${ZERO + instantS * 1000}:${attempt}:j:`;
  const at = ZERO + (instantS + lateS) * 1000;
  return [
    { what: "start", taskId, at, pid: 1 },
    { what: "end", taskId, at: at + 2_000, pid: 1 },
  ];
};
const fault = (fromS: number, toS: number): Entry[] => {
  const one = { number: 1 } as Fault;
  return [
    { at: ZERO + fromS * 1000, type: "fault", phase: "begins", fault: one, hit: [] },
    { at: ZERO + toS * 1000, type: "fault", phase: "ends", fault: one, hit: [] },
  ];
};

it("a run in each window is right", () => {
  const lines = [run(20), run(60, 0.2), run(100)].flat();
  expect(checkJobs(history(), lines)).toMatchObject({ problems: [], windows: 3, demanded: 3, met: 3 });
});

it("a window without a run is wrong, unless something was out of order when it began", () => {
  const lines = [run(20), run(100)].flat();
  expect(checkJobs(history(), lines).problems).toHaveLength(1);
  expect(checkJobs(history(...fault(55, 58)), lines)).toMatchObject({ problems: [], demanded: 1 });
  expect(checkJobs(history(...fault(30, 40)), lines).problems).toHaveLength(1);
});

it("an instant with two runs is wrong, whatever was out of order; one after another that came to no end is not", () => {
  const lines = [run(20), run(20, 2.5, 1), run(60), run(100)].flat();
  expect(checkJobs(history(...fault(10, 80)), lines).problems).toHaveLength(1);
  const broken = lines.filter(({ what, taskId }) => what === "start" || taskId !== `ct:${ZERO + 20_000}:0:j:`);
  expect(checkJobs(history(...fault(10, 80)), broken).problems).toEqual([]);
});

it("a run that is late, and begins in the window of the next instant, is none too many", () => {
  const lines = [run(20), run(60, 41), run(100, 4)].flat();
  expect(checkJobs(history(...fault(55, 99)), lines).problems).toEqual([]);
});

it("a window is not demanded while a run before it is still to be made up for, as after a fault that made it fail", () => {
  const made = [run(20), run(60, 39, 1)].flat();
  expect(checkJobs(history(...fault(55, 58)), made)).toMatchObject({ problems: [], demanded: 1 });
  expect(checkJobs(history(...fault(55, 58)), run(20)).problems).toEqual([]);
  expect(checkJobs(history(...fault(55, 58)), [run(20), run(60, 20, 1)].flat()).problems).toHaveLength(1);
});
