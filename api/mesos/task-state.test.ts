import { expect, test } from "vitest";
import type { TaskState } from "./generated/mesos.ts";
import { isTerminal } from "./task-state.ts";

const IS_OVER: Readonly<Record<TaskState, boolean>> = {
  TASK_STAGING: false,
  TASK_STARTING: false,
  TASK_RUNNING: false,
  TASK_KILLING: false,
  TASK_UNREACHABLE: false,
  TASK_UNKNOWN: false,
  TASK_FINISHED: true,
  TASK_FAILED: true,
  TASK_KILLED: true,
  TASK_ERROR: true,
  TASK_LOST: true,
  TASK_DROPPED: true,
  TASK_GONE: true,
  TASK_GONE_BY_OPERATOR: true,
};

test("a task that may still be heard of is not over, in any state that there is", () => {
  for (const [state, isOver] of Object.entries(IS_OVER)) expect(isTerminal(state as TaskState), state).toBe(isOver);
});
