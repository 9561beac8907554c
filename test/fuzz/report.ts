import type { Tally } from "./run.ts";

/** What one process did, in a form that travels between processes. */
export interface Report {
  readonly targets: readonly TargetReport[];
  readonly findings: readonly Finding[];
  /** Memory of the process in MiB: after its first scenes, and at the end. */
  readonly memoryMiB: readonly [number, number];
}

export interface TargetReport {
  readonly name: string;
  readonly cases: number;
  readonly scenes: number;
  readonly seconds: number;
  readonly signatures: number;
  readonly statuses: readonly (readonly [number, number])[];
}

export interface Finding {
  readonly target: string;
  /** The first line of what was wrong. */
  readonly problem: string;
  readonly file: string;
  readonly steps: number;
  times: number;
}

export function targetReport(
  name: string,
  { cases, scenes, signatures, statuses }: Tally,
  seconds: number,
): TargetReport {
  return { name, cases, scenes, signatures, seconds, statuses: [...statuses] };
}

/** The reports of several processes as one: counts added up, time as if they had worked one after the other. */
export function together(reports: readonly Report[]): Report {
  const names = [...new Set(reports.flatMap(({ targets }) => targets.map(({ name }) => name)))];
  const targets = names.map((name) =>
    added(reports.flatMap((one) => one.targets.filter((each) => each.name === name))),
  );
  const memory = (at: 0 | 1) => Math.max(0, ...reports.map(({ memoryMiB }) => memoryMiB[at]));
  return { targets, findings: reports.flatMap(({ findings }) => findings), memoryMiB: [memory(0), memory(1)] };
}

function added(all: readonly TargetReport[]): TargetReport {
  const sum = (of: (one: TargetReport) => number) => all.reduce((total, one) => total + of(one), 0);
  const statuses = new Map<number, number>();
  for (const [status, times] of all.flatMap((one) => one.statuses))
    statuses.set(status, (statuses.get(status) ?? 0) + times);
  return {
    name: all[0]!.name,
    cases: sum(({ cases }) => cases),
    scenes: sum(({ scenes }) => scenes),
    seconds: sum(({ seconds }) => seconds),
    signatures: Math.max(...all.map(({ signatures }) => signatures)),
    statuses: [...statuses],
  };
}

/** For whom there was no time: that nothing was found says nothing of these. */
export function untriedIn({ targets }: Report): string[] {
  return targets.filter(({ cases }) => cases === 0).map(({ name }) => name);
}

/** The report as lines for people. */
export function linesOf(report: Report): string[] {
  const { targets, findings, memoryMiB } = report;
  const cases = targets.reduce((total, one) => total + one.cases, 0);
  const seconds = targets.reduce((total, one) => total + one.seconds, 0);
  const untried = untriedIn(report);
  return [
    ...targets.map(lineOf),
    ...findings.map(
      (one) => `✗ ${one.target}: ${one.problem} (${one.times} ×)\n  again: npm run fuzz -- --input ${one.file}`,
    ),
    ...(untried.length > 0 ? [`✗ not tried: ${untried.join(", ")}; give them more time: --for`] : []),
    `${cases} cases, ${rate(cases, seconds)}, ${findings.length} findings; memory ${memoryMiB[0]} MiB, then ${memoryMiB[1]} MiB`,
  ];
}

function lineOf({ name, cases, seconds, scenes, signatures, statuses }: TargetReport): string {
  const shown = [...statuses].sort(([a], [b]) => a - b).map(([status, times]) => `${WORDS[status] ?? status} ${times}`);
  return `${name.padEnd(10)} ${cases} cases in ${scenes} lives, ${rate(cases, seconds)}, ${signatures} kinds of answers: ${shown.join(", ")}`;
}

const WORDS: Readonly<Record<number, string>> = { 0: "left before it", 1: "waits" };

function rate(cases: number, seconds: number): string {
  return `${Math.round(cases / Math.max(seconds, 0.001))} a second`;
}
