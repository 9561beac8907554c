import { expect, test } from "vitest";
import type { Resource } from "../generated/mesos.ts";
import { allocate, allocateMissing, pushReservation, unallocate, withoutLastReservation } from "./allocation.ts";
import { add, contains, equal, isEmpty, subtract, sum } from "./bag.ts";
import { flattenAttributes, flattenResources } from "./flatten.ts";
import { parseResources } from "./parse.ts";
import { printResource, printResources } from "./print.ts";
import {
  addQuantities,
  containsQuantities,
  printQuantities,
  quantities,
  scalarQuantities,
  subtractQuantities,
  withinLimits,
} from "./quantities.ts";
import * as select from "./select.ts";
import { shrinkOne, shrinkToLimits } from "./shrink.ts";

const of = (text: string) => parseResources(text) as Resource[];
const mount = (root: string, size = 100): Resource => ({
  name: "disk",
  type: "SCALAR",
  scalar: { value: size },
  disk: { source: { type: "MOUNT", mount: { root } } },
});
const volume: Resource = {
  name: "disk",
  type: "SCALAR",
  scalar: { value: 16 },
  reservations: [{ type: "DYNAMIC", role: "web", principal: "p" }],
  disk: { persistence: { id: "vol-1" }, volume: { mode: "RW", container_path: "data" } },
};
const sharedVolume: Resource = { ...volume, shared: {} };

test("equal kinds merge and what is left of nothing disappears", () => {
  expect(add(of("cpus:1;ports:[1-2]"), of("cpus:0.5;ports:[3-4]"))).toEqual(of("cpus:1.5;ports:[1-4]"));
  expect(subtract(of("cpus:1;mem:5"), of("cpus:2"))).toEqual(of("mem:5"));
});

test("resources of different roles stay apart", () => {
  expect(add(of("cpus:1"), of("cpus(web):1"))).toHaveLength(2);
  expect(contains(of("cpus:2"), of("cpus(web):1"))).toBe(false);
});

test("ten times a tenth is contained in one", () => {
  expect(equal(sum(Array.from({ length: 10 }, () => of("cpus:0.1"))), of("cpus:1"))).toBe(true);
});

test("MOUNT disks neither merge nor split", () => {
  expect(add([mount("/m1")], [mount("/m1")])).toHaveLength(2);
  expect(contains([mount("/m1", 100)], [mount("/m1", 50)])).toBe(false);
  expect(subtract([mount("/m1", 100)], [mount("/m1", 50)])).toEqual([mount("/m1", 100)]);
  expect(subtract([mount("/m1"), mount("/m2")], [mount("/m1")])).toEqual([mount("/m2")]);
});

test("PATH disks on one root merge", () => {
  const path = (root: string): Resource => ({ ...mount(root), disk: { source: { type: "PATH", path: { root } } } });
  expect(add([path("/a")], [path("/a")])).toEqual([{ ...path("/a"), scalar: { value: 200 } }]);
  expect(add([path("/a")], [path("/b")])).toHaveLength(2);
});

test("a persistent volume is taken whole, however it is mounted", () => {
  const elsewhere: Resource = { ...volume, disk: { ...volume.disk, volume: { mode: "RW", container_path: "other" } } };
  expect(contains([volume], [elsewhere])).toBe(true);
  expect(contains([volume], [{ ...volume, scalar: { value: 8 } }])).toBe(false);
});

test("a shared volume is there once for each of its users and once in a total", () => {
  const used = add([sharedVolume], [sharedVolume]);
  expect(used).toHaveLength(2);
  expect(contains([sharedVolume], used)).toBe(false);
  expect(subtract(used, [sharedVolume])).toEqual([sharedVolume]);
  expect(select.sharedOnce(used)).toEqual([sharedVolume]);
  expect(quantities(used).get("disk")).toBe(16_000);
});

test("allocation marks keep resources apart until they are taken off", () => {
  const both = [...allocate(of("cpus:1"), "a"), ...allocate(of("cpus:1"), "b")];
  expect(sum([both])).toHaveLength(2);
  expect(unallocate(both)).toEqual(of("cpus:2"));
  expect(allocateMissing([...both, ...of("mem:1")], "c").map((r) => r.allocation_info?.role)).toEqual(["a", "b", "c"]);
});

test("reservations are pushed on and popped off the stack", () => {
  const twice = pushReservation(of("cpus(a):1"), { type: "DYNAMIC", role: "a/b" });
  expect(twice[0]!.reservations!.map(({ role }) => role)).toEqual(["a", "a/b"]);
  expect(twice.map(withoutLastReservation)).toEqual(of("cpus(a):1"));
});

test("the selections say what they select", () => {
  const all = [
    ...of("cpus:1;mem(a):2;disk(a/b):3;ports:[1-2]"),
    volume,
    sharedVolume,
    { ...of("cpus:9")[0]!, revocable: {} },
  ];
  const names = (list: Resource[]) => list.map(({ name }) => name).join();
  expect(names(select.unreserved(all))).toBe("cpus,ports,cpus");
  expect(names(select.reserved(all))).toBe("mem,disk,disk,disk");
  expect([...select.reservedByRole(all).keys()]).toEqual(["a", "a/b", "web"]);
  expect([select.revocable(all).length, select.nonRevocable(all).length]).toEqual([1, 6]);
  expect([select.shared(all).length, select.nonShared(all).length, select.persistentVolumes(all).length]).toEqual([
    1, 6, 2,
  ]);
  expect([...select.allocationsByRole([...allocate(all, "x"), ...all]).keys()]).toEqual(["x"]);
});

test("quantities are thousandths of scalars, and thousands of ports and items", () => {
  const amounts = quantities(of("cpus:1.5;cpus(a):1;ports:[1-10];zones:{a,b}"));
  expect(Object.fromEntries(amounts)).toEqual({ cpus: 2500, ports: 10_000, zones: 2000 });
  expect(Object.fromEntries(scalarQuantities(of("cpus:1;ports:[1-10]")))).toEqual({ cpus: 1000 });
});

test("quantities are added, taken away down to nothing and compared by name", () => {
  const [a, b] = [
    new Map([["cpus", 2000]]),
    new Map([
      ["cpus", 500],
      ["mem", 1000],
    ]),
  ];
  expect(printQuantities(addQuantities(a, b))).toBe("cpus: 2.5; mem: 1");
  expect(Object.fromEntries(subtractQuantities(b, a))).toEqual({ mem: 1000 });
  expect([containsQuantities(a, b), containsQuantities(addQuantities(a, b), b)]).toEqual([false, true]);
  expect([withinLimits(b, a), withinLimits(a, new Map([["cpus", 1999]]))]).toEqual([true, false]);
});

test("scalars are cut to a limit at three decimals, and a MOUNT disk is kept or dropped whole", () => {
  expect(shrinkOne(of("cpus:4")[0]!, 1234)!.scalar!.value).toBe(1.234);
  expect(shrinkOne(mount("/m1"), 99_000)).toBeUndefined();
  expect(
    shrinkToLimits(
      [...of("cpus:4;mem:5;ports:[1-3]"), mount("/m1")],
      new Map([
        ["cpus", 500],
        ["disk", 99_000],
      ]),
    ),
  ).toEqual(of("cpus:0.5;mem:5;ports:[1-3]"));
});

test("the older endpoints see one value for each name", () => {
  expect(
    flattenResources([
      ...of("cpus:8;cpus(a):1;ports:[31000-32000];zones:{b,a}"),
      { ...of("cpus:2")[0]!, revocable: {} },
    ]),
  ).toEqual({
    disk: 0,
    mem: 0,
    gpus: 0,
    cpus: 9,
    cpus_revocable: 2,
    ports: "[31000-32000]",
    zones: "{b, a}",
  });
  expect(flattenResources([])).toEqual({ disk: 0, mem: 0, gpus: 0, cpus: 0 });
  const rack = { name: "rack", type: "TEXT" as const, text: { value: "r1" } };
  expect(flattenAttributes([rack, { name: "level", type: "SCALAR", scalar: { value: 2 } }])).toEqual({
    rack: "r1",
    level: 2,
  });
});

test("resources are printed as Mesos prints them", () => {
  expect(printResources(allocate(of("ports:[31000-32000];cpus:8;mem:0.5"), "bad"))).toBe(
    "ports(allocated: bad):[31000-32000]; cpus(allocated: bad):8; mem(allocated: bad):0.5",
  );
  expect(printResource(sharedVolume)).toBe("disk(reservations: [(DYNAMIC,web,p)])[vol-1:data]<SHARED>:16");
  expect(printResource({ ...mount("/m1"), revocable: {} })).toBe("disk[MOUNT:/m1]{REV}:100");
  expect(printResources([])).toBe("{}");
});

test("nothing is empty, and so is a list of nothings", () => {
  expect([isEmpty([]), isEmpty(of("cpus:0;ports:[]")), isEmpty(of("cpus:0.001"))]).toEqual([true, true, false]);
});

test("a name that JavaScript gives a meaning is a name like any other", () => {
  expect(quantities(of("__proto__:1;constructor:2")).get("__proto__")).toBe(1000);
  expect(Object.keys(flattenResources(of("__proto__:1")))).toContain("__proto__");
});
