import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { describe, expect, it } from "vitest";
import type { Entry, TaskLine } from "../history.ts";
import { checkStarts } from "./starts.ts";
import { checkTasks } from "./tasks.ts";

let at = 0;
const status = (state: TaskState, uuid: string) => ({ task_id: { value: "t" }, state, uuid });
const launch = (): Entry => ({ at: ++at, type: "launch", taskId: "t", agentId: "a" });
const heard = (state: TaskState, uuid: string): Entry[] => [
  { at: ++at, type: "update", status: status(state, uuid) },
  { at: ++at, type: "acknowledge", status: status(state, uuid) },
];
const line = (what: TaskLine["what"], pid = 1): TaskLine => ({ what, taskId: "t", at: ++at, pid });
const rest = (): Entry => ({ at: ++at, type: "empty", tookMs: 1, left: [] });

describe("a task's history is right", () => {
  it("when it begins once, ends, and is told so", () => {
    const history = [launch(), ...heard("TASK_RUNNING", "1"), ...heard("TASK_FINISHED", "2"), rest()];
    expect(checkTasks(history, [line("start"), line("end")])).toMatchObject({ problems: [], launched: 1, updates: 2 });
  });

  it("when its launch was lost on the way", () => {
    expect(checkTasks([launch(), ...heard("TASK_DROPPED", "1"), rest()], []).problems).toEqual([]);
  });
});

describe("a task's history is wrong", () => {
  it("when it is started twice", () => {
    expect(checkStarts([line("start", 7), line("end", 7), line("start", 9)]).problems).toHaveLength(1);
  });

  it("when a final state is followed by another", () => {
    const history = [launch(), ...heard("TASK_FINISHED", "1"), ...heard("TASK_FAILED", "2")];
    expect(checkTasks(history, [line("start"), line("end")]).problems).toHaveLength(1);
  });

  it("when what did not end is told as finished, or what had begun as dropped", () => {
    expect(checkTasks([launch(), ...heard("TASK_FINISHED", "1")], [line("start")]).problems).toHaveLength(1);
    expect(checkTasks([launch(), ...heard("TASK_DROPPED", "1")], [line("start")]).problems).toHaveLength(1);
  });

  it("when nothing is told of it after all has healed", () => {
    expect(checkTasks([launch(), ...heard("TASK_RUNNING", "1"), rest()], [line("start")]).problems).toHaveLength(1);
  });
});
