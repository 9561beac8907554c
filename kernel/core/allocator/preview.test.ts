import { createRandom } from "@meseta/lib/core/random.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bag, framework, shown, sketch, text } from "./sketch.rig.ts";

type Sketch = ReturnType<typeof sketch>;

const preview = (allocator: Sketch, roles = ["r"], offered: Parameters<Sketch["preview"]>[0]["offered"] = []) =>
  allocator
    .preview({ frameworkId: "f", roles, offered }, 0)
    .map(({ role, agentId, resources }) => `${role} ${agentId}: ${text(resources)}`)
    .sort();

function cluster(): Sketch {
  const allocator = sketch();
  allocator.addFramework("f", framework("r", { suppressedRoles: ["r"] }), 0);
  allocator.addFramework("g", framework("s"), 0);
  allocator.addAgent("a", { hostname: "h" }, bag("cpus:4;mem:400;ports:[1-9]"), [
    { frameworkId: "g", role: "s", resources: bag("cpus:1;mem:100;ports:[3-4]") },
  ]);
  return allocator;
}

test("a framework that suppressed its offers sees what it would get, whoever else wants the same", () => {
  expect(preview(cluster())).toEqual(["r a: cpus:3;mem:300;ports:[1-2,5-9]"]);
});

test("what it has been offered is free for it, what others have been offered is not", () => {
  const allocator = cluster();
  allocator.revive("f", undefined, 0);
  allocator.suppress("g");
  const offered = allocator.allocate(0).offers.flatMap(({ offers }) => offers);
  expect(preview(allocator)).toEqual([]);
  expect(preview(allocator, ["r"], offered)).toEqual(["r a: cpus:3;mem:300;ports:[1-2,5-9]"]);
});

test("reservations, quota, inactive agents and roles that it has not yet are seen as they would be", () => {
  const allocator = cluster();
  allocator.addAgent("b", { hostname: "i" }, bag("cpus(q):2;mem(q):64;cpus:8;mem:800"));
  allocator.addAgent("c", { hostname: "j", active: false }, bag("cpus:1;mem:64"));
  allocator.setQuota({ role: "q", limits: { cpus: { value: 3 } } });
  expect(preview(allocator, ["q"])).toEqual([
    "q a: cpus:1;mem:300;ports:[1-2,5-9]",
    "q b: cpus(q):2;mem(q):64;mem:800",
  ]);
});

test("nothing is given away by looking, and a first allocation then gives what was seen", () => {
  const amounts = fc.record({ cpus: fc.integer({ min: 1, max: 8 }), mem: fc.integer({ min: 32, max: 512 }) });
  fc.assert(
    fc.property(fc.array(amounts, { maxLength: 6 }), fc.nat(), (agents, seed) => {
      const allocator = sketch({}, createRandom(seed).next() * 1000);
      allocator.addFramework("f", framework("r"), 0);
      for (const [i, { cpus, mem }] of agents.entries())
        allocator.addAgent(`a${i}`, { hostname: "h" }, bag(`cpus:${cpus};mem:${mem}`));
      const seen = preview(allocator);
      expect(preview(allocator)).toEqual(seen);
      expect(shown(allocator.allocate(0))).toEqual(seen.map((line) => `f ${line}`));
    }),
  );
});
