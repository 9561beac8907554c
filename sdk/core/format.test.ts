import { fromJsonText } from "@meseta/api/mesos/codec/from-json.ts";
import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import { expect, test } from "vitest";
import { json } from "./format.ts";

test("a limit that is none arrives as none", () => {
  const task: TaskInfo = {
    name: "web",
    task_id: { value: "web.1" },
    agent_id: { value: "S0" },
    limits: { cpus: { value: Number.POSITIVE_INFINITY }, mem: { value: 64 } },
  };
  const text = decodeUtf8(json.encode("mesos.v1.TaskInfo", task));
  expect(text).toContain('"limits":{"cpus":{"value":"Infinity"},"mem":{"value":64}}');
  expect(fromJsonText("mesos.v1.TaskInfo", text).limits).toEqual(task.limits);
});
