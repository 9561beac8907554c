import fc from "fast-check";
import { expect, test } from "vitest";
import { blocks, clearAgent, clearClient, createFilters, expire, nextExpiry, refuse } from "./filters.ts";
import { bag, framework, shown, sketch } from "./sketch.rig.ts";
import { createSpace, rowOf } from "./space.ts";

const WHOLE = "cpus:4;mem:400;ports:[1-9]";

function declined(refuseSeconds: number | undefined, nowMs = 0) {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.addAgent("s", { hostname: "h" }, bag(WHOLE));
  allocator.allocate(nowMs);
  allocator.recover("f", "*", "s", bag(WHOLE), { refuseSeconds, nowMs });
  return allocator;
}

test("refuse_seconds is 5 when it is absent, negative or not a number, at least the allocation interval, and at most a year", () => {
  for (const [sent, seconds] of [
    [undefined, 5],
    [-1, 5],
    [Number.NaN, 5],
    [0.3, 1],
    [7, 7],
    [Number.POSITIVE_INFINITY, 365 * 86_400],
  ] as const) {
    const allocator = declined(sent);
    allocator.allocate(0);
    expect(allocator.nextWakeMs()).toBe(seconds * 1000);
    expect(shown(allocator.allocate(seconds * 1000 - 1))).toEqual([]);
    expect(allocator.hasWork(seconds * 1000)).toBe(true);
    expect(shown(allocator.allocate(seconds * 1000))).toHaveLength(1);
  }
});

test("refusing for 0 seconds is no filter: the same framework is offered the same again at once", () => {
  expect(shown(declined(0).allocate(0))).toHaveLength(1);
});

test("a filter is for one role, one framework and one agent", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(["a", "b"]), 0);
  allocator.addAgent("s", { hostname: "h" }, bag(WHOLE));
  allocator.allocate(0);
  allocator.recover("f", "a", "s", bag(WHOLE), { refuseSeconds: 100, nowMs: 0 });
  expect(shown(allocator.allocate(0))).toEqual([`f b s: ${WHOLE}`]);
});

test("a filter lets more than was refused through, and less not", () => {
  const allocator = declined(100);
  allocator.updateTotal("s", bag("cpus:4;mem:300;ports:[2-3]"));
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.updateTotal("s", bag("cpus:4;mem:400;ports:[2-10]"));
  expect(shown(allocator.allocate(0))).toEqual(["f * s: cpus:4;mem:400;ports:[2-10]"]);
});

test("growth by a task's end passes the filter of what was left beside the task", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.addFramework("g", framework(), 0);
  allocator.addAgent("s", { hostname: "h" }, bag(WHOLE), [{ frameworkId: "g", role: "*", resources: bag("cpus:1") }]);
  expect(shown(allocator.allocate(0))).toEqual(["f * s: cpus:3;mem:400;ports:[1-9]"]);
  allocator.recover("f", "*", "s", bag("cpus:3;mem:400;ports:[1-9]"), { refuseSeconds: 100, nowMs: 0 });
  allocator.suppress("g");
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.recover("g", "*", "s", bag("cpus:1"));
  expect(shown(allocator.allocate(0))).toEqual([`f * s: ${WHOLE}`]);
});

test("a long filter for little outlives a short one for more", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(), 0);
  allocator.addFramework("g", framework("*", { active: false }), 0);
  allocator.addAgent("s", { hostname: "h" }, bag("cpus:4;mem:400"), [
    { frameworkId: "g", role: "*", resources: bag("cpus:2") },
  ]);
  allocator.allocate(0);
  allocator.recover("f", "*", "s", bag("cpus:2;mem:400"), { refuseSeconds: 100, nowMs: 0 });
  allocator.recover("g", "*", "s", bag("cpus:2"));
  expect(shown(allocator.allocate(0))).toEqual(["f * s: cpus:4;mem:400"]);
  allocator.recover("f", "*", "s", bag("cpus:4;mem:400"), { refuseSeconds: 5, nowMs: 0 });
  allocator.charge("g", "*", "s", bag("cpus:2"));
  expect(shown(allocator.allocate(5_000))).toEqual([]);
  expect(allocator.explain("f", 5_000).roles[0]!.agents[0]!.filter!.untilMs).toBe(100_000);
  expect(shown(allocator.allocate(100_000))).toEqual(["f * s: cpus:2;mem:400"]);
});

test("REVIVE clears the filters of its roles, and of no others", () => {
  const allocator = sketch();
  allocator.addFramework("f", framework(["a", "b"]), 0);
  allocator.addAgent("s", { hostname: "h" }, bag(WHOLE));
  for (const role of ["a", "b"]) {
    allocator.allocate(0);
    allocator.recover("f", role, "s", bag(WHOLE), { refuseSeconds: 100, nowMs: 0 });
  }
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.revive("f", ["b"], 0);
  expect(shown(allocator.allocate(0))).toEqual([`f b s: ${WHOLE}`]);
});

test("other attributes of the agent clear its filters, UPDATE_FRAMEWORK does not", () => {
  const allocator = declined(100);
  allocator.updateFramework("f", framework(["*", "x"], { suppressedRoles: ["x"] }), 0);
  expect(shown(allocator.allocate(0))).toEqual([]);
  allocator.updateAgent("s", { attributes: [{ name: "rack", type: "TEXT", text: { value: "r" } }] });
  expect(shown(allocator.allocate(0))).toEqual([`f * s: ${WHOLE}`]);
});

test("a framework that refuses everything for 0 seconds is slowed down to one offer per allocation interval", () => {
  const allocator = declined(0);
  let offers = 0;
  let nowMs = 0;
  for (let step = 0; step < 100_000 && nowMs < 60_000; step++) {
    const made = allocator.allocate(nowMs);
    if (made.offers.length > 0) {
      offers++;
      nowMs += 1;
      allocator.recover("f", "*", "s", bag(WHOLE), { refuseSeconds: 0, nowMs });
    } else nowMs = allocator.nextWakeMs();
  }
  expect(offers).toBeLessThan(250);
  expect(allocator.nextWakeMs() - nowMs).toBeLessThanOrEqual(1000);
});

test("a framework that has only refused for ten minutes waits up to a minute for the next offer, and five seconds again after it used one", () => {
  const allocator = declined(5);
  let nowMs = 0;
  while (nowMs < 900_000) {
    nowMs = allocator.nextWakeMs();
    expect(shown(allocator.allocate(nowMs))).toHaveLength(1);
    allocator.recover("f", "*", "s", bag(WHOLE), { refuseSeconds: 5, nowMs });
  }
  expect(allocator.nextWakeMs() - nowMs).toBe(60_000);
  nowMs = allocator.nextWakeMs();
  allocator.allocate(nowMs);
  allocator.accepted("f", "*", nowMs);
  allocator.recover("f", "*", "s", bag(WHOLE), { refuseSeconds: 5, nowMs });
  expect(allocator.nextWakeMs() - nowMs).toBe(5_000);
});

test("filters kept in pages say the same as a plain list of them", () => {
  const space = createSpace();
  const resources = [bag(""), bag("ports:[1-5]"), bag("ports:[1-9]")];
  const rows = [1, 2, 3].map((cpus) => rowOf(space, { cpus }));
  const step = fc.record({
    agent: fc.nat(40),
    client: fc.nat(99),
    row: fc.nat(2),
    ports: fc.nat(2),
    lasts: fc.integer({ min: 1, max: 50 }),
    what: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
      const filters = createFilters(space);
      let list: { agent: number; client: number; row: number; ports: number; untilMs: number }[] = [];
      let nowMs = 0;
      for (const { agent, client, row, ports, lasts, what } of steps) {
        if (what === 0) clearAgent(filters, agent);
        else if (what === 1) clearClient(filters, client, 41);
        else if (what < 8) refuse(filters, agent, client, rows[row]!, resources[ports]!, nowMs + lasts);
        else expire(filters, (nowMs += lasts), () => {});
        if (what === 0) list = list.filter((filter) => filter.agent !== agent);
        else if (what === 1) list = list.filter((filter) => filter.client !== client);
        else if (what < 8) list.push({ agent, client, row, ports, untilMs: nowMs + lasts });
        list = list.filter(({ untilMs }) => untilMs > nowMs);
        const wanted = list.some(
          (filter) => filter.agent === agent && filter.client === client && filter.row >= row && filter.ports >= ports,
        );
        expect(blocks(filters, agent, client, rows[row]!, resources[ports]!)).toBe(wanted);
        for (const { untilMs } of list) expect(nextExpiry(filters)).toBeLessThanOrEqual(untilMs);
      }
    }),
  );
});
