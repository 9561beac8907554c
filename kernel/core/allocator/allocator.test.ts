import { expect, test } from "vitest";
import { createFilters, expire, filtersOf, refuse } from "./filters.ts";
import { bag, framework, shown, sketch } from "./sketch.ts";
import { columnOf, createSpace } from "./space.ts";

test("a lone framework is offered all of an agent, with the role on every resource", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.addAgent("a", { hostname: "h" }, bag("cpus:4;mem:1024;disk:10;ports:[1-5]"));
  expect(allocator.hasWork(0)).toBe(true);
  const { offers } = allocator.allocate(0);
  expect(offers).toHaveLength(1);
  expect(offers[0]!.offers[0]!.resources).toEqual([
    { name: "cpus", type: "SCALAR", scalar: { value: 4 }, allocation_info: { role: "*" } },
    { name: "mem", type: "SCALAR", scalar: { value: 1024 }, allocation_info: { role: "*" } },
    { name: "disk", type: "SCALAR", scalar: { value: 10 }, allocation_info: { role: "*" } },
    { name: "ports", type: "RANGES", ranges: { range: [{ begin: 1, end: 5 }] }, allocation_info: { role: "*" } },
  ]);
  expect(allocator.hasWork(0)).toBe(false);
});

test("what is declined is offered to another at once, and to the same framework when its filter ends", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.addAgent("a", { hostname: "h" }, bag("cpus:4;mem:1024"));
  expect(shown(allocator.allocate(0))).toEqual(["f * a: cpus:4;mem:1024"]);
  allocator.addFramework("g", framework(), 0);
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.recover("f", "*", "a", bag("cpus:4;mem:1024"), { refuseSeconds: undefined, nowMs: 1000 });
  expect(shown(allocator.allocate(1000))).toEqual(["g * a: cpus:4;mem:1024"]);
  allocator.recover("g", "*", "a", bag("cpus:4;mem:1024"), { refuseSeconds: 100, nowMs: 2000 });
  expect(shown(allocator.allocate(2000))).toEqual([]);
  expect(allocator.nextWakeMs()).toBe(6000);
  expect(shown(allocator.allocate(5999))).toEqual([]);
  expect(shown(allocator.allocate(6000))).toEqual(["f * a: cpus:4;mem:1024"]);
});

test("a refusal that replaces the only other user of its bag keeps the bag", () => {
  const space = createSpace();
  columnOf(space, "cpus");
  const filters = createFilters(space);
  const [small, large] = [Float64Array.of(1), Float64Array.of(2)];
  refuse(filters, 0, 0, large, [], 1_000);
  refuse(filters, 0, 0, small, [], 5_000);
  refuse(filters, 0, 0, small, [], 6_000);
  expire(filters, 1_000, () => {});
  expect(filtersOf(filters, 0, 0).map(({ untilMs, refused }) => [untilMs, [...refused.row]])).toEqual([[6_000, [1]]]);
});
