import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planScale, scaleCounts, scaleWaitsFor } from "./scale.ts";
import { type Candidate, killOrder } from "./victims.ts";

const instance = (
  id: string,
  condition: Candidate["condition"] = "Running",
  sinceMs = 0,
  zone?: string,
): Candidate => ({
  id,
  condition,
  sinceMs,
  places: { "@zone": zone },
});

const ids = (instances: readonly Candidate[]) => instances.map(({ id }) => id);

describe("counts", () => {
  it("kills are what is too much, or those named, whichever is more; starts bring it back to the target", () => {
    expect(scaleCounts(5, 3, 0)).toEqual({ kills: 0, starts: 2 });
    expect(scaleCounts(3, 5, 0)).toEqual({ kills: 2, starts: 0 });
    expect(scaleCounts(5, 5, 2)).toEqual({ kills: 2, starts: 2 });
    expect(scaleCounts(2, 5, 1)).toEqual({ kills: 3, starts: 0 });
    expect(scaleCounts(0, 0, 0)).toEqual({ kills: 0, starts: 0 });
  });

  it("after it there are as many as wanted, and neither number is negative", () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.nat(50), (target, counted, named) => {
        const { kills, starts } = scaleCounts(target, counted, Math.min(named, counted));
        expect(counted - kills + starts).toBe(target);
        expect(Math.min(kills, starts)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("inactive instances do not count, so they are replaced", () => {
    const there = [instance("a"), instance("b", "UnreachableInactive")];
    expect(planScale({ target: 2, killSelection: "YOUNGEST_FIRST" }, there)).toEqual({ kill: [], starts: 1 });
  });

  it("it waits for as many as were neither active nor scheduled", () => {
    expect(scaleWaitsFor(5, [instance("a"), instance("b", "Scheduled"), instance("c", "UnreachableInactive")])).toBe(3);
    expect(scaleWaitsFor(1, [instance("a"), instance("b")])).toBe(0);
  });
});

describe("who is killed", () => {
  it("queued ones before any that runs, then those that end already, then those that do least", () => {
    const all = (["Running", "Starting", "Killing", "Staging", "Unreachable", "Provisioned", "Scheduled"] as const).map(
      (condition) => instance(condition, condition),
    );
    expect(ids(killOrder(all, { count: 7, killSelection: "OLDEST_FIRST" }))).toEqual([
      "Provisioned",
      "Scheduled",
      "Killing",
      "Unreachable",
      "Staging",
      "Starting",
      "Running",
    ]);
  });

  it("the named ones before all", () => {
    const wish = { target: 1, victims: ["b", "gone"], killSelection: "YOUNGEST_FIRST" } as const;
    expect(ids(planScale(wish, [instance("a", "Scheduled"), instance("b"), instance("c")]).kill)).toEqual(["b", "a"]);
  });

  it("among equals the youngest, or the oldest where the service says so", () => {
    const three = [instance("old", "Running", 1), instance("young", "Running", 3), instance("middle", "Running", 2)];
    expect(ids(killOrder(three, { count: 2, killSelection: "YOUNGEST_FIRST" }))).toEqual(["young", "middle"]);
    expect(ids(killOrder(three, { count: 2, killSelection: "OLDEST_FIRST" }))).toEqual(["old", "middle"]);
  });

  it("those whose checks fail or say nothing yet before those that are well, whatever their age", () => {
    const [well, silent, ill] = [true, undefined, false].map((isHealthy, i) => ({
      ...instance(`${isHealthy}`, "Running", i),
      isHealthy,
    })) as [Candidate, Candidate, Candidate];
    for (const killSelection of ["YOUNGEST_FIRST", "OLDEST_FIRST"] as const)
      expect(killOrder([well, silent, ill], { count: 3, killSelection })).toEqual([ill, silent, well]);
  });

  it("with GROUP_BY the largest groups lose first, and what is even stays even", () => {
    const all = [
      ...["a1", "a2", "a3", "a4"].map((id) => instance(id, "Running", 1, "a")),
      instance("b1", "Running", 9, "b"),
    ];
    const wish = { count: 3, killSelection: "YOUNGEST_FIRST", groupBy: ["@zone"] } as const;
    expect(ids(killOrder(all, wish))).toEqual(["a1", "a2", "a3"]);
    const even = ["a1", "b1", "a2", "b2"].map((id) => instance(id, "Running", 1, id[0]!));
    expect(ids(killOrder(even, { ...wish, count: 2 }))).toEqual(["a1", "b1"]);
  });

  it("kills for GROUP_BY never leave the zones less even than they were, and even when they are many enough", () => {
    const zones = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(zones, fc.nat(20), (all, count) => {
        const instances = all.map((zone, i) => instance(`i${i}`, "Running", i, zone));
        const killed = new Set(killOrder(instances, { count, killSelection: "OLDEST_FIRST", groupBy: ["@zone"] }));
        const left = instances.filter((one) => !killed.has(one)).map(({ places }) => places!["@zone"]!);
        const most = count >= surplusOf(all) ? 1 : spreadOf(all, all);
        expect(spreadOf(left, all)).toBeLessThanOrEqual(most);
      }),
    );
  });

  it("kills for several fields even out the most uneven one, and spoil no other", () => {
    const at = (id: string, rack: string, zone: string) => ({ ...instance(id), places: { rack, "@zone": zone } });
    const all = [at("1", "r1", "a"), at("2", "r1", "b"), at("3", "r1", "b"), at("4", "r2", "b"), at("5", "r2", "b")];
    const wish = { count: 3, killSelection: "OLDEST_FIRST", groupBy: ["rack", "@zone"] } as const;
    expect(ids(killOrder(all, wish))).toEqual(["2", "3", "4"]);
  });
});

const sizes = (zones: readonly string[]) =>
  [...Map.groupBy(zones, (zone) => zone).values()].map((group) => group.length);
/** By how much the groups of those that are left differ; one that is empty now is a group as well. */
const spreadOf = (left: readonly string[], all: readonly string[]) => {
  const counts = [...new Set(all)].map((zone) => left.filter((each) => each === zone).length);
  return Math.max(...counts) - Math.min(...counts);
};

/** How many must go until no group is larger than the smallest by more than one. */
function surplusOf(zones: readonly string[]): number {
  const all = sizes(zones);
  return all.reduce((sum, size) => sum + Math.max(0, size - Math.min(...all) - 1), 0);
}
