import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { parseTimestamp } from "@meseta/lib/core/timestamp.ts";
import type { Call } from "../call.ts";
import { CONFIG } from "../config.rig.ts";
import type { CronConfig } from "../config.ts";
import { load } from "../load.ts";
import { type Answer, type CronEffect, CronOut, type Notification } from "../out.ts";
import type { Query, Reading } from "../query.ts";
import type { JobRun, RunEvent } from "../run.ts";
import { changeRun } from "../runs/change.ts";
import type { CronState, Entry } from "../state.ts";
import { readQuery } from "../views/read.ts";
import { applyCall } from "./apply.ts";

export const START = "2026-01-05T10:00:00.000Z";

/** What came of a call. */
export interface Came {
  readonly answer: Answer;
  readonly notes: readonly Notification[];
  readonly saved: readonly string[];
  readonly effects: readonly CronEffect[];
}

/** A desk at which calls are handed in and state is asked for, with no master behind it: runs begin and end when a test says so. */
export class Desk {
  readonly state: CronState;
  /** All that is stored. */
  readonly records = new Map<string, string>();
  nowMs = parseTimestamp(START)!;

  constructor(config: Partial<CronConfig> = {}) {
    this.state = load({ ...CONFIG, ...config }, { random: createRandom(1), startMs: this.nowMs, records: [] });
    this.state.master.isConnected = true;
  }

  /** The call one second later, and all that came of it. */
  hand(call: Call): Came {
    this.nowMs += 1000;
    const out = new CronOut();
    applyCall(this.state, 7, call, this.nowMs, out);
    const answers = out.effects.flatMap((effect) => (effect.type === "answer" ? [effect.answer] : []));
    if (answers.length !== 1) throw new Error(`${answers.length} answers`);
    const notes = out.effects.flatMap((effect) => (effect.type === "notify" ? [effect.notification] : []));
    this.#keep(out);
    return { answer: answers[0]!, notes, saved: [...out.puts.keys(), ...out.deletes], effects: out.effects };
  }

  /** What came of a call that must succeed. */
  done(call: Call): Came {
    const came = this.hand(call);
    if (came.answer.status >= 300) throw new Error(JSON.stringify(came.answer));
    return came;
  }

  /** What a client sees. */
  see(query: Query): { readonly status: number; readonly body: unknown } {
    const { status, isText, pieces } = this.reading(query);
    const text = [...pieces].join("");
    return { status, body: isText ? text : JSON.parse(text) };
  }

  /** The same, of which nothing has been read yet. */
  reading(query: Query): Reading {
    return readQuery(this.state, query, this.nowMs);
  }

  entry(id: string): Entry {
    const entry = this.state.entries.get(id);
    if (entry === undefined) throw new Error(`no job ${id}`);
    return entry;
  }

  /** The newest run of the job that has not ended. */
  run(id: string): JobRun {
    const run = [...(this.entry(id).runs?.values() ?? [])].at(-1);
    if (run === undefined) throw new Error(`no run of ${id}`);
    return run;
  }

  /** A task of its newest run goes to a host, and runs there one second later. */
  begin(id: string, hostname = "h1"): string {
    const { dueMs, launches } = this.run(id);
    const taskId = `ct:${dueMs}:${launches}:${id}:`;
    const where = { agentId: `agent-${hostname}`, hostname };
    const task = { id: taskId, ...where, launchedMs: this.nowMs, state: "TASK_STAGING" } as const;
    this.happens(id, { type: "launched", task });
    this.nowMs += 1000;
    this.comes(id, taskId, "TASK_RUNNING");
    return taskId;
  }

  /** The task comes to this state. */
  comes(id: string, taskId: string, state: TaskState, message?: string): CronOut {
    return this.happens(id, { type: "status", taskId, state, message });
  }

  happens(id: string, event: RunEvent): CronOut {
    const out = new CronOut();
    changeRun(this.state, { job: id, run: this.run(id).id }, event, this.nowMs, out);
    this.#keep(out);
    return out;
  }

  /** Its newest run takes so many seconds, and ends. */
  finish(id: string, seconds: number, state: TaskState = "TASK_FINISHED"): CronOut {
    const taskId = this.begin(id);
    this.nowMs += seconds * 1000;
    return this.comes(id, taskId, state);
  }

  #keep(out: CronOut): void {
    for (const key of out.deletes) this.records.delete(key);
    for (const [key, text] of out.puts) this.records.set(key, text);
  }
}

/** All of the state that calls could change, as text. */
export function digest(state: CronState): string {
  const { entries, graph, waiting, tasks, kills, past, clockAtMs } = state;
  const nodes = [...graph.csv(() => ({ outcome: "", state: "" }))];
  return JSON.stringify({ entries, nodes, waiting: [...waiting], tasks, kills, past, clockAtMs }, (_key, value) =>
    value instanceof Map ? ["map", ...value] : value instanceof Set ? ["set", ...value] : value,
  );
}
