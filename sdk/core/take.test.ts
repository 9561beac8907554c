import type { Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { add, contains, equal } from "@meseta/api/mesos/resources/bag.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { take } from "./take.ts";

const scalar = (name: string, value: number, role?: string): Resource => ({
  name,
  type: "SCALAR",
  scalar: { value },
  ...(role && { reservations: [{ type: "DYNAMIC" as const, role }] }),
});
const ports = (...pairs: [number, number][]): Resource => ({
  name: "ports",
  type: "RANGES",
  ranges: { range: pairs.map(([begin, end]) => ({ begin, end })) },
});

test("reserved resources are taken before those of all", () => {
  const taken = take([scalar("cpus", 4), scalar("cpus", 1, "db")], { scalars: { cpus: 1.5 } });
  expect(taken?.resources).toEqual([scalar("cpus", 1, "db"), scalar("cpus", 0.5)]);
  expect(taken?.rest).toEqual([scalar("cpus", 3.5)]);
});

test("ports are the first free ones, also across ranges", () => {
  const taken = take([ports([31000, 31001], [31005, 31010])], { scalars: {}, ports: 3 });
  expect(taken?.ports).toEqual([31000, 31001, 31005]);
  expect(taken?.rest).toEqual([ports([31006, 31010])]);
});

test("volumes and special disks are never taken for plain disk", () => {
  const volume: Resource = { ...scalar("disk", 100, "db"), disk: { persistence: { id: "v" } } };
  expect(take([volume], { scalars: { disk: 10 } })).toBeUndefined();
});

test("what is taken and what is left make the offer again, and exactly what was wanted is taken", () => {
  const amount = fc.integer({ min: 1, max: 8000 }).map((milli) => milli / 1000);
  fc.assert(
    fc.property(amount, amount, amount, fc.integer({ min: 0, max: 8 }), (free, reserved, wanted, count) => {
      const offer = [scalar("cpus", free), scalar("cpus", reserved, "db"), ports([1, 5])];
      const taken = take(offer, { scalars: { cpus: wanted }, ports: count });
      const fits = Math.round(wanted * 1000) <= Math.round(free * 1000) + Math.round(reserved * 1000) && count <= 5;
      expect(taken !== undefined).toBe(fits);
      if (!taken) return;
      expect(contains(offer, taken.resources)).toBe(true);
      expect(equal(add(taken.resources, taken.rest), offer)).toBe(true);
    }),
  );
});
