import { expect, test } from "vitest";
import { bag, framework, shown, sketch } from "./sketch.rig.ts";

test("reservations are for their role and its sub-roles only", () => {
  const allocator = sketch();
  for (const id of ["other", "eng", "eng/ads", "engine"]) allocator.addFramework(id, framework(id), 0);
  allocator.suppress("eng");
  allocator.addAgent("s", { hostname: "h" }, bag("cpus(eng):4;mem(eng):100"));
  expect(shown(allocator.allocate(0))).toEqual(["eng/ads eng/ads s: cpus(eng):4;mem(eng):100"]);
  allocator.recover("eng/ads", "eng/ads", "s", bag("cpus(eng):4;mem(eng):100"), { refuseSeconds: 9, nowMs: 0 });
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.revive("eng", undefined, 0);
  expect(shown(allocator.allocate(0))).toEqual(["eng eng s: cpus(eng):4;mem(eng):100"]);
});

test("one agent is divided among those who may have its parts", () => {
  const allocator = sketch();
  for (const id of ["a", "b", "c"]) allocator.addFramework(id, framework(id), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus(b):1;mem(c):50;cpus:2;mem:100;ports:[1-2]"));
  expect(shown(allocator.allocate(0))).toEqual([
    "a a s: cpus:2;mem:100;ports:[1-2]",
    "b b s: cpus(b):1",
    "c c s: mem(c):50",
  ]);
});

test("refined reservations are kept from frameworks that do not know them", () => {
  const allocator = sketch();
  allocator.addFramework("old", framework("eng/ads", { capabilities: ["MULTI_ROLE"] }), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus(eng/ads<eng):4;mem(eng):100"));
  expect(shown(allocator.allocate(0))).toEqual(["old eng/ads s: mem(eng):100"]);
  allocator.addFramework("new", framework("eng/ads"), 0);
  expect(shown(allocator.allocate(0))).toEqual(["new eng/ads s: cpus(eng/ads<eng):4"]);
});

test("revocable resources are for frameworks that ask for them", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:1;cpus!:4"));
  expect(shown(allocator.allocate(0))).toEqual(["f * s: cpus:1"]);
  allocator.addFramework("r", framework("*", { capabilities: ["REVOCABLE_RESOURCES"] }), 0);
  expect(shown(allocator.allocate(0))).toEqual(["r * s: cpus!:4"]);
});

test("RESERVE within an offer turns what the framework holds into a reservation, and it is offered to that role from then on", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework("eng"), 0);
  allocator.addFramework("g", framework("ops"), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400"));
  allocator.suppress("g");
  allocator.allocate(0);
  const holder = { frameworkId: "f", role: "eng" };
  expect(allocator.convert("s", [{ consumed: bag("cpus:1"), converted: bag("cpus(eng):1") }], holder)).toBe(true);
  expect(allocator.hasWork(0)).toBe(true);
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.recover("f", "eng", "s", bag("cpus(eng):1;cpus:3;mem:400"));
  allocator.suppress("f");
  allocator.revive("g", undefined, 0);
  expect(shown(allocator.allocate(0))).toEqual(["g ops s: cpus:3;mem:400"]);
  allocator.revive("f", undefined, 0);
  expect(shown(allocator.allocate(0))).toEqual(["f eng s: cpus(eng):1"]);
});

test("conversions may follow one another, and none is done when one of them cannot be", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework("eng"), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;disk:100"));
  allocator.allocate(0);
  const holder = { frameworkId: "f", role: "eng" };
  const reserve = { consumed: bag("disk:40"), converted: bag("disk(eng):40") };
  const create = { consumed: bag("disk(eng):30"), converted: bag("disk(eng)%v:30") };
  expect(allocator.convert("s", [create, reserve], holder)).toBe(false);
  expect(allocator.convert("s", [reserve, create], holder)).toBe(true);
  allocator.recover("f", "eng", "s", bag("cpus:4;disk:60;disk(eng):10;disk(eng)%v:30"));
  expect(shown(allocator.allocate(0))).toEqual(["f eng s: cpus:4;disk(eng)%v:30;disk(eng):10;disk:60"]);
});

test("an operator reserves only what is free", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework("ops"), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400"), [
    { frameworkId: "f", role: "ops", resources: bag("cpus:3") },
  ]);
  const reserve = (cpus: number) =>
    allocator.convert("s", [{ consumed: bag(`cpus:${cpus}`), converted: bag(`cpus(ops):${cpus}`) }]);
  expect(allocator.isFree("s", bag("cpus:2"))).toBe(false);
  expect(reserve(2)).toBe(false);
  expect(allocator.isFree("s", bag("cpus:1"))).toBe(true);
  expect(reserve(1)).toBe(true);
  expect(shown(allocator.allocate(0))).toEqual(["f ops s: cpus(ops):1;mem:400"]);
});

test("a shared volume is offered although it is in use, once a run, and only to frameworks that can share", () => {
  const allocator = sketch();
  const sharing = framework("eng", { capabilities: ["SHARED_RESOURCES"] });
  allocator.addFramework("a", sharing, 0);
  allocator.addFramework("b", sharing, 0);
  allocator.addFramework("plain", framework("eng"), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400;disk(eng)%v~:10"));
  expect(shown(allocator.allocate(0))).toEqual(["a eng s: cpus:4;disk(eng)%v~:10;mem:400"]);
  allocator.charge("a", "eng", "s", bag("disk(eng)%v~:10"));
  allocator.recover("a", "eng", "s", bag("cpus:3;mem:300"), { refuseSeconds: 9, nowMs: 0 });
  expect(shown(allocator.allocate(0))).toEqual(["b eng s: cpus:3;disk(eng)%v~:10;mem:300"]);
  allocator.recover("b", "eng", "s", bag("cpus:3;disk(eng)%v~:10;mem:300"), { refuseSeconds: 9, nowMs: 0 });
  expect(shown(allocator.allocate(0))).toEqual(["plain eng s: cpus:3;mem:300"]);
});

test("a shared volume counts once for a framework, however many of its tasks use it", () => {
  const allocator = sketch();
  allocator.addFramework("a", framework("eng", { capabilities: ["SHARED_RESOURCES"] }), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;disk(eng)%v~:10"));
  allocator.allocate(0);
  const disk = () => allocator.metrics().resources["disk"]!.offeredOrAllocated;
  expect(disk()).toBe(10);
  allocator.charge("a", "eng", "s", bag("disk(eng)%v~:10"));
  allocator.charge("a", "eng", "s", bag("disk(eng)%v~:10"));
  expect(disk()).toBe(10);
  allocator.recover("a", "eng", "s", bag("disk(eng)%v~:10"));
  allocator.recover("a", "eng", "s", bag("disk(eng)%v~:10"));
  expect(disk()).toBe(10);
  allocator.recover("a", "eng", "s", bag("disk(eng)%v~:10"));
  expect(disk()).toBe(0);
});
