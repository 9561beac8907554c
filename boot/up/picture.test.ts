import type { Event } from "@meseta/api/mesos/generated/master.ts";
import type { TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { expect, test } from "vitest";
import { createPicture, see } from "./picture.ts";

test("a line says what a check has found, and not the same state twice", () => {
  const picture = createPicture();
  const line = (status: Pick<TaskStatus, "state" | "healthy" | "message">) => {
    const { state } = status;
    const task_updated = { framework_id: { value: "f" }, state, status: { task_id: { value: "web.1" }, ...status } };
    return see(picture, { type: "TASK_UPDATED", task_updated } as Event);
  };
  expect(line({ state: "TASK_RUNNING" })).toBe("task web.1 running");
  expect(line({ state: "TASK_RUNNING", healthy: true })).toBe("task web.1 running, healthy");
  expect(line({ state: "TASK_RUNNING", healthy: false })).toBe("task web.1 running, unhealthy");
  expect(line({ state: "TASK_FAILED", healthy: false, message: "It exited" })).toBe("task web.1 failed: It exited");
});
