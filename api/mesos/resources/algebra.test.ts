import fc from "fast-check";
import { expect, test } from "vitest";
import type { Resource } from "../generated/mesos.ts";
import { add, asBag, contains, equal, intersect, isEmpty, subtract, sum } from "./bag.ts";
import { downgrade, inBothForms, upgrade } from "./formats.ts";
import { identityKey, sameIdentity } from "./identity.ts";
import { applyOperation } from "./operations.ts";
import { parseAttributes, parseResources, writeAttributes, writeResources } from "./parse.ts";
import { quantities, scalarQuantities } from "./quantities.ts";
import { shrinkToLimits } from "./shrink.ts";
import { validateResources } from "./validate.ts";

const amount = fc.integer({ min: 1, max: 9000 }).map((milli) => ({ value: milli / 1000 }));
const roleStack = fc.constantFrom<Resource["reservations"]>(
  undefined,
  [{ type: "STATIC", role: "a" }],
  [{ type: "DYNAMIC", role: "a", principal: "p" }],
  [{ type: "DYNAMIC", role: "a", labels: { labels: [{ key: "k", value: "v" }, { key: "l" }] } }],
  [
    { type: "STATIC", role: "a" },
    { type: "DYNAMIC", role: "a/b", principal: "p" },
  ],
);
const marks = fc
  .record({ reservations: roleStack, allocation_info: fc.constantFrom(undefined, { role: "a" }, { role: "b" }) })
  .map(tidy);
const scalar = fc.record({
  name: fc.constantFrom("cpus", "mem", "disk"),
  type: fc.constant("SCALAR" as const),
  scalar: amount,
});
const ranges = fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 6 }).map((numbers) => ({
  name: "ports",
  type: "RANGES" as const,
  ranges: { range: numbers.map((n) => ({ begin: 2 * n, end: 2 * n })) },
}));
const set = fc
  .uniqueArray(fc.constantFrom("x", "y", "z", "w"), { minLength: 1 })
  .map((item) => ({ name: "zones", type: "SET" as const, set: { item } }));
const plain: fc.Arbitrary<Resource> = fc
  .tuple(fc.oneof(scalar, ranges, set), marks)
  .map(([value, more]) => ({ ...value, ...more }));
const mount: fc.Arbitrary<Resource> = fc.tuple(amount, fc.constantFrom("/m1", "/m2")).map(([size, root]) => ({
  name: "disk",
  type: "SCALAR",
  scalar: size,
  disk: { source: { type: "MOUNT", mount: { root } } },
}));
const volume: fc.Arbitrary<Resource> = fc
  .tuple(amount, fc.constantFrom("v1", "v2"), fc.boolean())
  .map(([size, id, isShared]) => ({
    name: "disk",
    type: "SCALAR",
    scalar: size,
    reservations: [{ type: "DYNAMIC", role: "a" }],
    disk: { persistence: { id }, volume: { mode: "RW", container_path: "data" } },
    ...(isShared ? { shared: {} } : {}),
  }));
const resource = fc.oneof(
  { weight: 6, arbitrary: plain },
  { weight: 1, arbitrary: mount },
  { weight: 1, arbitrary: volume },
);
const bag = fc.array(resource, { maxLength: 8 });
const bigBag = fc.array(resource, { maxLength: 40 });
const anyBag = fc.oneof(bag, bigBag);

function tidy<T extends object>(record: T): T {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
}

// Only when no number and no item is in both is a union also a sum.
function disjoint(a: readonly Resource[], b: readonly Resource[]): boolean {
  const named = (list: readonly Resource[]) => list.filter(({ type }) => type !== "SCALAR");
  return isEmpty(intersect(named(a), named(b)));
}

test("what is taken away and put back is there again", () => {
  fc.assert(
    fc.property(anyBag, anyBag, (a, more) => {
      const whole = sum([a, more]);
      expect(equal(add(subtract(whole, a), a), whole)).toBe(true);
    }),
  );
});

test("what is put in and taken away leaves what was there", () => {
  fc.assert(
    fc.property(anyBag, anyBag, (a, b) => {
      fc.pre(disjoint(a, b));
      expect(equal(subtract(add(a, b), b), a)).toBe(true);
    }),
  );
});

test("no amount ever goes below zero", () => {
  fc.assert(
    fc.property(anyBag, anyBag, (a, b) => {
      for (const { scalar: left } of [...subtract(a, b), ...add(a, b)])
        expect(left === undefined || left.value > 0).toBe(true);
    }),
  );
});

test("the order of adding does not matter", () => {
  fc.assert(
    fc.property(anyBag, bag, bag, (a, b, c) => {
      expect(equal(add(a, b), add(b, a))).toBe(true);
      expect(equal(add(add(a, b), c), add(a, add(b, c)))).toBe(true);
      expect(equal(sum([a, b, c]), sum([c, b, a]))).toBe(true);
    }),
  );
});

test("containing is a partial order with the sum above its parts", () => {
  fc.assert(
    fc.property(bag, bag, bag, (a, b, c) => {
      expect(contains(a, a)).toBe(true);
      expect(contains(a, []) && contains(add(a, b), b)).toBe(true);
      if (contains(a, b) && contains(b, a)) expect(equal(a, b)).toBe(true);
      if (contains(a, b) && contains(b, c)) expect(contains(a, c)).toBe(true);
      expect(contains(a, b)).toBe(isEmpty(subtract(b, a)) && contains(a, sum([b])));
    }),
  );
});

test("a list is the same bag as the sum of its entries, and a bag is left as it is", () => {
  fc.assert(
    fc.property(anyBag, (a) => {
      const merged = sum([a]);
      expect(equal(a, merged)).toBe(true);
      expect(asBag(merged)).toBe(merged);
    }),
  );
});

test("two resources have one key exactly when they are of one identity", () => {
  fc.assert(fc.property(resource, resource, (a, b) => sameIdentity(a, b) === (identityKey(a) === identityKey(b))));
});

test("the arguments are never changed", () => {
  fc.assert(
    fc.property(bag, bag, (a, b) => {
      const before = JSON.stringify([a, b]);
      void [add(a, b), subtract(a, b), contains(a, b), sum([a, b]), intersect(a, b)];
      expect(JSON.stringify([a, b])).toBe(before);
    }),
  );
});

test("reserving and unreserving keep every quantity, and undo each other", () => {
  const reservable = plain.filter(({ reservations }) => reservations === undefined || reservations[0]!.role === "a");
  fc.assert(
    fc.property(anyBag, reservable, (rest, piece) => {
      fc.pre(disjoint(rest, [piece]));
      const role = piece.reservations === undefined ? "a" : "a/b/c";
      const reserved: Resource = {
        ...piece,
        reservations: [...(piece.reservations ?? []), { type: "DYNAMIC", role, principal: "p" }],
      };
      fc.pre(disjoint(rest, [reserved]));
      const whole = add(rest, [piece]);
      const after = applyOperation(whole, { type: "RESERVE", reserve: { resources: [reserved] } }) as Resource[];
      expect(quantities(after)).toEqual(quantities(sum([whole])));
      const back = applyOperation(after, { type: "UNRESERVE", unreserve: { resources: [reserved] } }) as Resource[];
      expect(equal(back, whole)).toBe(true);
    }),
  );
});

test("creating, growing, shrinking and destroying volumes keep the size of all disks", () => {
  const stack: Resource["reservations"] = [{ type: "DYNAMIC", role: "a" }];
  const disk = (value: number): Resource => ({ name: "disk", type: "SCALAR", scalar: { value }, reservations: stack });
  const made = (value: number): Resource => ({
    ...disk(value),
    disk: { persistence: { id: "new" }, volume: { mode: "RW", container_path: "d" } },
  });
  fc.assert(
    fc.property(bag, fc.integer({ min: 2, max: 50 }), fc.integer({ min: 1, max: 50 }), (rest, size, more) => {
      const whole = sum([rest, [disk(size + more)]]);
      const steps = [
        { type: "CREATE" as const, create: { volumes: [made(size)] } },
        { type: "GROW_VOLUME" as const, grow_volume: { volume: made(size), addition: disk(more) } },
        { type: "SHRINK_VOLUME" as const, shrink_volume: { volume: made(size + more), subtract: { value: 1 } } },
        { type: "DESTROY" as const, destroy: { volumes: [made(size + more - 1)] } },
      ];
      let now: Resource[] = whole;
      for (const step of steps) {
        now = applyOperation(now, step) as Resource[];
        expect(scalarQuantities(now).get("disk")).toBe(scalarQuantities(whole).get("disk"));
      }
      expect(equal(now, whole)).toBe(true);
    }),
  );
});

test("the older form of reservations says the same when it can say it at all", () => {
  fc.assert(
    fc.property(resource, (one) => {
      const older = downgrade(one);
      if ("message" in older) expect(one.reservations!.length).toBeGreaterThan(1);
      else expect(upgrade(older)).toEqual(one);
      expect(upgrade(inBothForms(one))).toEqual(one);
      expect(upgrade(one)).toBe(one);
    }),
  );
});

test("what is cut to limits keeps them, and takes no more away than it must", () => {
  fc.assert(
    fc.property(fc.array(plain, { maxLength: 8 }), fc.nat(12_000), (list, limit) => {
      const cut = shrinkToLimits(list, new Map([["cpus", limit]]));
      const before = quantities(list).get("cpus") ?? 0;
      expect(quantities(cut).get("cpus") ?? 0).toBe(Math.min(before, limit));
      expect(contains(list, cut)).toBe(true);
    }),
  );
});

test("resources and attributes that are written are read back as they were", () => {
  const stack = fc.constantFrom<Resource["reservations"]>(undefined, [{ type: "STATIC", role: "a/b" }]);
  const writable: fc.Arbitrary<Resource> = fc
    .tuple(fc.oneof(scalar, ranges, set), stack)
    .map(([value, reservations]) => tidy({ ...value, reservations }));
  fc.assert(
    fc.property(fc.array(writable, { maxLength: 6 }), (list) => {
      const back = parseResources(writeResources(list)) as Resource[];
      expect(equal(back, list)).toBe(true);
      const named = sum([list]).map(({ reservations: _, ...value }) => value);
      expect(writeAttributes(parseAttributes(writeAttributes(named)) as never)).toBe(writeAttributes(named));
    }),
  );
});

test("all that the operations of the algebra make is valid", () => {
  fc.assert(
    fc.property(bag, bag, (a, b) => {
      expect(validateResources([...add(a, b), ...subtract(a, b)])).toBeUndefined();
    }),
  );
});
