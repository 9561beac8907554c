import fc from "fast-check";
import { expect, test } from "vitest";
import { bag, framework, shown, sketch } from "./sketch.rig.ts";

type Sketch = ReturnType<typeof sketch>;

/** Each offer is used for one task if it fits, and the rest given back at once; what cannot be used is refused for ever. Until nothing is offered. */
function runTasks(allocator: Sketch, demands: Record<string, string>): Record<string, number> {
  const tasks: Record<string, number> = {};
  for (let rounds = 0; rounds < 1000; rounds++) {
    const { offers } = allocator.allocate(0);
    if (offers.length === 0) return tasks;
    for (const { frameworkId, offers: drafts } of offers) {
      for (const { role, agentId, resources } of drafts) {
        const scalar = (name: string) => resources.find((resource) => resource.name === name)?.scalar?.value ?? 0;
        const [cpus, mem] = demands[frameworkId]!.split(",").map(Number) as [number, number];
        const fits = scalar("cpus") >= cpus && scalar("mem") >= mem;
        if (fits) tasks[frameworkId] = (tasks[frameworkId] ?? 0) + 1;
        const rest = fits ? bag(`cpus:${scalar("cpus") - cpus};mem:${scalar("mem") - mem}`) : resources;
        const filter = fits ? undefined : { refuseSeconds: 1e6, nowMs: 0 };
        if (fits) allocator.accepted(frameworkId, role, 0);
        allocator.recover(frameworkId, role, agentId, rest, filter);
      }
    }
  }
  throw new Error("the tasks never end");
}

test("the worked example of the DRF paper: 9 CPUs and 18 GB become three tasks of A and two of B, both with a dominant share of 2/3", () => {
  const allocator = sketch();
  allocator.addFramework("A", framework(), 0);
  allocator.addFramework("B", framework(), 0);
  allocator.addAgent("a", { hostname: "h" }, bag("cpus:9;mem:18000"));
  expect(runTasks(allocator, { A: "1,4000", B: "3,1000" })).toEqual({ A: 3, B: 2 });
  const { tree, frameworks } = allocator.state;
  for (const id of ["A", "B"]) {
    const { node } = frameworks.get(id)!.clients.get("*")!;
    const [cpus, mem] = [tree.allocated.data[node * 8]!, tree.allocated.data[node * 8 + 2]!];
    expect(Math.max(cpus / 9_000, mem / 18_000_000)).toBeCloseTo(2 / 3, 12);
  }
});

test("the same as two roles instead of two frameworks of one role", () => {
  const allocator = sketch();
  allocator.addFramework("A", framework("a"), 0);
  allocator.addFramework("B", framework("b"), 0);
  allocator.addAgent("a", { hostname: "h" }, bag("cpus:9;mem:18000"));
  expect(runTasks(allocator, { A: "1,4000", B: "3,1000" })).toEqual({ A: 3, B: 2 });
  const { roles } = allocator.metrics();
  expect(roles["a"]!.dominantShare).toBeCloseTo(2 / 3, 12);
  expect(roles["b"]!.dominantShare).toBeCloseTo(2 / 3, 12);
});

test("a role of weight 2 gets twice as much as one of weight 1, to within a task", () => {
  const allocator = sketch();
  allocator.setWeight("b", 2);
  allocator.addFramework("A", framework("a"), 0);
  allocator.addFramework("B", framework("b"), 0);
  for (let i = 0; i < 10; i++) allocator.addAgent(`a${i}`, { hostname: "h" }, bag("cpus:9;mem:9000"));
  const { A, B } = runTasks(allocator, { A: "1,1000", B: "1,1000" });
  expect(A! + B!).toBe(90);
  expect(Math.abs(B! - 2 * A!)).toBeLessThanOrEqual(2);
});

test("with equal tasks no role is ever more than one task ahead of its weighted fair share", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(weights, fc.integer({ min: 1, max: 200 }), (roles, cpus) => {
      const allocator = sketch();
      for (const [i, weight] of roles.entries()) {
        allocator.setWeight(`r${i}`, weight);
        allocator.addFramework(`f${i}`, framework(`r${i}`), 0);
      }
      allocator.addAgent("s", { hostname: "h" }, bag(`cpus:${cpus};mem:100000`));
      const tasks = runTasks(allocator, Object.fromEntries(roles.map((_, i) => [`f${i}`, "1,1"])));
      const share = (i: number, more = 0) => ((tasks[`f${i}`] ?? 0) + more) / roles[i]!;
      for (const i of roles.keys())
        for (const j of roles.keys()) expect(share(i)).toBeLessThanOrEqual(share(j, 1) + 1 / roles[i]!);
    }),
  );
});

test("sub-roles share what their parent gets: a/b and a/c together have as much as d", () => {
  const allocator = sketch();
  allocator.addFramework("B", framework("a/b"), 0);
  allocator.addFramework("C", framework("a/c"), 0);
  allocator.addFramework("D", framework("d"), 0);
  for (let i = 0; i < 8; i++) allocator.addAgent(`a${i}`, { hostname: "h" }, bag("cpus:5;mem:5000"));
  expect(runTasks(allocator, { B: "1,1000", C: "1,1000", D: "1,1000" })).toEqual({ B: 10, C: 10, D: 20 });
});

test("a role that is also a parent competes with its own sub-roles", () => {
  const allocator = sketch();
  allocator.addFramework("A", framework("a"), 0);
  allocator.addFramework("B", framework("a/b"), 0);
  allocator.addFramework("D", framework("d"), 0);
  for (let i = 0; i < 8; i++) allocator.addAgent(`a${i}`, { hostname: "h" }, bag("cpus:5;mem:5000"));
  expect(runTasks(allocator, { A: "1,1000", B: "1,1000", D: "1,1000" })).toEqual({ A: 10, B: 10, D: 20 });
});

test("equal shares are served in the order of how often each was chosen, then by name", () => {
  const allocator = sketch();
  for (const id of ["c", "a", "b"]) allocator.addFramework(id, framework(), 0);
  for (let i = 0; i < 3; i++) {
    allocator.addAgent(`s${i}`, { hostname: "h" }, bag("cpus:1;mem:100"));
    expect(shown(allocator.allocate(0))).toEqual([`${"abc"[i]} * s${i}: cpus:1;mem:100`]);
    allocator.recover("abc"[i]!, "*", `s${i}`, bag("cpus:1;mem:100"), { refuseSeconds: 1e6, nowMs: 0 });
    allocator.removeAgent(`s${i}`);
  }
});

test("an excluded resource does not count for fairness", () => {
  for (const [excluded, first] of [
    [[], "b"],
    [["gpus"], "a"],
  ] as const) {
    const allocator = sketch({ fairSharingExcluded: excluded });
    const gpu = framework("*", { capabilities: ["GPU_RESOURCES"] });
    allocator.addFramework("a", gpu, 0);
    allocator.addFramework("b", gpu, 0);
    allocator.addAgent("s", { hostname: "h" }, bag("cpus:10;mem:1000;gpus:4"), [
      { frameworkId: "a", role: "*", resources: bag("cpus:1;gpus:4") },
      { frameworkId: "b", role: "*", resources: bag("cpus:2") },
    ]);
    expect(shown(allocator.allocate(0))).toEqual([`${first} * s: cpus:7;mem:1000`]);
  }
});

test("random sorters serve everybody in the long run, in proportion to the roles' weights", () => {
  const allocator = sketch({ roleSorter: "random", frameworkSorter: "random" }, 5);
  allocator.setWeight("heavy", 3);
  allocator.addFramework("h1", framework("heavy"), 0);
  allocator.addFramework("h2", framework("heavy"), 0);
  allocator.addFramework("l", framework("light"), 0);
  for (let i = 0; i < 2000; i++) allocator.addAgent(`s${i}`, { hostname: "h" }, bag("cpus:1;mem:100"));
  const got = Object.fromEntries(
    allocator.allocate(0).offers.map(({ frameworkId, offers }) => [frameworkId, offers.length]),
  );
  expect(got["h1"]! / 750).toBeCloseTo(1, 0.5);
  expect(got["h2"]! / 750).toBeCloseTo(1, 0.5);
  expect(got["l"]! / 500).toBeCloseTo(1, 0.5);
  expect(got["h1"]! + got["h2"]! + got["l"]!).toBe(2000);
});

test("the same seed makes the same offers", () => {
  const offers = [1, 1, 2].map((seed) => {
    const allocator = sketch({ roleSorter: "random" }, seed);
    for (const id of ["f", "g"]) allocator.addFramework(id, framework(id), 0);
    for (let i = 0; i < 20; i++) allocator.addAgent(`s${i}`, { hostname: "h" }, bag("cpus:1;mem:100"));
    return JSON.stringify(allocator.allocate(0));
  });
  expect(offers[0]).toBe(offers[1]);
  expect(offers[0]).not.toBe(offers[2]);
});
