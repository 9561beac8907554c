import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { describe, expect, it } from "vitest";
import { Book } from "./book.ts";
import { playAgent } from "./play.ts";

describe("who judges what became of tasks", () => {
  /** The history of one task that ends with 7 by itself. */
  function history(states: readonly [TaskState, string?][], begun: readonly number[], isKilled = false): string[] {
    const book = new Book();
    const entry = book.add("t", 7);
    entry.isKilled = isKilled;
    for (const [at, [state, message]] of states.entries())
      book.hear({ task_id: { value: "t" }, state, uuid: `${at}`, message: message ?? "" });
    entry.begun = begun;
    return book.judge();
  }
  const ended: [TaskState, string] = ["TASK_FAILED", "Command exited with status 7"];

  it("is content with a true end, and with a launch that never began", () => {
    expect(history([["TASK_RUNNING"], ended], [100])).toEqual([]);
    expect(history([["TASK_DROPPED"]], [])).toEqual([]);
    expect(history([["TASK_KILLED"]], [100], true)).toEqual([]);
  });

  it.each([
    ["a task that was begun twice", history([ended], [100, 101])],
    ["another status", history([["TASK_FAILED", "Command exited with status 8"]], [100])],
    ["an end that is not true", history([["TASK_FINISHED"]], [100])],
    ["a kill by nobody", history([["TASK_KILLED"]], [100])],
    ["a drop of what had begun", history([["TASK_DROPPED"]], [100])],
    ["two ends", history([["TASK_LOST"], ended], [])],
    ["no end", history([["TASK_RUNNING"]], [100])],
  ])("tells of %s", (_, problems) => {
    expect(problems).toHaveLength(1);
  });
});

/** Under load of others each start takes some seconds. */
const LONG_MS = 400_000;

it(
  "tasks do not notice that their agent is killed, each is begun once, and ends as is told; a process with a pid that was theirs is left alone",
  async () => {
    const asked = { kills: 3, tasks: 6, containers: 0, decoys: 2, random: createRandom(1) };
    const { problems, decoys } = await playAgent(asked);
    expect({ problems, decoys }).toEqual({ problems: [], decoys: { all: 2, alive: 2 } });
  },
  LONG_MS,
);
