import type { TaskState, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";

/** What is known of one task. */
export interface Entry {
  readonly id: string;
  /** What its command ends with, when nobody ends it before; undefined: it runs for ever. */
  readonly exitCode: number | undefined;
  isKilled: boolean;
  /** What the framework was told, in order, each once. */
  readonly told: TaskStatus[];
  /** The pids that its command wrote down when it began. */
  begun: readonly number[];
  /** Its process was taken from the launcher's record, and its launcher killed: nobody can tell how it ends. */
  isDisowned: boolean;
}

/** All tasks of a history, and the judge of what became of them. */
export class Book {
  readonly entries = new Map<string, Entry>();

  add(id: string, exitCode: number | undefined): Entry {
    const entry: Entry = { id, exitCode, isKilled: false, told: [], begun: [], isDisowned: false };
    this.entries.set(id, entry);
    return entry;
  }

  /** An update; one that was told before is sent again when its acknowledgement got lost, and what the master knows is told when it is asked. */
  hear(status: TaskStatus): void {
    const entry = this.entries.get(status.task_id.value);
    if (entry === undefined) return;
    const isKnown = entry.told.some(({ uuid }) => uuid === status.uuid);
    if (status.uuid === undefined ? isFinal(stateOf(entry)) : isKnown) return;
    entry.told.push(status);
  }

  /** Those that are to run, as far as the framework knows. */
  running(): Entry[] {
    return [...this.entries.values()].filter((entry) => stateOf(entry) === "TASK_RUNNING");
  }

  /** Those of which the end is not known yet. */
  open(): Entry[] {
    return [...this.entries.values()].filter((entry) => !isFinal(stateOf(entry)));
  }

  /** What is wrong with the whole history, one sentence each, once all has come to rest. */
  judge(): string[] {
    return [...this.entries.values()].flatMap((entry) => problemsOf(entry).map((text) => `${entry.id} ${text}`));
  }

  /** How many tasks ended in each state. */
  ends(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const entry of this.entries.values()) {
      const state = stateOf(entry) ?? "never told";
      counts.set(state, (counts.get(state) ?? 0) + 1);
    }
    return counts;
  }
}

export function stateOf({ told }: Entry): TaskState | undefined {
  return told.at(-1)?.state;
}

function isFinal(state: TaskState | undefined): boolean {
  return state !== undefined && !PASSING.includes(state);
}

const PASSING: readonly TaskState[] = [
  ...(["TASK_STAGING", "TASK_STARTING", "TASK_RUNNING", "TASK_KILLING", "TASK_UNREACHABLE"] as const),
];

function problemsOf(entry: Entry): string[] {
  const problems: string[] = [];
  if (entry.begun.length > 1) problems.push(`was begun ${entry.begun.length} times`);
  const finals = new Set(entry.told.filter(({ state }) => isFinal(state)).map(({ state }) => state));
  if (finals.size > 1) problems.push(`ended as ${[...finals].join(" and as ")}`);
  const last = entry.told.at(-1);
  const wrong = entry.isDisowned ? undefined : wrongEnd(entry, last);
  if (wrong !== undefined) problems.push(`${wrong}: ${last?.state} ${last?.reason ?? ""} ${last?.message ?? ""}`);
  return problems;
}

/** A launch that never reached the agent is told as dropped, or lost before it ran; then nothing of it may have begun. */
function wrongEnd(entry: Entry, last: TaskStatus | undefined): string | undefined {
  const { exitCode, isKilled, begun } = entry;
  switch (last?.state) {
    case "TASK_FINISHED":
      return exitCode === 0 ? undefined : "is not known to end well";
    case "TASK_FAILED":
      return exitCode !== 0 && last.message?.includes(`exited with status ${exitCode}`) ? undefined : "did not fail so";
    case "TASK_KILLED":
      return isKilled ? undefined : "was killed by nobody";
    case "TASK_DROPPED":
    case "TASK_LOST":
      return begun.length === 0 ? undefined : "had begun";
    case "TASK_RUNNING":
      return exitCode === undefined && !isKilled ? undefined : "should have ended";
    default:
      return "has no end";
  }
}
