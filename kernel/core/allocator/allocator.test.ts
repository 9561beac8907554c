import { expect, test } from "vitest";
import { bag, framework, shown, sketch, text } from "./sketch.rig.ts";

const WHOLE = "cpus:4;mem:1024";

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
  allocator.addAgent("a", { hostname: "h" }, bag(WHOLE));
  expect(shown(allocator.allocate(0))).toEqual([`f * a: ${WHOLE}`]);
  allocator.addFramework("g", framework(), 0);
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.recover("f", "*", "a", bag(WHOLE), { refuseSeconds: undefined, nowMs: 1000 });
  expect(shown(allocator.allocate(1000))).toEqual([`g * a: ${WHOLE}`]);
  allocator.recover("g", "*", "a", bag(WHOLE), { refuseSeconds: 100, nowMs: 2000 });
  expect(shown(allocator.allocate(2000))).toEqual([]);
  expect(allocator.nextWakeMs()).toBe(6000);
  expect(shown(allocator.allocate(5999))).toEqual([]);
  expect(shown(allocator.allocate(6000))).toEqual([`f * a: ${WHOLE}`]);
});

test("what a task frees is offered at once, not at the next tick", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.addAgent("a", { hostname: "h" }, bag(WHOLE), [{ frameworkId: "f", role: "*", resources: bag(WHOLE) }]);
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.recover("f", "*", "a", bag("cpus:1;mem:100"));
  expect(allocator.hasWork(0)).toBe(true);
  expect(shown(allocator.allocate(0))).toEqual(["f * a: cpus:1;mem:100"]);
});

test("an offer is held until it is given back: the same resources are never offered twice", () => {
  const allocator = sketch();
  for (const id of ["f", "g", "h"]) allocator.addFramework(id, framework(), 0);
  allocator.addAgent("a", { hostname: "h" }, bag(WHOLE));
  expect(shown(allocator.allocate(0))).toHaveLength(1);
  allocator.revive("g", undefined, 0);
  allocator.revive("h", undefined, 0);
  allocator.deactivateAgent("a");
  allocator.activateAgent("a");
  expect(shown(allocator.allocate(0))).toEqual([]);
});

test("giving back what is not held, or more than is held, is a bug and says so", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.addAgent("a", { hostname: "h" }, bag(`${WHOLE};ports:[1-5]`));
  expect(() => allocator.recover("f", "*", "a", bag("cpus:1"))).toThrow("gives back more than it holds");
  allocator.allocate(0);
  expect(() => allocator.recover("f", "*", "a", bag("cpus:5"))).toThrow("gives back more than it holds");
  expect(() => allocator.recover("f", "*", "a", bag("ports:[5-6]"))).toThrow("gives back more than it holds");
  expect(() => allocator.recover("f", "*", "b", bag("cpus:1"))).toThrow("agent b is not known");
});

test("a suppressed role gets nothing, and the others of the framework still do", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(["x", "y"], { suppressedRoles: ["x"] }), 0);
  allocator.addAgent("a", { hostname: "h" }, bag(WHOLE));
  expect(shown(allocator.allocate(0))).toEqual([`f y a: ${WHOLE}`]);
  allocator.suppress("f");
  allocator.recover("f", "y", "a", bag(WHOLE));
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.revive("f", ["x"], 0);
  expect(shown(allocator.allocate(0))).toEqual([`f x a: ${WHOLE}`]);
});

test("a framework without roles, or inactive, gets nothing", () => {
  const allocator = sketch();
  allocator.addFramework("none", framework([]), 0);
  allocator.addFramework("recovered", framework("*", { active: false }), 0);
  allocator.addAgent("a", { hostname: "h" }, bag(WHOLE));
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.activateFramework("recovered", 0);
  expect(shown(allocator.allocate(0))).toEqual([`recovered * a: ${WHOLE}`]);
});

test("a role that is left gets no more offers, but what it holds still counts for it until it is given back", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework("x"), 0);
  allocator.addAgent("a", { hostname: "h" }, bag(WHOLE));
  allocator.allocate(0);
  allocator.updateFramework("f", framework("y"), 0);
  expect(allocator.metrics().roles["x"]!.dominantShare).toBe(1);
  allocator.recover("f", "x", "a", bag(WHOLE), { refuseSeconds: 100, nowMs: 0 });
  expect(allocator.metrics().roles["x"]).toBeUndefined();
  expect(shown(allocator.allocate(0))).toEqual([`f y a: ${WHOLE}`]);
});

test("a removed framework leaves nothing behind, and what it held is offered to others", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework("x"), 0);
  allocator.addAgent("a", { hostname: "h" }, bag(`${WHOLE};ports:[1-5]`));
  allocator.allocate(0);
  allocator.addFramework("g", framework("y"), 0);
  allocator.removeFramework("f");
  expect(shown(allocator.allocate(0))).toEqual([`g y a: ${WHOLE};ports:[1-5]`]);
  expect(Object.keys(allocator.metrics().roles)).toEqual(["y"]);
});

test("a removed agent takes its allocations with it", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.addAgent("a", { hostname: "h" }, bag(`${WHOLE};disk(x):5`));
  allocator.allocate(0);
  allocator.removeAgent("a");
  expect(allocator.metrics().resources).toEqual({});
  allocator.addAgent("a", { hostname: "h" }, bag(WHOLE));
  expect(shown(allocator.allocate(0))).toEqual([`f * a: ${WHOLE}`]);
});

test("less than cpus:0.01 and mem:32 is not offered by default; one of them is enough", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.addAgent("little", { hostname: "h" }, bag("cpus:0.009;mem:31;disk:1000"));
  allocator.addAgent("cpus", { hostname: "h" }, bag("cpus:0.01"));
  allocator.addAgent("mem", { hostname: "h" }, bag("mem:32"));
  expect(shown(allocator.allocate(0))).toEqual(["f * cpus: cpus:0.01", "f * mem: mem:32"]);
});

test("a framework's own minimum replaces the cluster's, by role; ports count one by one, and an empty list means anything", () => {
  const allocator = sketch();
  const minimum = (...quantities: Record<string, { value: number }>[]) => ({
    min_allocatable_resources: { quantities: quantities.map((q) => ({ quantities: q })) },
  });
  const offerFilters = { ports: minimum({ ports: { value: 3 }, cpus: { value: 1 } }), any: minimum() };
  allocator.addFramework("f", framework(["ports", "any"], { offerFilters, suppressedRoles: ["any"] }), 0);
  allocator.addAgent("two", { hostname: "h" }, bag("cpus:9;ports:[1-2]"));
  allocator.addAgent("three", { hostname: "h" }, bag("cpus:1;ports:[1-2,7-7]"));
  allocator.addAgent("disk", { hostname: "h" }, bag("disk:0.001"));
  expect(shown(allocator.allocate(0))).toEqual(["f ports three: cpus:1;ports:[1-2,7-7]"]);
  allocator.revive("f", ["any"], 0);
  allocator.suppress("f", ["ports"]);
  expect(shown(allocator.allocate(0))).toEqual(["f any disk: disk:0.001", "f any two: cpus:9;ports:[1-2]"]);
});

test("agents with GPUs are for frameworks that know GPUs, unless the operator says otherwise", () => {
  for (const filterGpuResources of [true, false]) {
    const allocator = sketch({ filterGpuResources });
    allocator.addFramework("plain", framework(), 0);
    allocator.addAgent("a", { hostname: "h" }, bag(`${WHOLE};gpus:1`));
    expect(shown(allocator.allocate(0))).toHaveLength(filterGpuResources ? 0 : 1);
    allocator.addFramework("gpu", framework("*", { capabilities: ["GPU_RESOURCES"] }), 0);
    expect(shown(allocator.allocate(0))).toHaveLength(filterGpuResources ? 1 : 0);
  }
});

test("agents of another region are for frameworks that know regions; agents without a domain count as local", () => {
  const allocator = sketch({ region: "north" });
  const domain = (name: string) => ({ fault_domain: { region: { name }, zone: { name: "z" } } });
  allocator.addFramework("local", framework(), 0);
  allocator.addAgent("near", { hostname: "h", domain: domain("north") }, bag(WHOLE));
  allocator.addAgent("far", { hostname: "h", domain: domain("south") }, bag(WHOLE));
  allocator.addAgent("none", { hostname: "h" }, bag(WHOLE));
  expect(shown(allocator.allocate(0))).toEqual([`local * near: ${WHOLE}`, `local * none: ${WHOLE}`]);
  allocator.addFramework("aware", framework("*", { capabilities: ["REGION_AWARE"] }), 0);
  expect(shown(allocator.allocate(0))).toEqual([`aware * far: ${WHOLE}`]);
});

test("only active, whitelisted agents are offered", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.setWhitelist(["good"]);
  allocator.addAgent("a", { hostname: "good" }, bag(WHOLE));
  allocator.addAgent("b", { hostname: "bad" }, bag(WHOLE));
  allocator.addAgent("c", { hostname: "good", active: false }, bag(WHOLE));
  expect(shown(allocator.allocate(0))).toEqual([`f * a: ${WHOLE}`]);
  allocator.setWhitelist(undefined);
  expect(shown(allocator.allocate(0))).toEqual([`f * b: ${WHOLE}`]);
  allocator.activateAgent("c");
  expect(shown(allocator.allocate(0))).toEqual([`f * c: ${WHOLE}`]);
});

test("an agent that holds more than its new total offers nothing until enough came back", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.addAgent("a", { hostname: "h" }, bag("cpus:4;mem:400;ports:[1-9]"));
  allocator.allocate(0);
  allocator.updateTotal("a", bag("cpus:2;mem:400;ports:[1-4]"));
  allocator.recover("f", "*", "a", bag("cpus:1;ports:[3-6]"));
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.recover("f", "*", "a", bag("cpus:2"));
  expect(shown(allocator.allocate(0))).toEqual(["f * a: cpus:1;ports:[3-4]"]);
});

test("a task that came back may take more than there is, and what it leaves is free again", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.addAgent("a", { hostname: "h" }, bag("cpus:4;mem:400;ports:[1-9]"));
  allocator.charge("f", "*", "a", bag("cpus:6;ports:[8-12]"));
  expect(shown(allocator.allocate(0))).toEqual(["f * a: mem:400;ports:[1-7]"]);
  allocator.recover("f", "*", "a", bag("cpus:6;ports:[8-12]"));
  expect(shown(allocator.allocate(0))).toEqual(["f * a: cpus:4;ports:[8-9]"]);
});

test("with a million small changes nothing is lost to rounding", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.addAgent("a", { hostname: "h" }, bag("cpus:1"));
  allocator.allocate(0);
  for (let i = 0; i < 10_000; i++) {
    allocator.recover("f", "*", "a", bag("cpus:0.1"));
    allocator.charge("f", "*", "a", bag("cpus:0.1"));
  }
  allocator.recover("f", "*", "a", bag("cpus:1"));
  expect(shown(allocator.allocate(0))).toEqual(["f * a: cpus:1"]);
});

test("new resource names may come at any time, however many", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.addAgent("a", { hostname: "h" }, bag("cpus:1;n1:1;n2:2;n3:3"));
  allocator.allocate(0);
  const many = Array.from({ length: 40 }, (_, i) => `m${i}:${i + 1}`).join(";");
  allocator.addAgent("b", { hostname: "h" }, bag(`cpus:1;${many}`));
  expect(text(allocator.allocate(0).offers[0]!.offers[0]!.resources).split(";")).toHaveLength(41);
  allocator.recover("f", "*", "a", bag("cpus:1;n1:1;n2:2;n3:3"));
  expect(shown(allocator.allocate(0))).toEqual(["f * a: cpus:1;n1:1;n2:2;n3:3"]);
});

test("a framework with a low share is not starved by one that takes everything it is offered", () => {
  const allocator = sketch();
  allocator.addFramework("hoarder", framework("a"), 0);
  for (let i = 0; i < 10; i++) allocator.addAgent(`s${i}`, { hostname: "h" }, bag(WHOLE));
  allocator.allocate(0);
  allocator.addFramework("late", framework("b"), 0);
  for (let i = 0; i < 5; i++) {
    allocator.recover("hoarder", "a", `s${i}`, bag(WHOLE));
    expect(shown(allocator.allocate(0))).toEqual([`late b s${i}: ${WHOLE}`]);
  }
});
