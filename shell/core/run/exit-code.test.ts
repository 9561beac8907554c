import { expect, test } from "vitest";
import { exitCodeOf, exitCodeOfWait, faultOf } from "./exit-code.ts";

const task_id = { value: "t" };

test("a task's own code is passed on, and a signal is 128 + n", () => {
  const messages = [
    "Command exited with status 3",
    "Command exited with status 127",
    "Command terminated with signal Segmentation fault",
    "Command terminated with signal Killed",
    "Command terminated with signal Aborted (core dumped)",
    "Command terminated with signal Real-time signal 34",
  ];
  const codes = messages.map((message) => exitCodeOf({ task_id, state: "TASK_FAILED", message }));
  expect(codes).toEqual([3, 127, 139, 137, 134, 162]);
});

test("what the cluster did to a task is 125, and what it could not start is 126", () => {
  expect(exitCodeOf({ task_id, state: "TASK_FINISHED" })).toBe(0);
  expect(exitCodeOf({ task_id, state: "TASK_DROPPED" })).toBe(125);
  expect(exitCodeOf({ task_id, state: "TASK_GONE_BY_OPERATOR" })).toBe(125);
  expect(exitCodeOf({ task_id, state: "TASK_ERROR", message: "no" })).toBe(126);
  expect(exitCodeOf({ task_id, state: "TASK_FAILED", reason: "REASON_CONTAINER_LAUNCH_FAILED" })).toBe(126);
  for (const text of [
    "executable file `x` not found in $PATH: No such file or directory",
    'exec: "/x": stat /x: no such file',
  ])
    expect(exitCodeOf({ task_id, state: "TASK_FAILED", reason: "REASON_CONTAINER_LAUNCH_FAILED", message: text })).toBe(
      127,
    );
  expect(exitCodeOf({ task_id, state: "TASK_FAILED", reason: "REASON_EXECUTOR_TERMINATED" })).toBe(1);
  expect(exitCodeOf({ task_id, state: "TASK_KILLED" })).toBe(143);
});

test("a status of wait(2) is an exit code or 128 + n", () => {
  expect([0, 3 << 8, 255 << 8, 9, 11 | 0x80].map(exitCodeOfWait)).toEqual([0, 3, 255, 137, 139]);
});

test("only what the cluster did to a task is told as an error", () => {
  expect(faultOf({ task_id, state: "TASK_FAILED", message: "Command exited with status 125" })).toBeUndefined();
  expect(faultOf({ task_id, state: "TASK_DROPPED" })).toBe("task-lost");
  expect(faultOf({ task_id, state: "TASK_ERROR" })).toBe("task-not-runnable");
});
