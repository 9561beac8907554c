// The verdict on a history: all checkers, one after the other.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkEpochs } from "./checkers/epochs.ts";
import { checkJobs, type JobFindings } from "./checkers/jobs.ts";
import { checkLeaders } from "./checkers/leaders.ts";
import { checkRegisters } from "./checkers/registers.ts";
import { checkServices } from "./checkers/services.ts";
import { checkStarts } from "./checkers/starts.ts";
import { checkTasks } from "./checkers/tasks.ts";
import { type Entry, readHistory, readTaskLines } from "./history.ts";

export interface Verdict {
  readonly seed: number;
  readonly seconds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
  readonly writes: {
    readonly acknowledged: number;
    readonly refused: number;
    readonly unknown: number;
    readonly surfaced: number;
  };
  readonly reads: number;
  readonly leaderships: number;
  /** Of the stores of masters, inits and crons. */
  readonly takeovers: number;
  readonly tasksStarted: number;
  readonly framework: {
    readonly launched: number;
    readonly updates: number;
    readonly ends: Readonly<Record<string, number>>;
  };
  readonly jobs: Omit<JobFindings, "problems">;
  readonly services: number;
  readonly instances: number;
  /** Until all was as it has to be, from the last healing on. */
  readonly wholeMs: number | undefined;
  readonly emptyMs: number | undefined;
}

/** Reads what a run has left in its folder, and checks it. */
export function check(dir: string): Verdict {
  const history = readHistory(dir);
  const lines = readTaskLines(dir);
  const [registers, leaders, starts] = [checkRegisters(history), checkLeaders(history), checkStarts(lines)];
  const [tasks, services, { problems: ofJobs, ...jobs }] = [
    checkTasks(history, lines),
    checkServices(history),
    checkJobs(history, lines),
  ];
  const { problems: _, reads, ...writes } = registers;
  const epochs = ["master", "init", "cron"].map((kind) => checkEpochs(kind, logsOf(dir, kind)));
  const first = history.find((entry) => entry.type === "run");
  return {
    seed: first?.seed ?? 0,
    seconds: Math.round(((history.at(-1)?.at ?? 0) - (first?.at ?? 0)) / 1000),
    faults: countFaults(history),
    problems: [
      ...[registers, leaders, ...epochs, starts, tasks, services].flatMap(({ problems }) => problems),
      ...ofJobs,
      ...checkLiveness(history),
      ...checkEnds(history),
      ...checkLogs(dir),
    ],
    writes,
    reads,
    leaderships: leaders.leaderships,
    takeovers: epochs.reduce((sum, { takeovers }) => sum + takeovers, 0),
    tasksStarted: starts.started,
    framework: { launched: tasks.launched, updates: tasks.updates, ends: tasks.ends },
    jobs,
    services: services.services,
    instances: services.instances,
    wholeMs: history.find((entry) => entry.type === "whole")?.tookMs,
    emptyMs: history.find((entry) => entry.type === "empty")?.tookMs,
  };
}

function countFaults(history: readonly Entry[]): Record<string, number> {
  const begun = history.flatMap((entry) =>
    entry.type === "fault" && entry.phase === "begins" ? [entry.fault.blow] : [],
  );
  const kinds = Object.groupBy(begun, ({ kind }) => kind);
  return Object.fromEntries(Object.entries(kinds).map(([kind, some]) => [kind, some!.length]));
}

function checkLiveness(history: readonly Entry[]): string[] {
  const waits = history.flatMap((entry) => {
    if (entry.type === "whole") return entry.missing.map((what) => `after ${entry.tookMs} ms ${what}`);
    if (entry.type === "empty") return entry.left.map((what) => `after ${entry.tookMs} ms there still is ${what}`);
    return [];
  });
  return waits.map((what) => `rest: ${what}`);
}

/** A part that ends by itself does so with 1, and says why in its log; etcd has its own ways. */
function checkEnds(history: readonly Entry[]): string[] {
  return history.flatMap((entry) => {
    if (entry.type !== "part" || entry.isOurs || entry.name.startsWith("etcd")) return [];
    return entry.what === "exit code 1" ? [] : [`alive: ${entry.name} ended with ${entry.what} at ${entry.at}`];
  });
}

/** The lines of all parts of a kind. */
function logsOf(dir: string, kind: string): string[] {
  const files = logFiles(dir).filter((file) => file.startsWith(`${kind}-`));
  return files.flatMap((file) => readFileSync(join(dir, LOGS, file), "utf8").split("\n"));
}

const LOGS = "logs";

function logFiles(dir: string): string[] {
  return existsSync(join(dir, LOGS)) ? readdirSync(join(dir, LOGS)) : [];
}

/** The stack of an error that nobody expected. */
function checkLogs(dir: string): string[] {
  return logFiles(dir).flatMap((file) => {
    const lines = readFileSync(join(dir, LOGS, file), "utf8").split("\n");
    const at = lines.findIndex((line) => /^\s+at .*\.ts:\d+:\d+/.test(line));
    return at === -1 ? [] : [`alive: ${file}:${at + 1} has the stack of an error: ${lines[Math.max(0, at - 1)]}`];
  });
}
