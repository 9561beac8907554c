import { expect, test } from "vitest";
import type { OfferOperation, Resource } from "../generated/mesos.ts";
import { allocate, unallocate } from "./allocation.ts";
import { equal } from "./bag.ts";
import { applyOperation, conversionsOf } from "./operations.ts";
import { parseResources } from "./parse.ts";
import { inOperation } from "./within.ts";

const of = (text: string) => parseResources(text) as Resource[];
const forOps: Resource["reservations"] = [{ type: "DYNAMIC", role: "ops", principal: "p" }];
const cpus = (value: number, reservations = forOps): Resource => ({
  name: "cpus",
  type: "SCALAR",
  scalar: { value },
  reservations,
});
const disk = (value: number): Resource => ({ ...cpus(value), name: "disk" });
const volume = (value: number, more: Partial<Resource> = {}): Resource => ({
  ...disk(value),
  disk: { persistence: { id: "v" }, volume: { mode: "RW", container_path: "d" } },
  ...more,
});

function after(bag: Resource[], ...operations: OfferOperation[]) {
  let now = bag;
  for (const operation of operations) {
    const outcome = applyOperation(now, operation);
    if ("message" in outcome) return outcome;
    now = outcome;
  }
  return now;
}

test("operations in one call build on each other", () => {
  const steps: OfferOperation[] = [
    { type: "RESERVE", reserve: { resources: [disk(32)] } },
    { type: "CREATE", create: { volumes: [volume(8)] } },
  ];
  const now = after(of("cpus:8;disk:100"), ...steps) as Resource[];
  expect(equal(now, [...of("cpus:8;disk:68"), disk(24), volume(8)])).toBe(true);
});

test("what is not there cannot be reserved, and nothing is changed", () => {
  const bag = of("cpus:0.25");
  expect(after(bag, { type: "RESERVE", reserve: { resources: [cpus(0.5)] } })).toEqual({
    message: "Invalid RESERVE operation: cpus:0.25 does not contain cpus:0.5",
  });
  expect(bag).toEqual(of("cpus:0.25"));
});

test("an operator moves a reservation from one role to another in one step", () => {
  const other: Resource["reservations"] = [{ type: "DYNAMIC", role: "dev" }];
  const move: OfferOperation = { type: "RESERVE", reserve: { source: [cpus(1)], resources: [cpus(1, other)] } };
  expect(after([cpus(3)], move)).toEqual([cpus(2), cpus(1, other)]);
  const more: OfferOperation = { type: "RESERVE", reserve: { source: [cpus(1)], resources: [cpus(2, other)] } };
  expect(after([cpus(3)], more)).toEqual({
    message: "Invalid RESERVE operation: source cpus:1 and resources cpus:2 differ in more than reservations",
  });
});

test("a shared volume with another user is not destroyed", () => {
  const shared = volume(8, { shared: {} });
  const destroy: OfferOperation = { type: "DESTROY", destroy: { volumes: [shared] } };
  expect(after([shared], destroy)).toEqual([disk(8)]);
  expect(after([shared, shared], destroy)).toHaveProperty("message", expect.stringContaining("has other users"));
});

test("a volume grows by disk of its own kind only, and shrinks to something", () => {
  const grow = (addition: Resource): OfferOperation => ({
    type: "GROW_VOLUME",
    grow_volume: { volume: volume(8), addition },
  });
  expect(after([volume(8), disk(4)], grow(disk(4)))).toEqual([volume(12)]);
  expect(after([volume(8), ...of("disk:4")], grow(of("disk:4")[0]!))).toHaveProperty(
    "message",
    expect.stringContaining("cannot be joined"),
  );
  const shrink = (value: number): OfferOperation => ({
    type: "SHRINK_VOLUME",
    shrink_volume: { volume: volume(8), subtract: { value } },
  });
  expect(after([volume(8)], shrink(3))).toEqual([volume(5), disk(3)]);
  expect(after([volume(8)], shrink(8))).toEqual({
    message: "Invalid SHRINK_VOLUME operation: the size to take away must be less than the volume",
  });
});

test("a volume on a MOUNT disk neither grows nor shrinks, and leaves the disk when it is destroyed", () => {
  const source = { type: "MOUNT" as const, mount: { root: "/m" } };
  const mount: Resource = { ...disk(8), disk: { source } };
  const made: Resource = { ...volume(8), disk: { ...volume(8).disk, source } };
  expect(after([mount], { type: "CREATE", create: { volumes: [made] } })).toEqual([made]);
  expect(after([made], { type: "DESTROY", destroy: { volumes: [made] } })).toEqual([mount]);
  expect(after([made, mount], { type: "GROW_VOLUME", grow_volume: { volume: made, addition: mount } })).toHaveProperty(
    "message",
  );
  expect(
    after([made], { type: "SHRINK_VOLUME", shrink_volume: { volume: made, subtract: { value: 1 } } }),
  ).toHaveProperty("message");
});

test("launching converts nothing", () => {
  expect(conversionsOf({ type: "LAUNCH" })).toEqual({ message: "Operation LAUNCH does not convert resources" });
  expect(conversionsOf({})).toEqual({ message: "Operation of unknown type does not convert resources" });
});

test("all resources in an operation are marked and unmarked together", () => {
  const task = {
    name: "t",
    task_id: { value: "t" },
    agent_id: { value: "a" },
    resources: of("cpus:1"),
    executor: { executor_id: { value: "e" }, resources: of("mem:1") },
  };
  const operation: OfferOperation = {
    type: "LAUNCH_GROUP",
    launch: { task_infos: [task] },
    launch_group: { executor: task.executor, task_group: { tasks: [task] } },
    reserve: { source: [cpus(1)], resources: [cpus(1)] },
    unreserve: { resources: [cpus(1)] },
    create: { volumes: [volume(1)] },
    destroy: { volumes: [volume(1)] },
    grow_volume: { volume: volume(1), addition: disk(1) },
    shrink_volume: { volume: volume(1), subtract: { value: 0.5 } },
    create_disk: { source: disk(1), target_type: "MOUNT" },
    destroy_disk: { source: disk(1) },
  };
  const marked = inOperation(operation, (list) => allocate(list, "ops"));
  expect(JSON.stringify(marked).split('"allocation_info":{"role":"ops"}')).toHaveLength(1 + 15);
  expect(inOperation(marked, unallocate)).toEqual(operation);
});
