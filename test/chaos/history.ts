// What happened in a run, as lines of JSON: all that the checkers look at, so that they can look again.
import { appendFileSync, closeSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { TimedJob } from "@meseta/sim/checkers/cron.ts";
import type { Fault } from "./plan.ts";

/** What a key was set to, as text; `ABSENT` where nothing is. Values of one key are all different. */
export type Value = string;
export const ABSENT = "absent";

/** How a write ended: it is done; it was surely not; nobody knows. */
export type Outcome = "done" | "refused" | "unknown";

/** `at` is in milliseconds since 1970, of a clock that does not jump. */
export type Entry = { readonly at: number } & (
  | { readonly type: "run"; readonly seed: number; readonly forMs: number; readonly kinds: readonly string[] }
  | { readonly type: "trouble" }
  | {
      readonly type: "fault";
      readonly phase: "begins" | "ends";
      readonly fault: Fault;
      readonly hit: readonly string[];
    }
  | { readonly type: "part"; readonly name: string; readonly what: string; readonly isOurs: boolean }
  | { readonly type: "write"; readonly id: number; readonly key: string; readonly value: Value }
  | { readonly type: "written"; readonly id: number; readonly outcome: Outcome; readonly why?: string }
  | {
      readonly type: "read";
      readonly calledAt: number;
      /** Only keys of this beginning were looked at; those that are not among the values are absent. */
      readonly prefix: string;
      readonly from: string;
      readonly values: Readonly<Record<string, Value>>;
    }
  | { readonly type: "leads"; readonly calledAt: number; readonly id: string; readonly from: string }
  | { readonly type: "subscribed"; readonly frameworkId: string }
  | { readonly type: "launch"; readonly taskId: string; readonly agentId: string }
  | { readonly type: "kill"; readonly taskId: string }
  | { readonly type: "update"; readonly status: TaskStatus }
  | { readonly type: "acknowledge"; readonly status: TaskStatus }
  | { readonly type: "job"; readonly job: TimedJob }
  | { readonly type: "timer"; readonly lateMs: number }
  | { readonly type: "healed" }
  | { readonly type: "whole"; readonly tookMs: number; readonly missing: readonly string[] }
  | { readonly type: "services"; readonly services: readonly ServiceAtRest[] }
  | { readonly type: "empty"; readonly tookMs: number; readonly left: readonly string[] }
  | { readonly type: "read-runs" }
);

/** An app when all has healed: what is wanted, what init says, and the processes that live. */
export interface ServiceAtRest {
  readonly id: string;
  readonly wanted: number;
  readonly told: number;
  /** The value that each of its processes was started with, and its task. */
  readonly processes: readonly { readonly taskId: string; readonly value: Value }[];
  readonly value: Value;
}

/** What a task wrote down by itself. */
export interface TaskLine {
  readonly what: "start" | "end";
  readonly taskId: string;
  readonly at: number;
  readonly pid: number;
}

/** All that was seen in a run, within its folder. */
export const HISTORY_FILE = "history.jsonl";
/** Where tasks write that they begin and end. */
export const TASKS_FILE = "tasks.txt";

export class History {
  readonly dir: string;
  #file: number | undefined;

  constructor(dir: string) {
    this.dir = dir;
    this.#file = openSync(join(dir, HISTORY_FILE), "w");
    appendFileSync(join(dir, TASKS_FILE), "");
  }

  /** Nothing more once it is closed. */
  note(entry: NewEntry): void {
    if (this.#file !== undefined) writeSync(this.#file, `${JSON.stringify({ at: now(), ...entry })}\n`);
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

type Unstamped<E> = E extends Entry ? Omit<E, "at"> : never;
export type NewEntry = Unstamped<Entry>;

/** Milliseconds since 1970, by a clock that only goes forward. */
export function now(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000) / 1000;
}

export function readHistory(dir: string): Entry[] {
  const lines = readFileSync(join(dir, HISTORY_FILE), "utf8").split("\n");
  // The last line may be torn, where the run was killed.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Entry);
}

export function readTaskLines(dir: string): TaskLine[] {
  const lines = readFileSync(join(dir, TASKS_FILE), "utf8").split("\n").slice(0, -1);
  return lines.map((line) => {
    const [what, taskId, pid, at] = line.split(" ") as ["start" | "end", string, string, string];
    return { what, taskId, at: Number(at), pid: Number(pid) };
  });
}

/** The shell's words with which a task writes down that it begins, or ends. One short line is appended as a whole. */
export function noteInTask(what: TaskLine["what"], dir: string): string {
  return `echo "${what} $MESOS_TASK_ID $$ $(date +%s%3N)" >> ${join(dir, TASKS_FILE)}`;
}
