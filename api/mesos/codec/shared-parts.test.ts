import fc from "fast-check";
import { expect, test } from "vitest";
import type { Call } from "../generated/link.ts";
import type { Resource, Task } from "../generated/mesos.ts";
import { decodeProtobuf, decodeProtobufShared, encodeProtobuf } from "./protobuf.ts";

const word = fc.oneof(fc.constantFrom("a", "b", "ä"), fc.string({ maxLength: 40 }));
const resource = fc.record({
  name: fc.constantFrom("cpus", "mem"),
  type: fc.constant("SCALAR" as const),
  scalar: fc.record({ value: fc.constantFrom(0.1, 1, 2) }),
  allocation_info: fc.record({ role: word }),
});
const label = fc.record({ key: word, value: word });
const task = fc.record({
  name: word,
  task_id: fc.record({ value: word }),
  framework_id: fc.record({ value: word }),
  agent_id: fc.record({ value: word }),
  state: fc.constant("TASK_RUNNING" as const),
  resources: fc.array(resource, { maxLength: 3 }),
  labels: fc.record({ labels: fc.array(label, { minLength: 1, maxLength: 4 }) }),
});

test("what is read with shared parts is what is read without them, whatever was read before", () => {
  fc.assert(
    fc.property(fc.array(fc.array(task, { maxLength: 4 }), { maxLength: 6 }), (calls) => {
      for (const tasks of calls) {
        const bytes = bytesOf(tasks);
        expect(decodeProtobufShared("meseta.link.Call", bytes)).toEqual(decodeProtobuf("meseta.link.Call", bytes));
      }
    }),
  );
});

test("equal parts of two calls are one object, which nobody can change; what differs is not", () => {
  const [first, second, third] = [taskWith("1", 1), taskWith("2", 1), taskWith("3", 2)].map(
    (task) => decodeProtobufShared("meseta.link.Call", bytesOf([task])).subscribe!.tasks![0]!,
  );
  for (const part of ["framework_id", "agent_id", "labels"] as const) expect(second![part]).toBe(first![part]);
  expect(second!.resources![0]).toBe(first!.resources![0]);
  expect(third!.resources![0]).not.toBe(first!.resources![0]);
  expect(third!.resources![0]!.scalar).toEqual({ value: 2 });
  expect(second!.task_id).toEqual({ value: "2" });
  expect(() => (first!.labels!.labels![0]!.value = "other")).toThrow(TypeError);
});

test("a part that is broken is refused each time", () => {
  const broken = bytesOf([taskWith("1", 1)]).slice();
  // The type of the resource becomes a field that ends nowhere.
  const at = Buffer.from(broken).indexOf("cpus") + 4;
  broken[at] = 0x9b;
  for (let time = 0; time < 3; time++) expect(() => decodeProtobufShared("meseta.link.Call", broken)).toThrow();
});

test("parts that lack what they must have are refused each time", () => {
  const without = { ...taskWith("1", 1), agent_id: { value: "S" } };
  const bytes = bytesOf([without]);
  const at = Buffer.from(bytes).lastIndexOf("\n\u0001S");
  // The required field becomes one that is not known.
  bytes[at] = 0x7a;
  for (let time = 0; time < 3; time++)
    expect(() => decodeProtobufShared("meseta.link.Call", bytes)).toThrow("Missing required fields");
});

function taskWith(id: string, cpus: number): Task {
  const resources: Resource[] = [{ name: "cpus", type: "SCALAR", scalar: { value: cpus } }];
  const labels = { labels: [{ key: "k", value: "v" }] };
  const ids = { task_id: { value: id }, framework_id: { value: "F" }, agent_id: { value: "S" } };
  return { name: "t", ...ids, state: "TASK_RUNNING", resources, labels };
}

function bytesOf(tasks: Task[]): Uint8Array {
  const subscribe = { agent_info: { hostname: "h" }, version: "1.12.0", resource_version: "", tasks };
  const call: Call = { link_version: 1, boot_id: "b", type: "SUBSCRIBE", subscribe };
  return encodeProtobuf("meseta.link.Call", call);
}
