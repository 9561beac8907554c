import { expect, test } from "vitest";
import { bag, framework, shown, sketch, text } from "./sketch.rig.ts";

// Bugs that Mesos had; each must stay impossible here.

test("MESOS-6321: an agent that comes back with its tasks while offers of it are out is not counted twice", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  const task = { frameworkId: "f", role: "*", resources: bag("cpus:1;mem:100") };
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400"), [task]);
  allocator.allocate(0);
  allocator.removeAgent("s");
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400"), [task]);
  expect(allocator.metrics().resources).toEqual({
    cpus: { total: 4, offeredOrAllocated: 1 },
    mem: { total: 400, offeredOrAllocated: 100 },
  });
  expect(shown(allocator.allocate(0))).toEqual(["f * s: cpus:3;mem:300"]);
});

test("MESOS-9555: a reservation made in an offer and undone in the next leaves the shares and the quota as they were", () => {
  const allocator = sketch();
  allocator.setQuota({ role: "eng", limits: { cpus: { value: 10 } } });
  allocator.addFramework("f", framework("eng"), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400"));
  const holder = { frameworkId: "f", role: "eng" };
  const [plain, reserved] = [bag("cpus:2"), bag("cpus(eng):2")];
  for (let i = 0; i < 3; i++) {
    const [offer] = allocator.allocate(0).offers;
    expect(text(offer!.offers[0]!.resources)).toBe("cpus:4;mem:400");
    expect(allocator.convert("s", [{ consumed: plain, converted: reserved }], holder)).toBe(true);
    expect(allocator.metrics().quotas["eng"]!["cpus"]).toEqual({ limit: 10, consumed: 4, offeredOrAllocated: 4 });
    allocator.recover("f", "eng", "s", bag("cpus:2;cpus(eng):2;mem:400"));
    expect(allocator.metrics().quotas["eng"]!["cpus"]).toEqual({ limit: 10, consumed: 2, offeredOrAllocated: 0 });
    expect(allocator.convert("s", [{ consumed: reserved, converted: plain }])).toBe(true);
    expect(allocator.metrics().quotas["eng"]!["cpus"]).toEqual({ limit: 10, consumed: 0, offeredOrAllocated: 0 });
  }
});

test("MESOS-5073 and MESOS-9975: when all is gone, nothing is left in the tree or in the books", () => {
  const allocator = sketch();
  for (const id of ["f", "g"])
    allocator.addFramework(id, framework([`${id}/x`, "y"], { capabilities: ["SHARED_RESOURCES"] }), 0);
  for (const id of ["s", "t"])
    allocator.addAgent(id, { hostname: "h" }, bag("cpus:4;mem:400;disk(y)%v~:5;cpus(f):2;ports:[1-9]"));
  allocator.allocate(0);
  allocator.charge("f", "z", "s", bag("cpus:9;disk(y)%v~:5"));
  allocator.removeFramework("f");
  allocator.removeAgent("t");
  allocator.removeFramework("g");
  allocator.removeAgent("s");
  const { tree, quota, clients, filters } = allocator.state;
  expect(tree.roles.size).toBe(0);
  expect(quota.tops.size).toBe(0);
  expect(clients.every((client) => client === undefined)).toBe(true);
  for (const { data } of [tree.allocated, tree.total, quota.available, quota.required])
    expect(data.every((milli) => milli === 0)).toBe(true);
  expect(filters.active.every((count) => count === 0)).toBe(true);
});

test("MESOS-3202: one with a high share is not starved by many idle ones with none", () => {
  const allocator = sketch();
  allocator.addFramework("busy", framework("a"), 0);
  for (let i = 0; i < 50; i++) allocator.addFramework(`idle${i}`, framework(`b${i}`), 0);
  allocator.addAgent("used", { hostname: "h" }, bag("cpus:90;mem:9000"), [
    { frameworkId: "busy", role: "a", resources: bag("cpus:90;mem:9000") },
  ]);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:1;mem:100"));
  for (let nowMs = 0; nowMs < 60_000; nowMs += 5_000) {
    let turns = 0;
    for (let got = ""; got !== "busy"; turns++) {
      got = allocator.allocate(nowMs).offers[0]!.frameworkId;
      const role = got === "busy" ? "a" : got.replace("idle", "b");
      if (got !== "busy") allocator.recover(got, role, "s", bag("cpus:1;mem:100"), { refuseSeconds: 5, nowMs });
      else allocator.recover(got, role, "s", bag("cpus:1;mem:100"));
    }
    expect(turns).toBeLessThanOrEqual(51);
  }
});

test("MESOS-10008: a quota of any size is only a number", () => {
  const allocator = sketch();
  allocator.setQuota({
    role: "q",
    guarantees: { cpus: { value: 1e12 }, mem: { value: 2 ** 40 } },
    limits: { cpus: { value: 1e12 } },
  });
  allocator.addFramework("q", framework("q"), 0);
  allocator.addFramework("a", framework("a"), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400"));
  expect(shown(allocator.allocate(0))).toEqual(["q q s: cpus:4;mem:400"]);
});
