import type { FrameworkInfo, Resource, Task } from "@meseta/api/mesos/generated/mesos.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { newFramework } from "./frameworks.ts";
import { shareParts } from "./share.ts";
import type { Agent } from "./state.ts";

const info: FrameworkInfo = { name: "f", user: "root", roles: ["r"], id: { value: "F" } };
const agent = { info: { id: { value: "S" }, hostname: "s" } } as Agent;

const labels = fc.option(
  fc.record({
    labels: fc.array(fc.record({ key: fc.constantFrom("a", "b"), value: fc.constantFrom("1", "2", undefined) })),
  }),
  { nil: undefined },
);
const resources = fc.array(
  fc.record({
    name: fc.constantFrom("cpus", "mem"),
    type: fc.constant("SCALAR" as const),
    scalar: fc.record({ value: fc.constantFrom(0, 1, 2) }),
    reservations: fc.option(fc.array(fc.record({ role: fc.constantFrom("r", "s") }), { maxLength: 2 }), {
      nil: undefined,
    }),
    allocation_info: fc.record({ role: fc.constantFrom("r", "s") }),
  }),
  { maxLength: 3 },
);
const tasks = fc.record({ labels, resources });

test("what tasks say is the same before and after they share it", () => {
  fc.assert(
    fc.property(fc.array(tasks, { maxLength: 6 }), (wanted) => {
      const framework = newFramework("F", info, 0);
      const all = wanted.map((parts, i) => taskOf(i, structuredClone(parts)));
      const before = JSON.stringify(all);
      expect(JSON.stringify(all.map((task) => shareParts(task, framework, agent)))).toBe(before);
    }),
  );
});

test("tasks of a service hold their labels once", () => {
  const framework = newFramework("F", info, 0);
  const parts = () => ({ labels: { labels: [{ key: "a", value: "1" }] } });
  const [first, second] = [taskOf(1, parts()), taskOf(2, parts())].map((task) => shareParts(task, framework, agent));
  expect(second!.labels).toBe(first!.labels);
});

test("what is shared beyond the master is left as it is, and the next task shares it", () => {
  const framework = newFramework("F", info, 0);
  const parts = () => ({ resources: Object.freeze([resource()]) as Resource[], labels: Object.freeze({ labels: [] }) });
  const frozen = parts();
  const [, second, third] = [parts(), frozen, { ...frozen, resources: [...frozen.resources] }].map((own, i) =>
    shareParts(taskOf(i, own), framework, agent),
  );
  expect(second!.labels).toBe(frozen.labels);
  expect(third!.labels).toBe(frozen.labels);
  expect(third!.resources).toBe(frozen.resources);
});

function resource(): Resource {
  return Object.freeze({ name: "cpus", type: "SCALAR", scalar: { value: 1 }, allocation_info: { role: "r" } });
}

function taskOf(number: number, parts: Partial<Task>): Task {
  const task_id = { value: `t${number}` };
  return {
    name: "t",
    task_id,
    framework_id: { value: "F" },
    agent_id: { value: "S" },
    state: "TASK_RUNNING",
    ...parts,
  };
}
