import type { RunSpec } from "@meseta/api/marathon/group.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { layersOf } from "./plan/layers.ts";
import { revert } from "./plan/revert.ts";
import { anApp, aPod, aTree } from "./plan/specs.rig.ts";
import { deploymentOnWire, stepsOnWire } from "./plan/wire.ts";
import { affectedBy, type Plan, planOf } from "./plan.ts";
import { changeOf, stamp, stampRestart } from "./version.ts";

const IDS = { id: "d1", version: "2026-02-01T00:00:00.000Z" };
const LATER = "2026-02-01T00:00:00.000Z";

/** `stop /a | scale /b /c`: the steps in a line. */
const told = (plan: Plan) =>
  plan.steps.map(({ actions }) => actions.map(({ kind, id }) => `${kind} ${id}`).join(", ")).join(" | ");

const planned = (before: readonly RunSpec[], after: readonly RunSpec[], groups = {}) =>
  planOf(aTree(before), aTree(after, groups), IDS);

describe("the steps", () => {
  it("what is gone is stopped, then what is new is started, then scaled", () => {
    expect(told(planned([anApp("/old")], [anApp("/new")]))).toBe("stop /old | start /new | scale /new");
  });

  it("nothing to do is no step", () => {
    expect(planned([anApp("/a")], [anApp("/a")]).steps).toEqual([]);
  });

  it("another number of instances is a scaling, anything else a restart, and no instances at all a scaling", () => {
    const before = [anApp("/a"), anApp("/b"), anApp("/c")];
    const after = [anApp("/a", { instances: 3 }), anApp("/b", { mem: 256 }), anApp("/c", { mem: 256, instances: 0 })];
    expect(told(planned(before, after))).toBe("scale /a, restart /b, scale /c");
  });

  it("a restart that is asked for is one, though nothing differs", () => {
    expect(told(planned([anApp("/a")], [stampRestart(anApp("/a"), LATER)]))).toBe("restart /a");
  });

  it("a label alone restarts nothing", () => {
    expect(told(planned([anApp("/a")], [anApp("/a", { labels: { x: "y" } })]))).toBe("scale /a");
  });

  it.each([
    { cmd: "true" },
    { user: "nobody" },
    { env: { A: "b" } },
    { constraints: [["hostname", "UNIQUE"]] as const },
    { acceptedResourceRoles: ["*"] },
    { labels: { a: "b" }, cpus: 2 },
  ])("%j restarts", (more) => {
    expect(changeOf(anApp("/a"), anApp("/a", more))).toBe("restart");
  });

  it("the order of keys is no difference", () => {
    expect(changeOf(anApp("/a", { env: { A: "1", B: "2" } }), anApp("/a", { env: { B: "2", A: "1" } }))).toBe("none");
  });

  it("dependencies come first, one layer a step, and what does not depend on another goes together", () => {
    const before = ["/db", "/cache", "/web", "/front"].map((id) => anApp(id));
    const after = [
      anApp("/db", { mem: 1 }),
      anApp("/cache", { mem: 1 }),
      anApp("/web", { dependencies: ["/db", "/cache"] }),
      anApp("/front", { dependencies: ["/web"] }),
    ];
    expect(told(planned(before, after))).toBe("restart /cache, restart /db | restart /web | restart /front");
  });

  it("a dependency on a group is one on all below it, and a group's dependency is that of all in it", () => {
    const after = [anApp("/db/a"), aPod("/db/b"), anApp("/web/x/y")];
    expect(told(planned([], after, { "/web": ["/db"] }))).toBe(
      "start /db/a, start /db/b, start /web/x/y | scale /db/a, scale /db/b | scale /web/x/y",
    );
  });

  it("instances to be killed stand in the action, though the definition is the same", () => {
    const tree = aTree([anApp("/a")]);
    const { steps } = planOf(tree, tree, IDS, { "/a": ["i1"] });
    expect(steps).toEqual([{ actions: [{ kind: "scale", id: "/a", victims: ["i1"] }] }]);
  });

  it("a chain of dependencies may be very long", () => {
    const chain = Array.from({ length: 20_000 }, (_, i) =>
      anApp(`/a${i}`, { dependencies: i === 0 ? [] : [`/a${i - 1}`] }),
    );
    expect(layersOf(aTree(chain), ["/a19999"]).get("/a19999")).toBe(19_999);
  });

  it("layers are the longest paths, whatever the graph", () => {
    const edges = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 20 });
    fc.assert(
      fc.property(edges, (pairs) => {
        const below = (i: number) => [...new Set(pairs.flatMap(([a, b]) => (a === i && b < a ? [b] : [])))];
        const longest = (i: number): number => Math.max(0, ...below(i).map((j) => longest(j) + 1));
        const all = Array.from({ length: 8 }, (_, i) =>
          anApp(`/a${i}`, { dependencies: below(i).map((j) => `/a${j}`) }),
        );
        const layers = layersOf(
          aTree(all),
          all.map(({ id }) => id),
        );
        expect([...layers.values()]).toEqual(all.map((_, i) => longest(i)));
      }),
    );
  });
});

describe("versions", () => {
  const before = anApp("/a");

  it("a change stamps both times, a scaling only its own, a label neither", () => {
    expect(stamp(before, { ...before, mem: 1 }, LATER).versionInfo).toEqual({
      lastScalingAt: LATER,
      lastConfigChangeAt: LATER,
    });
    expect(stamp(before, { ...before, instances: 9 }, LATER).versionInfo).toEqual({
      ...before.versionInfo,
      lastScalingAt: LATER,
    });
    expect(stamp(before, { ...before, labels: { a: "b" } }, LATER)).toMatchObject({
      version: LATER,
      versionInfo: before.versionInfo,
    });
    expect(stamp(undefined, before, LATER)).toMatchObject({
      version: LATER,
      versionInfo: { lastConfigChangeAt: LATER },
    });
    expect(stamp(before, { ...before, version: "x" }, LATER)).toEqual(before);
  });
});

describe("locks", () => {
  const touching = (...ids: string[]) =>
    planned(
      [],
      ids.map((id) => anApp(id)),
    );

  it("a plan locks the services on which it acts", () => {
    expect(affectedBy(touching("/a", "/b")).sort()).toEqual(["/a", "/b"]);
  });
});

describe("going back", () => {
  it("only what the plan changed goes back", () => {
    const before = aTree([anApp("/a", { mem: 1 }), anApp("/gone/x"), anApp("/b")]);
    const after = aTree([anApp("/a", { mem: 2 }), anApp("/new/y"), anApp("/b")]);
    const plan = planOf(before, after, IDS);
    const present = aTree([anApp("/a", { mem: 2 }), anApp("/new/y"), anApp("/b", { mem: 9 }), anApp("/other")]);
    const back = revert(plan, present);
    expect([...back.apps.keys()].sort()).toEqual(["/a", "/b", "/gone/x", "/other"]);
    expect([back.apps.get("/a")!.mem, back.apps.get("/b")!.mem]).toEqual([1, 9]);
    expect([...back.groups.keys()].sort()).toEqual(["/", "/gone"]);
  });

  it("a group that the plan made stays when somebody has put something into it", () => {
    const plan = planOf(aTree([]), aTree([anApp("/new/y")]), IDS);
    const back = revert(plan, aTree([anApp("/new/y"), anApp("/new/z")]));
    expect([...back.groups.keys()]).toContain("/new");
  });

  it("there and back is where it began, whatever was changed", () => {
    const some = fc.uniqueArray(fc.tuple(fc.constantFrom("/a", "/b", "/g/c", "/g/h/d"), fc.nat(3)), {
      selector: ([id]) => id,
    });
    const treeOf = (list: readonly [string, number][]) => aTree(list.map(([id, mem]) => anApp(id, { mem })));
    fc.assert(
      fc.property(some, some, (one, other) => {
        const [before, after] = [treeOf(one), treeOf(other)];
        const back = revert(planOf(before, after, IDS), after);
        expect(new Map([...back.apps].sort())).toEqual(new Map([...before.apps].sort()));
        expect([...back.groups.keys()].sort()).toEqual([...before.groups.keys()].sort());
      }),
    );
  });
});

describe("as clients see it", () => {
  it("apps and pods have action names of their own", () => {
    expect(stepsOnWire(planned([aPod("/p"), anApp("/x")], [anApp("/a"), aPod("/q")]))).toEqual([
      {
        actions: [
          { action: "StopPod", pod: "/p" },
          { action: "StopApplication", app: "/x" },
        ],
      },
      {
        actions: [
          { action: "StartApplication", app: "/a" },
          { action: "StartPod", pod: "/q" },
        ],
      },
      {
        actions: [
          { action: "ScaleApplication", app: "/a" },
          { action: "ScalePod", pod: "/q" },
        ],
      },
    ]);
  });

  it("a running deployment says where it is, counting from 1", () => {
    const plan = planned([anApp("/a")], [anApp("/a", { mem: 9 })]);
    expect(deploymentOnWire(plan, 0)).toEqual({
      ...IDS,
      affectedApps: ["/a"],
      affectedPods: [],
      steps: [{ actions: [{ action: "RestartApplication", app: "/a" }] }],
      currentActions: [{ action: "RestartApplication", app: "/a", readinessCheckResults: [] }],
      currentStep: 1,
      totalSteps: 1,
    });
  });
});
