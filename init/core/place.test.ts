import type { Attribute, Offer, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { contains, subtract, sum } from "@meseta/api/mesos/resources/bag.ts";
import { applyOperation } from "@meseta/api/mesos/resources/operations.ts";
import { readResources } from "@meseta/api/mesos/resources/read.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { stockOf } from "@meseta/sdk/core/offer/pool.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatPersistenceId } from "./definition/instance-id.ts";
import { fillOffer } from "./fill.ts";
import { groupBy } from "./place/group-by.ts";
import { reclaim, release, reservationLabels } from "./place/reservation.ts";
import { Tallies } from "./place/tally.ts";
import type { Constraint, Wish } from "./place/wish.ts";
import { type Match, type Place, place, type Reserve, type Seeker, type Settings } from "./place.ts";

const SETTINGS: Settings = { gpus: "unrestricted" };

const offer = (resources: string | Resource[], more: Partial<Offer> = {}): Offer => ({
  id: { value: "o1" },
  framework_id: { value: "f" },
  agent_id: { value: "a1" },
  hostname: "host1",
  resources: typeof resources === "string" ? (readResources(resources) as Resource[]) : resources,
  ...more,
});

const wish = (more: Partial<Wish> = {}): Wish => ({
  role: "*",
  constraints: [],
  instances: 4,
  parts: [{ cpus: 1, mem: 128, disk: 0, gpus: 0 }],
  ports: [],
  volumes: [],
  ...more,
});

const seeker = (more: Partial<Wish> = {}, reservation?: Seeker["reservation"]): Seeker => {
  const wanted = wish(more);
  return { wish: wanted, placed: new Tallies(wanted.constraints.map(({ field }) => field)), reservation };
};

const tryOn = (one: Seeker, there: Offer, settings: Partial<Settings> = {}, nowMs = 0): Match | string =>
  place(one, stockOf(there), { ...SETTINGS, ...settings }, createRandom(1), nowMs);

const BIG = "cpus:8;mem:4096;disk:1000;ports:[31000-31009]";
const rack = (value: string): Attribute => ({ name: "rack", type: "TEXT", text: { value } });
const inZone = (region: string, zone: string): Partial<Offer> => ({
  domain: { fault_domain: { region: { name: region }, zone: { name: zone } } },
});

describe("the funnel, first reason first", () => {
  it.each<[string, string, Partial<Wish>, Partial<Offer>, Partial<Settings>, string]>([
    ["an offer to another role", BIG, {}, { allocation_info: { role: "web" } }, {}, "UnfulfilledRole"],
    ["nothing of an accepted role", "cpus(web):8", { acceptedResourceRoles: ["*"] }, {}, {}, "UnfulfilledRole"],
    [
      "a constraint",
      BIG,
      { constraints: [{ field: "rack", operator: "IS", value: "a" }] },
      {},
      {},
      "UnfulfilledConstraint",
    ],
    ["another region", BIG, {}, inZone("west", "1"), { region: "east" }, "UnfulfilledConstraint"],
    [
      "maintenance now",
      BIG,
      {},
      { unavailability: { start: { nanoseconds: 0 } } },
      { maintenance: { drainingMs: 0 } },
      "AgentMaintenance",
    ],
    ["too few cpus", "cpus:0.5;mem:4096", {}, {}, {}, "InsufficientCpus"],
    ["too little memory", "cpus:8;mem:127", {}, {}, {}, "InsufficientMemory"],
    [
      "too little disk",
      "cpus:8;mem:4096;disk:5",
      { parts: [{ cpus: 1, mem: 1, disk: 6, gpus: 0 }] },
      {},
      {},
      "InsufficientDisk",
    ],
    ["no gpu", BIG, { parts: [{ cpus: 1, mem: 1, disk: 0, gpus: 1 }] }, {}, {}, "InsufficientGpus"],
    ["no ports", "cpus:8;mem:4096", { ports: [{ hostPort: 0, part: 0 }] }, {}, {}, "InsufficientPorts"],
    ["gpus kept for others", `${BIG};gpus:2`, {}, {}, { gpus: "restricted" }, "DeclinedScarceResources"],
  ])("%s", (_, resources, wanted, more, settings, reason) => {
    expect(tryOn(seeker(wanted), offer(resources, more), settings)).toBe(reason);
  });

  it("a made reservation that the offer does not show", () => {
    const reservation = { labels: reservationLabels("f", "i1"), volumeIds: [], isMade: true };
    expect(tryOn(seeker({}, reservation), offer(BIG))).toBe("NoCorrespondingReservationFound");
  });

  it("an agent is taken outside of its maintenance, and inside when the mode is off", () => {
    const unavailability = { start: { nanoseconds: 10_000e6 }, duration: { nanoseconds: 5_000e6 } };
    const at = (nowMs: number) =>
      tryOn(seeker(), offer(BIG, { unavailability }), { maintenance: { drainingMs: 2000 } }, nowMs);
    expect(at(7999)).toMatchObject({ kind: "launch" });
    expect(at(8000)).toBe("AgentMaintenance");
    expect(at(14_999)).toBe("AgentMaintenance");
    expect(at(15_000)).toMatchObject({ kind: "launch" });
    expect(tryOn(seeker(), offer(BIG, { unavailability }), {}, 12_000)).toMatchObject({ kind: "launch" });
  });
});

describe("constraints", () => {
  const verdict = (constraint: Constraint, there: Partial<Offer>, placedAt: readonly string[] = [], instances = 4) => {
    const one = seeker({ constraints: [constraint], instances });
    for (const value of placedAt) one.placed.add({ [constraint.field]: value });
    return typeof tryOn(one, offer(BIG, there)) === "object";
  };

  it("UNIQUE: no second instance with the value", () => {
    expect(verdict({ field: "hostname", operator: "UNIQUE" }, {}, ["host2"])).toBe(true);
    expect(verdict({ field: "@hostname", operator: "UNIQUE" }, {}, ["host1"])).toBe(false);
  });

  it("CLUSTER: the value named, or that of the first one placed", () => {
    const racked = { attributes: [rack("r1")] };
    expect(verdict({ field: "rack", operator: "CLUSTER", value: "r1" }, racked)).toBe(true);
    expect(verdict({ field: "rack", operator: "CLUSTER", value: "r2" }, racked)).toBe(false);
    expect(verdict({ field: "rack", operator: "CLUSTER" }, racked)).toBe(true);
    expect(verdict({ field: "rack", operator: "CLUSTER" }, racked, ["r2"])).toBe(false);
    expect(verdict({ field: "rack", operator: "CLUSTER", value: "" }, racked, ["r1"])).toBe(true);
  });

  it("LIKE and UNLIKE match the whole text", () => {
    const racked = { attributes: [rack("rack-12")] };
    expect(verdict({ field: "rack", operator: "LIKE", value: "rack-[0-9]+" }, racked)).toBe(true);
    expect(verdict({ field: "rack", operator: "LIKE", value: "rack" }, racked)).toBe(false);
    expect(verdict({ field: "rack", operator: "UNLIKE", value: "rack" }, racked)).toBe(true);
    expect(verdict({ field: "rack", operator: "UNLIKE", value: "rack-.*" }, racked)).toBe(false);
  });

  it("MAX_PER: at most so many with the value", () => {
    expect(verdict({ field: "hostname", operator: "MAX_PER", value: "2" }, {}, ["host1"])).toBe(true);
    expect(verdict({ field: "hostname", operator: "MAX_PER", value: "2" }, {}, ["host1", "host1"])).toBe(false);
  });

  it("IS: equal, numbers as numbers", () => {
    const scalar: Attribute = { name: "gen", type: "SCALAR", scalar: { value: 1.0001 } };
    expect(verdict({ field: "gen", operator: "IS", value: "1.000" }, { attributes: [scalar] })).toBe(true);
    expect(verdict({ field: "gen", operator: "IS", value: "1.001" }, { attributes: [scalar] })).toBe(false);
    expect(verdict({ field: "@region", operator: "IS", value: "east" }, inZone("east", "1"))).toBe(true);
  });

  it("an agent without the attribute is accepted by UNLIKE only", () => {
    for (const operator of ["UNIQUE", "CLUSTER", "GROUP_BY", "LIKE", "MAX_PER", "IS"] as const)
      expect(verdict({ field: "rack", operator, value: "1" }, {})).toBe(false);
    expect(verdict({ field: "rack", operator: "UNLIKE", value: "1" }, {})).toBe(true);
  });

  it("a constraint on @region opens the other regions", () => {
    const one = seeker({ constraints: [{ field: "@region", operator: "IS", value: "west" }] });
    expect(tryOn(one, offer(BIG, inZone("west", "1")), { region: "east" })).toMatchObject({ kind: "launch" });
  });

  it("GROUP_BY without a number takes new groups and the smallest ones", () => {
    const counts = new Map([
      ["a", 2],
      ["b", 1],
    ]);
    expect(["a", "b", "c"].map((value) => groupBy(value, undefined, counts, 9))).toEqual([false, true, true]);
  });

  it("GROUP_BY with a number gives each group its share, and the rest to some of them", () => {
    const full = new Map([
      ["a", 2],
      ["b", 1],
    ]);
    expect(["a", "b", "c"].map((value) => groupBy(value, "2", full, 3))).toEqual([false, false, false]);
    const open = new Map([
      ["a", 1],
      ["b", 1],
    ]);
    expect(["a", "b", "c"].map((value) => groupBy(value, "2", open, 3))).toEqual([true, true, false]);
  });

  it("GROUP_BY says the same as the rule written out over a list", () => {
    const zones = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 14 });
    const argument = fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined });
    fc.assert(
      fc.property(
        zones,
        fc.constantFrom("a", "b", "c", "d"),
        argument,
        fc.nat(14),
        (placed, zone, groups, instances) => {
          const counts = new Map([...Map.groupBy(placed, (one) => one)].map(([one, all]) => [one, all.length]));
          const verdict = groupBy(zone, groups === undefined ? undefined : String(groups), counts, instances);
          expect(verdict).toBe(groupBySlowly(zone, groups, placed, instances));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("GROUP_BY with a number: offers in any order lead to groups that differ by at most one", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 17 }),
        fc.array(fc.nat(4), { maxLength: 200 }),
        (groups, instances, offers) => {
          const counts = new Map<string, number>();
          let placed = 0;
          for (const zone of [
            ...offers.map((n) => n % groups),
            ...Array.from({ length: instances * groups }, (_, i) => i % groups),
          ]) {
            if (placed === instances || !groupBy(`z${zone}`, String(groups), counts, instances)) continue;
            counts.set(`z${zone}`, (counts.get(`z${zone}`) ?? 0) + 1);
            placed++;
          }
          expect(placed).toBe(instances);
          const sizes = Array.from({ length: groups }, (_, i) => counts.get(`z${i}`) ?? 0);
          expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });
});

/** The rule, word for word, over the list of where instances are. */
function groupBySlowly(
  zone: string,
  groups: number | undefined,
  placed: readonly string[],
  instances: number,
): boolean {
  const known = [...new Set(placed)];
  const sizeOf = (one: string) => placed.filter((other) => other === one).length;
  if (!known.includes(zone)) return groups === undefined || known.length < groups;
  if (groups === undefined) return known.every((other) => sizeOf(other) >= sizeOf(zone));
  const each = Math.floor(instances / groups);
  const rest = instances - each * groups;
  const usedOfRest = known.map((one) => Math.max(0, sizeOf(one) - each)).reduce((a, b) => a + b, 0);
  return sizeOf(zone) < each || (sizeOf(zone) === each && rest - usedOfRest > 0);
}

describe("roles", () => {
  it("reserved resources are taken before unreserved ones, and one task may have both", () => {
    const found = tryOn(seeker({ role: "web" }), offer("cpus(web):0.5;cpus:4;mem:512")) as Place;
    expect(found.parts[0]!.filter(({ name }) => name === "cpus").map(({ scalar }) => scalar!.value)).toEqual([
      0.5, 0.5,
    ]);
  });

  it("only accepted roles are used", () => {
    const there = offer("cpus(web):0.5;cpus:4;mem:512");
    expect(tryOn(seeker({ role: "web", acceptedResourceRoles: ["web"] }), there)).toBe("InsufficientCpus");
    const found = tryOn(seeker({ role: "web", acceptedResourceRoles: ["*"] }), there) as Place;
    expect(found.parts.flat().every(({ reservations }) => reservations === undefined)).toBe(true);
  });

  it("what is kept for a resident instance, a volume, or may be taken back, is left alone", () => {
    const kept = { type: "DYNAMIC", role: "web", labels: reservationLabels("f", "i1") } as const;
    const cpus = { name: "cpus", type: "SCALAR", scalar: { value: 4 } } as const;
    const there = [
      { ...cpus, reservations: [kept] },
      { ...cpus, revocable: {} },
      ...(readResources("mem:512") as Resource[]),
    ];
    expect(tryOn(seeker({ role: "web" }), offer(there))).toBe("InsufficientCpus");
  });
});

describe("ports", () => {
  const portsOf = (ports: Wish["ports"], resources = BIG, seed = 1) => {
    const found = place(seeker({ ports }), stockOf(offer(resources)), SETTINGS, createRandom(seed), 0);
    return typeof found === "string" ? found : (found as Place).hostPorts;
  };

  it("fixed ones are given as they are or not at all", () => {
    expect(portsOf([{ hostPort: 31_003, part: 0 }])).toEqual([31_003]);
    expect(portsOf([{ hostPort: 80, part: 0 }])).toBe("InsufficientPorts");
  });

  it("any ones never collide with fixed ones, and absent ones take none", () => {
    const chosen = portsOf(
      [{ hostPort: 0, part: 0 }, { hostPort: 31_001, part: 0 }, { part: 0 }],
      "cpus:1;mem:128;ports:[31000-31001]",
    );
    expect(chosen).toEqual([31_000, 31_001, undefined]);
  });

  it("the same seed gives the same ports, and another one others", () => {
    const any = [{ hostPort: 0, part: 0 }];
    expect(portsOf(any, BIG, 7)).toEqual(portsOf(any, BIG, 7));
    expect(new Set(Array.from({ length: 40 }, (_, seed) => portsOf(any, BIG, seed)![0])).size).toBeGreaterThan(3);
  });
});

describe("resident instances", () => {
  const volume = { containerPath: "data", type: "root", sizeMiB: 100, constraints: [], part: 0 } as const;
  const reservation = { labels: reservationLabels("f", "i1"), volumeIds: [formatPersistenceId("/db/pg", "data", "u")] };
  const wanted = { role: "db", volumes: [volume], ports: [{ hostPort: 0, part: 0 }] };

  it("reserve first, create the volume, and launch on the next offer with exactly that", () => {
    const there = offer(BIG);
    const reserved = tryOn(seeker(wanted, { ...reservation, isMade: false }), there) as Reserve;
    expect(reserved.operations.map(({ type }) => type)).toEqual(["RESERVE", "CREATE"]);
    const after = reserved.operations.reduce<Resource[]>(
      (bag, one) => applyOperation(bag, one) as Resource[],
      there.resources!,
    );
    const found = tryOn(seeker(wanted, { ...reservation, isMade: true }), offer(after)) as Place;
    expect(found.kind).toBe("launch");
    expect(found.parts[0]!.map(({ disk }) => disk?.persistence?.id)).toContain("db_pg#data#u");
    expect(contains(after, found.parts.flat())).toBe(true);
    expect(tryOn(seeker({ role: "db" }), offer(after))).toMatchObject({ kind: "launch" });
  });

  it("a reserved place is counted once, and is not in its own way", () => {
    const constraints = [{ field: "hostname", operator: "UNIQUE" }] as const;
    const one = seeker({ ...wanted, constraints }, { ...reservation, isMade: false });
    const turn = (item: Seeker) => ({ key: "db", next: () => ({ item: 0, seeker: item }) });
    const limits = { mostInstances: 1, settings: SETTINGS };
    const [first] = fillOffer(offer(BIG), [turn(one)], limits, createRandom(1), 0).matches;
    const after = (first!.match as Reserve).operations.reduce(
      (bag, operation) => applyOperation(bag, operation) as Resource[],
      offer(BIG).resources!,
    );
    const made = { ...one, reservation: { ...reservation, isMade: true } };
    expect(fillOffer(offer(after), [turn(made)], limits, createRandom(1), 0).matches).toHaveLength(1);
    expect(one.placed.of("hostname")!.counts.get("host1")).toBe(1);
  });

  it("what was kept for one that is no more is given back whole", () => {
    const there = offer(BIG);
    const reserved = tryOn(seeker(wanted, { ...reservation, isMade: false }), there) as Reserve;
    const apply = (bag: Resource[], one: (typeof reserved.operations)[number]) =>
      applyOperation(bag, one) as Resource[];
    const after = reserved.operations.reduce(apply, there.resources!);
    const freed = release(after, reservation.labels).reduce(apply, after);
    expect(subtract(there.resources!, freed)).toEqual([]);
    expect(release(freed, reservation.labels)).toEqual([]);
  });

  it("what is reserved for nobody that we know is given back, and nobody else's", () => {
    const there = offer(BIG);
    const { operations } = tryOn(seeker(wanted, { ...reservation, isMade: false }), there) as Reserve;
    const after = operations.reduce<Resource[]>((bag, one) => applyOperation(bag, one) as Resource[], there.resources!);
    expect(reclaim(after, "f", () => true)).toEqual([]);
    expect(reclaim(after, "another framework", () => false)).toEqual([]);
    expect(reclaim(after, "f", (id) => id !== "i1").map(({ type }) => type)).toEqual(["DESTROY", "UNRESERVE"]);
  });

  it("a volume on a disk of its own takes the smallest that is large enough", () => {
    const mount = (value: number, root: string) =>
      ({
        name: "disk",
        type: "SCALAR",
        scalar: { value },
        disk: { source: { type: "MOUNT", mount: { root } } },
      }) as Resource;
    const there = [...(readResources(BIG) as Resource[]), mount(50, "/a"), mount(500, "/b"), mount(300, "/c")];
    const one = seeker(
      { ...wanted, volumes: [{ ...volume, type: "mount", maxSizeMiB: 400 }] },
      { ...reservation, isMade: false },
    );
    const { operations } = tryOn(one, offer(there)) as Reserve;
    expect(operations[1]!.create!.volumes![0]).toMatchObject({
      scalar: { value: 300 },
      disk: { source: { mount: { root: "/c" } } },
    });
    const elsewhere = seeker(
      {
        ...wanted,
        volumes: [{ ...volume, type: "mount", constraints: [{ field: "path", operator: "LIKE", value: "/b.*" }] }],
      },
      { ...reservation, isMade: false },
    );
    expect(
      (tryOn(elsewhere, offer(there)) as Reserve).operations[1]!.create!.volumes![0]!.disk!.source!.mount!.root,
    ).toBe("/b");
  });

  it("disk for the task and disk for its volume are not the same disk", () => {
    const parts = [{ cpus: 1, mem: 1, disk: 950, gpus: 0 }];
    expect(tryOn(seeker({ ...wanted, parts }, { ...reservation, isMade: false }), offer(BIG))).toBe("InsufficientDisk");
  });
});

describe("filling an offer", () => {
  const endless = (one: Seeker) => ({ key: one.wish.role, next: () => ({ item: 0, seeker: one }) });

  it("many instances of one service, until something runs out", () => {
    const { matches, rejections } = fillOffer(
      offer("cpus:3;mem:9999"),
      [endless(seeker())],
      { mostInstances: 100, settings: SETTINGS },
      createRandom(1),
      0,
    );
    expect([matches.length, rejections]).toEqual([3, []]);
  });

  it("UNIQUE holds within one offer", () => {
    const one = seeker({ constraints: [{ field: "hostname", operator: "UNIQUE" }] });
    expect(
      fillOffer(offer(BIG), [endless(one)], { mostInstances: 9, settings: SETTINGS }, createRandom(1), 0).matches
        .length,
    ).toBe(1);
    expect(one.placed.of("hostname")!.counts).toEqual(new Map([["host1", 1]]));
  });

  it("nothing is given twice, whatever is asked for", () => {
    const part = fc.record({
      cpus: fc.constantFrom(0.1, 0.5, 1.3),
      mem: fc.nat(600),
      disk: fc.nat(90),
      gpus: fc.constant(0),
    });
    const wishes = fc.record({
      parts: fc.array(part, { minLength: 1, maxLength: 3 }),
      ports: fc.array(fc.record({ hostPort: fc.constantFrom(0, 31_004, undefined), part: fc.constant(0) }), {
        maxLength: 3,
      }),
    });
    fc.assert(
      fc.property(fc.array(wishes, { minLength: 1, maxLength: 5 }), fc.integer(), (all, seed) => {
        const there = offer("cpus(web):2;cpus:3.7;mem:2048;disk:200;ports:[31000-31009]");
        const queue = all.map((one) => endless(seeker({ ...one, role: "web" })));
        const { matches } = fillOffer(there, queue, { mostInstances: 50, settings: SETTINGS }, createRandom(seed), 0);
        const taken = matches.flatMap(({ match }) => (match as Place).parts);
        expect(contains(there.resources!, sum(taken))).toBe(true);
        const ports = matches.flatMap(({ match }) => (match as Place).hostPorts.filter((port) => port !== undefined));
        expect(new Set(ports).size).toBe(ports.length);
      }),
    );
  });
});
