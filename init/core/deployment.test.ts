import type { App } from "@meseta/api/marathon/app.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { capacityOf } from "./capacity.ts";
import { recount } from "./deployment/actions.ts";
import { World } from "./deployment/world.rig.ts";
import { Deployments } from "./deployment.ts";
import { anApp, aTree } from "./plan/specs.rig.ts";
import { planOf } from "./plan.ts";
import { stamp } from "./version.ts";

const LATER = "2026-02-01T00:00:00.000Z";
const changed = (app: App, more: Partial<App> = { mem: 256 }): App => stamp(app, { ...app, ...more }, LATER);

const running = (world: World, spec: string) =>
  world.of(spec).filter(({ goal, condition }) => goal === "Running" && condition === "Running").length;

const oldOnes = (world: World, app: App) =>
  world.of(app.id).filter(({ configVersion }) => configVersion !== app.versionInfo.lastConfigChangeAt);

describe("a deployment", () => {
  it("of a new app ends when all its instances are well, and tells of each step", () => {
    const world = new World();
    world.deploy(aTree([]), aTree([anApp("/a", { instances: 3 })]));
    world.run();
    expect(running(world, "/a")).toBe(3);
    expect(world.news).toEqual(["d1 info", "d1 step-success", "d1 info", "d1 step-success", "d1 success"]);
  });

  it("that takes an app away ends when nothing of it is left", () => {
    const world = new World();
    const app = anApp("/a", { instances: 2 });
    world.addRunning(app);
    world.deploy(aTree([app]), aTree([]));
    world.run();
    expect([world.of("/a"), world.news.at(-3)]).toEqual([[], "/a terminated"]);
  });

  it("restarts within the bounds of the strategy", () => {
    const world = new World();
    const before = anApp("/a", {
      instances: 4,
      upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
    });
    const after = changed(before);
    world.addRunning(before);
    world.deploy(aTree([before]), aTree([after]));
    world.run();
    expect([oldOnes(world, after).length, running(world, "/a"), world.most.get("/a"), world.fewest.get("/a")]).toEqual([
      0, 4, 4, 2,
    ]);
  });

  it("brings a dependency up before what depends on it is touched", () => {
    const world = new World();
    const apps = [anApp("/db"), anApp("/web", { dependencies: ["/db"] })];
    const after = apps.map((app) => changed(app));
    for (const app of apps) world.addRunning(app);
    world.deploy(aTree(apps), aTree(after));
    world.run(
      () => 0,
      () => {
        const isDbNew = oldOnes(world, after[0]!).length === 0;
        if (!isDbNew) expect(oldOnes(world, after[1]!).length).toBe(1);
      },
    );
    expect(oldOnes(world, after[1]!)).toEqual([]);
  });

  it("waits for readiness where it is asked for", () => {
    const readinessChecks = [
      {
        name: "r",
        protocol: "HTTP",
        path: "/",
        portName: "default",
        intervalSeconds: 30,
        timeoutSeconds: 10,
        httpStatusCodesForReady: [200],
        preserveLastResponse: false,
      },
    ] as const;
    const world = new World();
    world.deploy(aTree([]), aTree([anApp("/a", { readinessChecks })]));
    world.settle();
    while (world.happen(0)) world.settle();
    expect(world.stored.size).toBe(1);
    world.happens(world.of("/a")[0]!.id, { type: "ready" });
    world.settle();
    expect(world.stored.size).toBe(0);
  });

  it("of a label moves no instance", () => {
    const world = new World();
    const before = anApp("/a", { instances: 2 });
    world.addRunning(before);
    const instances = world.of("/a");
    world.deploy(aTree([before]), aTree([changed(before, { labels: { a: "b" } })]));
    world.settle();
    expect([world.of("/a"), world.stored.size]).toEqual([instances, 0]);
  });

  it("that scales down takes queued instances first", () => {
    const world = new World();
    const before = anApp("/a", { instances: 4 });
    world.addRunning(before, 2);
    world.deploy(aTree([anApp("/a", { instances: 2 })]), aTree([before]));
    world.settle();
    const ids = world
      .of("/a")
      .filter(({ condition }) => condition === "Running")
      .map(({ id }) => id);
    world.deploy(aTree([before]), aTree([anApp("/a", { instances: 2 })]), "d2", true);
    world.run();
    expect(world.of("/a").map(({ id }) => id)).toEqual(ids);
  });

  it("that kills named instances and scales starts nothing in their place", () => {
    const world = new World();
    const before = anApp("/a", { instances: 3 });
    world.addRunning(before);
    world.deploy(aTree([before]), aTree([stamp(before, { ...before, instances: 2 }, LATER)]), "d1", false, {
      "/a": ["i1"],
    });
    world.run();
    expect(world.of("/a").map(({ id }) => id)).toEqual(["i0", "i2"]);
  });

  it("of a resident service keeps what is kept, and starts again from it", () => {
    const volumes = [
      { containerPath: "data", mode: "RW", persistent: { type: "root", size: 10, constraints: [] } },
    ] as const;
    const before = anApp("/db", {
      instances: 2,
      container: { type: "MESOS", portMappings: [], volumes },
      upgradeStrategy: { minimumHealthCapacity: 0.5, maximumOverCapacity: 0 },
    });
    const world = new World();
    world.addRunning(before);
    const after = changed(before);
    world.deploy(aTree([before]), aTree([after]));
    world.run();
    expect(world.of("/db").map(({ id, goal, incarnation }) => [id, goal, incarnation])).toEqual([
      ["i0", "Running", 2],
      ["i1", "Running", 2],
    ]);
    expect(world.most.get("/db")).toBe(2);
  });

  it("replaces what an earlier one, cut short, has left of older versions", () => {
    const world = new World();
    const before = anApp("/a", { instances: 3 });
    const after = changed(before);
    world.addRunning(before);
    world.deploy(aTree([before]), aTree([after]));
    world.settle();
    const fewer = stamp(after, { ...after, instances: 2 }, "2026-03-01T00:00:00.000Z");
    world.deploy(aTree([after]), aTree([fewer]), "d2", true);
    world.run();
    expect([oldOnes(world, fewer).length, running(world, "/a")]).toEqual([0, 2]);
    expect(world.news).toContain("d1 failed");
  });
});

describe("without a deployment", () => {
  const app = anApp("/a", { instances: 2 });

  it("an inactive instance is replaced, and one too many goes when it comes back", () => {
    const world = new World();
    world.addRunning(app);
    const [lost, other] = world.of("/a");
    const inactive = { ...lost!, condition: "UnreachableInactive" } as const;
    expect(recount(app, [inactive, other!])).toEqual([{ type: "start", spec: app, resume: [], create: 1 }]);
    world.addRunning(app, 1);
    expect(recount(app, world.of("/a"))).toEqual([{ type: "goal", instanceId: "i2", goal: "Decommissioned" }]);
    expect(recount(app, [lost!, other!])).toEqual([]);
  });

  it("of too many spares those that are well by their own definition, though it has no checks", () => {
    const check = { protocol: "TCP", gracePeriodSeconds: 1, intervalSeconds: 1, timeoutSeconds: 1 } as const;
    const old = anApp("/a", { instances: 2 });
    const healthChecks = [check] as unknown as App["healthChecks"];
    const present = anApp("/a", { instances: 1, healthChecks, killSelection: "OLDEST_FIRST" });
    const world = new World();
    world.addRunning(old);
    const [first, second] = world.of("/a");
    const fresh = { ...second!, isHealthy: undefined };
    expect(recount(present, [first!, fresh], (one) => (one === fresh ? present : old))).toEqual([
      { type: "goal", instanceId: fresh.id, goal: "Decommissioned" },
    ]);
  });
});

describe("several deployments", () => {
  const plan = (id: string, app: string) => planOf(aTree([]), aTree([anApp(app)]), { id, version: "v" });

  it("lock what they act on, and force takes it over", () => {
    const all = new Deployments();
    expect(all.start(plan("d1", "/a"), { force: false }, 0).outcome).toBe("started");
    expect(all.start(plan("d2", "/a"), { force: false }, 0)).toEqual({ outcome: "locked", by: ["d1"] });
    expect(all.start(plan("d3", "/b"), { force: false }, 0).outcome).toBe("started");
    expect(all.start(plan("d2", "/a"), { force: true }, 0).outcome).toBe("started");
    expect(all.all.map((one) => one.plan.id)).toEqual(["d3", "d2"]);
  });

  it("name all that are in the way, the oldest first, and leave the service free when they are over", () => {
    const all = new Deployments();
    for (const id of ["/b", "/c", "/a"]) all.start(plan(id, id), { force: false }, 0);
    const both = planOf(aTree([]), aTree([anApp("/a"), anApp("/b")]), { id: "both", version: "v" });
    expect(all.start(both, { force: false }, 0)).toEqual({ outcome: "locked", by: ["/b", "/a"] });
    expect([all.actsOn("/a"), all.actsOn("/d"), all.count]).toEqual([true, false, 3]);
    for (const id of ["/a", "/b"]) all.cancel(id, "why");
    expect([all.actsOn("/a"), all.start(both, { force: false }, 0).outcome]).toEqual([false, "started"]);
  });

  it("are at most so many, but one that takes another's place is no more", () => {
    const all = new Deployments(1);
    all.start(plan("d1", "/a"), { force: false }, 0);
    expect(all.start(plan("d2", "/b"), { force: false }, 0).outcome).toBe("too-many");
    expect(all.start(plan("d2", "/a"), { force: true }, 0).outcome).toBe("started");
  });

  it("tell once that their time is over", () => {
    const all = new Deployments();
    all.start(plan("d1", "/a"), { force: false, deadlineMs: 10 }, 0);
    expect([all.expire(9).length, all.expire(10).length, all.expire(11).length]).toEqual([0, 1, 0]);
  });

  it("are cancelled by their id", () => {
    const all = new Deployments();
    all.start(plan("d1", "/a"), { force: false }, 0);
    expect(all.cancel("d1", "why").map(({ type }) => type)).toEqual(["forget", "told"]);
    expect(all.cancel("d1", "why")).toEqual([]);
  });
});

describe("a crash", () => {
  const strategy = fc.record({
    minimumHealthCapacity: fc.constantFrom(0, 0.5, 1),
    maximumOverCapacity: fc.constantFrom(0, 0.5, 1),
  });
  const change = fc.record({
    before: fc.integer({ min: 1, max: 5 }),
    after: fc.integer({ min: 1, max: 5 }),
    strategy,
    isRestart: fc.boolean(),
  });
  const choices = fc.array(fc.nat(100), { minLength: 1, maxLength: 30 });

  it("at every step leaves a deployment that goes on, keeps its bounds, and ends with exactly what was wanted", () => {
    fc.assert(
      fc.property(change, choices, fc.nat(3), (wish, list, every) => {
        const before = anApp("/a", { instances: wish.before, upgradeStrategy: wish.strategy });
        const after = changed(before, { instances: wish.after, ...(wish.isRestart ? { mem: 7 } : {}) });
        const world = new World();
        world.addRunning(before);
        world.deploy(aTree([before, anApp("/gone")]), aTree([after, anApp("/new", { instances: 2 })]));
        let at = 0;
        world.run(
          () => list[at++ % list.length]!,
          (turn) => {
            if (every > 0 && turn % every === 0) world.crash();
          },
        );
        expect([running(world, "/a"), world.of("/a").length, running(world, "/new")]).toEqual([
          wish.after,
          wish.after,
          2,
        ]);
        expect(oldOnes(world, after)).toEqual([]);
        const { minHealthy, maxAlive } = capacityOf(wish.after, wish.strategy);
        const room = minHealthy === maxAlive ? 1 : 0;
        expect(world.most.get("/a")).toBeLessThanOrEqual(Math.max(wish.before, maxAlive + room));
        if (wish.isRestart)
          expect(world.fewest.get("/a") ?? 99).toBeGreaterThanOrEqual(Math.min(wish.before, minHealthy));
      }),
      { numRuns: 300 },
    );
  });

  it("and instances that fail while it goes on change nothing of the end", () => {
    fc.assert(
      fc.property(change, choices, (wish, list) => {
        const before = anApp("/a", { instances: wish.before, upgradeStrategy: wish.strategy });
        const after = changed(before, { instances: wish.after, mem: 7 });
        const world = new World();
        world.addRunning(before);
        world.deploy(aTree([before]), aTree([after]));
        let at = 0;
        world.run(
          () => list[at++ % list.length]!,
          (turn) => {
            const alive = world.of("/a").filter(({ condition }) => condition === "Running");
            if (turn < 30 && turn % 3 === 0 && alive.length > 0)
              world.fail(alive[list[turn % list.length]! % alive.length]!.id);
          },
        );
        expect([world.of("/a").length, running(world, "/a"), oldOnes(world, after).length]).toEqual([
          wish.after,
          wish.after,
          0,
        ]);
      }),
      { numRuns: 200 },
    );
  });
});
