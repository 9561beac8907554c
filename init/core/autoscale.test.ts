import type { Autoscale } from "@meseta/api/marathon/app.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Course, decide, TOLERANCE } from "./autoscale.ts";

const CPU: Autoscale = { minInstances: 1, maxInstances: 10, coolDownSeconds: 60, cpu: 0.5 };
const metric = { path: "/metrics", portIndex: 0, name: "requests", target: 100 };
const LONG_AGO: Course = { changedAtMs: 0, asked: [] };
const NOW = 1_000_000;

/** Each instance measures the same. */
function all(instances: number, value: number) {
  return { instances, values: Array.from({ length: instances }, () => value) };
}

/** A course on which the same was asked for a whole cool-down. */
function asked(count: number): Course {
  return { changedAtMs: 0, asked: [{ atMs: NOW - 60_000, count }] };
}

describe("an app that scales itself", () => {
  it("grows to as many as bring each to its target", () => {
    const { count, why } = decide(CPU, all(3, 0.8), LONG_AGO, NOW);
    expect([count, why]).toEqual([5, "instances use 80% of their cpus on average; the target is 50%"]);
  });

  it("shrinks when for a whole cool-down no more was asked for", () => {
    expect(decide(CPU, all(5, 0.1), asked(2), NOW).count).toBe(2);
    expect(decide(CPU, all(5, 0.1), LONG_AGO, NOW)).toMatchObject({
      count: 5,
      why: "it has been watched for less than a cool-down",
    });
  });

  it("shrinks to the most that was asked for meanwhile", () => {
    const course = { changedAtMs: 0, asked: [...asked(1).asked, { atMs: NOW - 1000, count: 3 }] };
    expect(decide(CPU, all(5, 0.1), course, NOW).count).toBe(3);
  });

  it("leaves alone what is a tenth off its target", () => {
    expect(decide(CPU, all(4, 0.54), LONG_AGO, NOW).count).toBe(4);
    expect(decide(CPU, all(4, 0.46), asked(4), NOW).count).toBe(4);
  });

  it("at most doubles, but from few comes to a few more", () => {
    expect(decide(CPU, all(1, 5), LONG_AGO, NOW).count).toBe(5);
    expect(decide({ ...CPU, maxInstances: 100 }, all(20, 5), LONG_AGO, NOW).count).toBe(40);
  });

  it("does nothing so soon after a change", () => {
    const course = { changedAtMs: NOW - 59_999, asked: [] };
    expect(decide(CPU, all(3, 1), course, NOW)).toMatchObject({
      count: 3,
      why: "it changed less than a cool-down ago",
    });
  });

  it("comes back between its bounds at once", () => {
    const course = { changedAtMs: NOW, asked: [] };
    expect(decide(CPU, all(12, 1), course, NOW)).toMatchObject({
      count: 10,
      why: "12 are more than maxInstances, 10",
    });
    expect(decide({ ...CPU, minInstances: 3 }, all(1, 1), course, NOW)).toMatchObject({
      count: 3,
      why: "1 are fewer than minInstances, 3",
    });
  });

  it("stays off when it has no instances", () => {
    expect(decide(CPU, all(0, 0), LONG_AGO, NOW).count).toBe(0);
  });

  it("takes those that do not answer for idle where it would grow, and for busy where it would shrink", () => {
    expect(decide(CPU, { instances: 4, values: [0.9] }, LONG_AGO, NOW).count).toBe(4);
    expect(decide(CPU, { instances: 4, values: [0.9, 0.9, 0.9] }, LONG_AGO, NOW).count).toBe(6);
    expect(decide(CPU, { instances: 4, values: [0] }, asked(1), NOW).count).toBe(3);
    expect(decide(CPU, { instances: 4, values: [] }, asked(1), NOW)).toMatchObject({
      count: 4,
      why: "no instance has answered",
    });
  });

  it("goes by the length of a queue, which is one for all", () => {
    const { cpu: _, ...bounds } = CPU;
    const policy = { ...bounds, queue: { ...metric, name: "waiting" } };
    expect(decide(policy, { instances: 2, values: [640, 650] }, LONG_AGO, NOW)).toMatchObject({
      count: 6,
      why: "waiting is 650; the target is 100 for each instance",
    });
    expect(decide(policy, { instances: 8, values: [90] }, asked(1), NOW).count).toBe(1);
  });

  it("goes by a number that instances serve", () => {
    const { cpu: _, ...bounds } = CPU;
    expect(decide({ ...bounds, metric }, all(2, 250), LONG_AGO, NOW)).toMatchObject({
      count: 5,
      why: "requests is 250 on average; the target is 100",
    });
  });
});

const policies = fc
  .record({ least: fc.integer({ min: 1, max: 20 }), more: fc.nat(50), seconds: fc.integer({ min: 1, max: 300 }) })
  .map(({ least, more, seconds }): Autoscale => {
    return { minInstances: least, maxInstances: least + more, coolDownSeconds: seconds, cpu: 0.5 };
  });
const loads = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 60 });

/** The numbers to which it changes, and when, while a load that all instances share is what it is at each tick. */
function run(policy: Autoscale, first: number, load: readonly number[], tickMs: number) {
  let instances = first;
  let course: Course = LONG_AGO;
  const changes: { atMs: number; from: number; to: number }[] = [];
  for (const [i, value] of load.entries()) {
    const atMs = NOW + i * tickMs;
    const decision = decide(policy, all(instances, instances === 0 ? 0 : value / instances), course, atMs);
    if (decision.count !== instances) changes.push({ atMs, from: instances, to: decision.count });
    ({ count: instances, course } = decision);
  }
  return { changes, instances };
}

describe("whatever the load", () => {
  it("the number stays within its bounds", () => {
    const first = fc.integer({ min: 1, max: 100 });
    fc.assert(
      fc.property(policies, first, loads, fc.integer({ min: 500, max: 60_000 }), (policy, start, load, tickMs) => {
        const { changes } = run(policy, start, load, tickMs);
        return changes.every(({ to }) => to >= policy.minInstances && to <= policy.maxInstances);
      }),
    );
  });

  it("between two changes there is a cool-down, but for one that brings it back between its bounds", () => {
    fc.assert(
      fc.property(policies, loads, fc.integer({ min: 500, max: 60_000 }), (policy, load, tickMs) => {
        const { changes } = run(policy, policy.minInstances, load, tickMs);
        return changes.every(({ atMs }, i) => i === 0 || atMs - changes[i - 1]!.atMs >= policy.coolDownSeconds * 1000);
      }),
    );
  });

  it("a steady load leads to one number, and there it stays", () => {
    const steady = fc.double({ min: 0, max: 30, noNaN: true });
    fc.assert(
      fc.property(policies, steady, fc.nat(50), (policy, load, more) => {
        const first = Math.min(policy.maxInstances, policy.minInstances + more);
        const tickMs = policy.coolDownSeconds * 1000;
        const { changes, instances } = run(policy, first, Array(40).fill(load), tickMs);
        const directions = new Set(changes.map(({ from, to }) => Math.sign(to - from)));
        const share = load / instances / 0.5;
        const isAtBound = instances === policy.minInstances || instances === policy.maxInstances;
        return directions.size <= 1 && (isAtBound || share <= 1 + TOLERANCE + 1e-9);
      }),
    );
  });

  it("a load that comes and goes within a cool-down does not make it flap", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.integer({ min: 1, max: 9 }), (high, low) => {
        const policy = { ...CPU, maxInstances: 100 };
        const load = Array.from({ length: 120 }, (_, i) => (i % 2 === 0 ? high : Math.min(low, high)));
        const { changes } = run(policy, 1, load, 10_000);
        return changes.every(({ from, to }) => to > from);
      }),
    );
  });
});
