import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkJob, checkRuns, type RecordedRun, type TimedJob, windowsOf } from "./cron.ts";

const JOB: TimedJob = { name: "j", start: 0, count: 3, epsilon: 10, interval: 60, duration: 0 };
const TERMS = { readAt: 1000, forgiveness: 5 };

function at(...starts: number[]): RecordedRun[] {
  return starts.map((start) => ({ name: "j", start, end: start }));
}

describe("the check of a job's runs", () => {
  it("wants one complete run in each window, and lists what is over", () => {
    const verdict = checkJob(JOB, [...at(3, 65, 127, 180), { name: "j", start: 0 }], TERMS);
    expect(verdict.isValid).toBe(true);
    expect(verdict.targets.map(({ from, to, run }) => [from, to, run?.start])).toEqual([
      [0, 15, 3],
      [60, 75, 65],
      [120, 135, 127],
    ]);
    expect([verdict.extra, verdict.incomplete]).toEqual([at(180), [{ name: "j", start: 0 }]]);
  });

  it("names the window that nothing ran in", () => {
    const verdict = checkJob(JOB, at(3, 127), TERMS);
    expect([verdict.isValid, verdict.targets.map(({ run }) => run?.start)]).toEqual([false, [3, undefined, 127]]);
  });

  it("wants nothing that could not have ended when the runs were read", () => {
    expect(windowsOf(JOB, { ...TERMS, readAt: 70 })).toEqual([{ from: 0, to: 15 }]);
    expect(windowsOf(JOB, { ...TERMS, readAt: 71 }).length).toBe(2);
    expect(windowsOf({ ...JOB, duration: 2 }, { ...TERMS, readAt: 12 })).toEqual([]);
    expect(checkJob(JOB, [], { ...TERMS, readAt: 10 }).isValid).toBe(true);
  });

  it("takes whole seconds, both ends of a window included", () => {
    const isValid = (start: number) => checkJob({ ...JOB, count: 1 }, at(start), TERMS).isValid;
    expect([isValid(-0.1), isValid(0), isValid(15.9), isValid(16)]).toEqual([false, true, true, false]);
  });

  it("does not take one run for two windows, nor a run that did not end", () => {
    expect(checkJob({ ...JOB, interval: 5, count: 2 }, at(7), TERMS).isValid).toBe(false);
    expect(checkJob({ ...JOB, count: 1 }, [{ name: "j", start: 3 }], TERMS).isValid).toBe(false);
  });

  it("finds runs that were started twice, unless the first one's agent was lost", () => {
    const twice = checkJob(JOB, at(3, 4, 65, 127), TERMS);
    expect([twice.isValid, twice.doubled]).toEqual([true, at(4)]);
    const lost = { name: "j", start: 3, isLost: true };
    expect(checkJob(JOB, [lost, ...at(9, 65, 127)], TERMS).doubled).toEqual([]);
    expect(checkJob(JOB, [lost, ...at(9, 11, 65, 127)], TERMS).doubled).toEqual(at(11));
  });

  it("passes all jobs or none, and an exact history has no run twice", () => {
    const other = { ...JOB, name: "k" };
    const runs = [...at(3, 65, 127), ...at(1, 2, 61, 121).map((run) => ({ ...run, name: "k" }))];
    const verdict = checkRuns([JOB, other], runs, TERMS);
    expect([verdict.isValid, verdict.isExact]).toEqual([true, false]);
    expect(checkRuns([JOB, other], at(3, 65, 127), TERMS).isValid).toBe(false);
    expect(checkRuns([], [], TERMS)).toEqual({ isValid: true, isExact: true, jobs: [] });
  });

  it("agrees with a search of every way to give runs to windows", () => {
    const job = fc.record({
      name: fc.constant("j"),
      start: fc.integer({ min: 0, max: 9 }),
      interval: fc.integer({ min: 1, max: 12 }),
      count: fc.integer({ min: 0, max: 4 }),
      epsilon: fc.integer({ min: 0, max: 8 }),
      duration: fc.integer({ min: 0, max: 3 }),
    });
    const starts = fc.array(fc.double({ min: 0, max: 60, noNaN: true }), { maxLength: 6 });
    fc.assert(
      fc.property(job, starts, fc.integer({ min: 0, max: 80 }), (timed, all, readAt) => {
        const terms = { readAt, forgiveness: 2 };
        const verdict = checkJob(timed, at(...all), terms);
        expect(verdict.isValid).toBe(search(windowsOf(timed, terms), all.map(Math.floor)));
        const used = verdict.targets.flatMap(({ run }) => run ?? []);
        expect([...used, ...verdict.extra].length).toBe(all.length);
      }),
    );
  });
});

/** Slow and plain: any run for the first window, then the rest. */
function search(windows: readonly { from: number; to: number }[], starts: readonly number[]): boolean {
  const [first, ...others] = windows;
  if (first === undefined) return true;
  return starts.some(
    (start, i) =>
      start >= first.from && start <= first.to && search(others, [...starts.slice(0, i), ...starts.slice(i + 1)]),
  );
}
