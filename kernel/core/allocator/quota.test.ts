import fc from "fast-check";
import { expect, test } from "vitest";
import { bag, framework, shown, sketch } from "./sketch.rig.ts";

const scalars = (text: string) => Object.fromEntries(bag(text).map(({ name, scalar }) => [name, scalar!]));
const quota = (role: string, guarantees: string, limits = "") => ({
  role,
  guarantees: scalars(guarantees),
  limits: scalars(limits),
});

test("a guarantee comes before fair share", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "cpus:8;mem:800"));
  allocator.addFramework("a", framework("a"), 0);
  allocator.addFramework("q", framework("q"), 0);
  for (const id of ["s1", "s2"]) allocator.addAgent(id, { hostname: "h" }, bag("cpus:4;mem:400"));
  expect(shown(allocator.allocate(0))).toEqual(["q q s1: cpus:4;mem:400", "q q s2: cpus:4;mem:400"]);
});

test("a guarantee is met within one run when there is room, however picky the order", () => {
  fc.assert(
    fc.property(
      fc.integer(),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 }),
      fc.integer({ min: 1, max: 40 }),
      (seed, sizes, wanted) => {
        const allocator = sketch({}, seed);
        const all = sizes.reduce((sum, size) => sum + size, 0);
        const guarantee = Math.min(all, wanted);
        for (const id of ["a", "b", "q"]) allocator.addFramework(id, framework(id), 0);
        for (const [i, size] of sizes.entries())
          allocator.addAgent(`s${i}`, { hostname: "h" }, bag(`cpus:${size};mem:100`));
        allocator.setQuota(quota("q", `cpus:${guarantee}`));
        allocator.allocate(0);
        expect(allocator.metrics().quotas["q"]!["cpus"]!.offeredOrAllocated).toBeGreaterThanOrEqual(guarantee);
      },
    ),
  );
});

test("headroom is held back for a guarantee that nobody uses yet", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "cpus:3"));
  allocator.addFramework("a", framework("a"), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400"));
  expect(shown(allocator.allocate(0))).toEqual(["a a s: cpus:1;mem:400"]);
});

test("what was held back is offered when more agents make up for it", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "cpus:4"));
  allocator.addFramework("a", framework("a"), 0);
  allocator.addAgent("s1", { hostname: "h" }, bag("cpus:4"));
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.addAgent("s2", { hostname: "h" }, bag("cpus:4"));
  expect(allocator.allocate(0).offers.flatMap(({ offers }) => offers)).toHaveLength(1);
});

test("deactivated agents are no headroom", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "cpus:4"));
  allocator.addFramework("a", framework("a"), 0);
  allocator.addAgent("s1", { hostname: "h" }, bag("cpus:4"));
  allocator.addAgent("s2", { hostname: "h", active: false }, bag("cpus:4"));
  expect(shown(allocator.allocate(0))).toEqual([]);
});

test("an offer is cut to the limit, and names without a limit are not", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "", "cpus:3"));
  allocator.addFramework("q", framework("q"), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400;disk:10;ports:[1-2]"));
  expect(shown(allocator.allocate(0))).toEqual(["q q s: cpus:3;disk:10;mem:400;ports:[1-2]"]);
});

test("a limit is for the role with all its sub-roles", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "", "cpus:3;mem:300"));
  allocator.addFramework("x", framework("q/x"), 0);
  allocator.addFramework("y", framework("q/y"), 0);
  for (const id of ["s1", "s2"]) allocator.addAgent(id, { hostname: "h" }, bag("cpus:2;mem:200"));
  allocator.allocate(0);
  expect(allocator.metrics().quotas["q"]!["cpus"]).toEqual({ limit: 3, consumed: 3, offeredOrAllocated: 3 });
});

test("a guarantee of a role is for its sub-roles too, unlike in Mesos, where they starve behind their parent's headroom", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "cpus:4"));
  allocator.addFramework("x", framework("q/x"), 0);
  allocator.addFramework("a", framework("a"), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400"));
  expect(shown(allocator.allocate(0))).toEqual(["x q/x s: cpus:4;mem:400"]);
});

test("a role at its limit is offered again when one of its tasks ends, on whatever agent", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "", "cpus:2;mem:200"));
  allocator.addFramework("q", framework("q"), 0);
  allocator.addAgent("s1", { hostname: "h" }, bag("cpus:2;mem:200"), [
    { frameworkId: "q", role: "q", resources: bag("cpus:2;mem:200") },
  ]);
  allocator.addAgent("s2", { hostname: "h" }, bag("cpus:2;mem:200"));
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.deactivateAgent("s1");
  allocator.recover("q", "q", "s1", bag("cpus:1;mem:100"));
  expect(shown(allocator.allocate(0))).toEqual(["q q s2: cpus:1;mem:100"]);
});

test("reservations count against the limit, allocated or not, and are offered beyond it", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "", "cpus:3"));
  allocator.addFramework("q", framework("q"), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400;cpus(q):3"));
  expect(shown(allocator.allocate(0))).toEqual(["q q s: cpus(q):3;mem:400"]);
});

test("a MOUNT disk is given whole or not at all, a PATH disk is cut", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "", "disk:50"));
  allocator.addFramework("q", framework("q"), 0);
  allocator.addAgent("s1", { hostname: "h" }, bag("cpus:1;mem:100;disk#m:60"));
  expect(shown(allocator.allocate(0))).toEqual(["q q s1: cpus:1;mem:100"]);
  allocator.addAgent("s2", { hostname: "h" }, bag("cpus:1;mem:100;disk@p:60"));
  expect(shown(allocator.allocate(0))).toEqual(["q q s2: cpus:1;disk@p:50;mem:100"]);
});

test("a guarantee and the fair share of one agent come as one offer", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "cpus:1"));
  allocator.setQuota(quota("r", "mem:100"));
  allocator.addFramework("q", framework("q"), 0);
  allocator.addFramework("r", framework("r"), 0);
  allocator.suppress("r");
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400"));
  const { offers } = allocator.allocate(0);
  expect(offers).toHaveLength(1);
  expect(offers[0]!.offers).toHaveLength(1);
  expect(shown({ offers, inverseOffers: [] })).toEqual(["q q s: cpus:4;mem:300"]);
});

test("revocable resources are outside of quota", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "", "cpus:1"));
  allocator.addFramework("q", framework("q", { capabilities: ["REVOCABLE_RESOURCES"] }), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:100;cpus!:8"));
  expect(shown(allocator.allocate(0))).toEqual(["q q s: cpus!:8;cpus:1;mem:100"]);
});

test("removing a quota gives back what it held", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "cpus:4", "cpus:4"));
  allocator.addFramework("a", framework("a"), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4"));
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.setQuota({ role: "q" });
  expect(shown(allocator.allocate(0))).toEqual(["a a s: cpus:4"]);
  expect(allocator.metrics().quotas).toEqual({});
});

test("after a failover nothing is offered until 80 % of the agents are back or 10 minutes are over, if there is quota", () => {
  for (const withQuota of [true, false]) {
    const allocator = sketch();
    if (withQuota) allocator.setQuota(quota("q", "cpus:1"));
    allocator.addFramework("a", framework("a"), 0);
    allocator.expectAgents(5, 0);
    for (let i = 0; i < 3; i++) allocator.addAgent(`s${i}`, { hostname: "h" }, bag("cpus:1;mem:100"));
    expect(allocator.hasWork(0)).toBe(!withQuota);
    expect(allocator.allocate(0).offers).toHaveLength(withQuota ? 0 : 1);
    if (!withQuota) continue;
    expect(allocator.explain("a", 0).roles[0]!.reasons).toEqual({ WAITING_FOR_AGENTS: 3 });
    expect(allocator.nextWakeMs()).toBe(600_000);
    expect(allocator.hasWork(600_000)).toBe(true);
    allocator.addAgent("s3", { hostname: "h" }, bag("cpus:1;mem:100"));
    expect(allocator.allocate(1).offers).toHaveLength(1);
  }
});

test("what was held back on an agent is offered when a reservation elsewhere meets the guarantee", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "cpus:4"));
  allocator.addFramework("a", framework("a"), 0);
  allocator.addAgent("s1", { hostname: "h" }, bag("cpus:4"));
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.addAgent("s2", { hostname: "h" }, bag("cpus(q):4"));
  expect(shown(allocator.allocate(0))).toEqual(["a a s1: cpus:4"]);
});

test("a role whose guarantee is no longer met gets it from what was held back for another", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "cpus:4"));
  allocator.setQuota(quota("r", "cpus:4"));
  allocator.addFramework("q", framework("q"), 0);
  allocator.addAgent("s1", { hostname: "h" }, bag("cpus:4"), [
    { frameworkId: "q", role: "q", resources: bag("cpus:4") },
  ]);
  allocator.addAgent("s2", { hostname: "h" }, bag("cpus:4"));
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.deactivateAgent("s1");
  allocator.recover("q", "q", "s1", bag("cpus:3"));
  expect(shown(allocator.allocate(0))).toEqual(["q q s2: cpus:3"]);
});

test("a role at the limit of one name only is offered again when that name frees up", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "", "cpus:2"));
  allocator.addFramework("q", framework("q"), 0);
  allocator.addAgent("s1", { hostname: "h" }, bag("cpus:2"), [
    { frameworkId: "q", role: "q", resources: bag("cpus:2") },
  ]);
  allocator.addAgent("s2", { hostname: "h" }, bag("cpus:2"));
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.deactivateAgent("s1");
  allocator.recover("q", "q", "s1", bag("cpus:1"));
  expect(shown(allocator.allocate(0))).toEqual(["q q s2: cpus:1"]);
});

test("a raised limit counts at once", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "", "cpus:1;mem:100"));
  allocator.addFramework("q", framework("q"), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400"));
  expect(shown(allocator.allocate(0))).toEqual(["q q s: cpus:1;mem:100"]);
  allocator.setQuota(quota("q", "", "cpus:3;mem:100"));
  expect(allocator.hasWork(0)).toBe(true);
  expect(shown(allocator.allocate(0))).toEqual(["q q s: cpus:2"]);
});

test("while agents are awaited nothing else wakes the allocator", () => {
  const allocator = sketch();
  allocator.setQuota(quota("q", "cpus:1"));
  allocator.addFramework("q", framework("q"), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:1"));
  allocator.allocate(0);
  allocator.recover("q", "q", "s", bag("cpus:1"), { refuseSeconds: 5, nowMs: 0 });
  allocator.expectAgents(9, 0);
  expect(allocator.hasWork(9_000)).toBe(false);
  expect(allocator.nextWakeMs()).toBe(600_000);
  expect(allocator.allocate(600_000).offers).toHaveLength(1);
});
