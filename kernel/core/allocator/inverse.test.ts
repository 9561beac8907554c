import { expect, test } from "vitest";
import { bag, framework, sketch } from "./sketch.rig.ts";

const DOWN = { start: { nanoseconds: 5e18 } };

function inUse() {
  const allocator = sketch();
  for (const id of ["f", "g"]) allocator.addFramework(id, framework(), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400"), [
    { frameworkId: "f", role: "*", resources: bag("cpus:1") },
  ]);
  allocator.suppress("g");
  allocator.allocate(0);
  return allocator;
}

test("maintenance asks those who use the agent, once", () => {
  const allocator = inUse();
  allocator.updateUnavailability("s", DOWN);
  expect(allocator.hasWork(0)).toBe(true);
  expect(allocator.allocate(0).inverseOffers).toEqual([{ frameworkId: "f", agentId: "s", unavailability: DOWN }]);
  expect(allocator.hasWork(0)).toBe(false);
  allocator.revive("f", undefined, 0);
  expect(allocator.allocate(0).inverseOffers).toEqual([]);
});

test("an answer is recorded, and the question comes again when its filter is over, at least an allocation interval later", () => {
  const allocator = inUse();
  allocator.updateUnavailability("s", DOWN);
  allocator.allocate(0);
  allocator.respondInverse("f", "s", "DECLINE", 0, 500);
  expect(allocator.inverseStatuses("s")).toEqual([
    { status: "DECLINE", framework_id: { value: "f" }, timestamp: { nanoseconds: 500_000_000 } },
  ]);
  expect(allocator.allocate(500).inverseOffers).toEqual([]);
  expect(allocator.nextWakeMs()).toBe(1500);
  expect(allocator.allocate(1500).inverseOffers).toHaveLength(1);
  allocator.respondInverse("f", "s", "ACCEPT", 30, 2000);
  expect(allocator.inverseStatuses("s")[0]!.status).toBe("ACCEPT");
  expect(allocator.allocate(31_999).inverseOffers).toEqual([]);
  expect(allocator.allocate(32_000).inverseOffers).toHaveLength(1);
});

test("REVIVE clears the inverse filters", () => {
  const allocator = inUse();
  allocator.updateUnavailability("s", DOWN);
  allocator.allocate(0);
  allocator.respondInverse("f", "s", "DECLINE", 1000, 0);
  allocator.revive("f", undefined, 0);
  expect(allocator.allocate(0).inverseOffers).toHaveLength(1);
});

test("an inverse offer that timed out may be sent again", () => {
  const allocator = inUse();
  allocator.updateUnavailability("s", DOWN);
  allocator.allocate(0);
  allocator.recallInverse("f", "s");
  expect(allocator.allocate(0).inverseOffers).toHaveLength(1);
});

test("another window forgets the answers, none stops the questions", () => {
  const allocator = inUse();
  allocator.updateUnavailability("s", DOWN);
  allocator.allocate(0);
  allocator.respondInverse("f", "s", "ACCEPT", 1, 0);
  allocator.updateUnavailability("s", { start: { nanoseconds: 6e18 } });
  expect(allocator.inverseStatuses("s")).toEqual([]);
  allocator.updateUnavailability("s", undefined);
  expect(allocator.allocate(9_000).inverseOffers).toEqual([]);
});

test("inactive frameworks are not asked, and are when they are back", () => {
  const allocator = inUse();
  allocator.deactivateFramework("f");
  allocator.updateUnavailability("s", DOWN);
  expect(allocator.allocate(0).inverseOffers).toEqual([]);
  allocator.activateFramework("f", 0);
  expect(allocator.allocate(0).inverseOffers).toHaveLength(1);
});

test("who gets something of the agent later is asked then", () => {
  const allocator = inUse();
  allocator.updateUnavailability("s", DOWN);
  allocator.allocate(0);
  allocator.charge("g", "*", "s", bag("cpus:1"));
  expect(allocator.allocate(0).inverseOffers.map(({ frameworkId }) => frameworkId)).toEqual(["g"]);
});
