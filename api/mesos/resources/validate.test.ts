import { expect, test } from "vitest";
import type { Resource, ResourceDiskInfo } from "../generated/mesos.ts";
import { idProblem } from "./ids.ts";
import { validateResource, validateResources } from "./validate.ts";

const cpus = (value: number): Resource => ({ name: "cpus", type: "SCALAR", scalar: { value } });
const ports = (...range: [number, number][]): Resource => ({
  name: "ports",
  type: "RANGES",
  ranges: { range: range.map(([begin, end]) => ({ begin, end })) },
});
const reserved = (...reservations: Resource["reservations"] & {}): Resource => ({ ...cpus(1), reservations });
const disk = (info: ResourceDiskInfo, more: Partial<Resource> = {}): Resource => ({
  name: "disk",
  type: "SCALAR",
  scalar: { value: 1 },
  disk: info,
  ...more,
});
const mine: Partial<Resource> = { reservations: [{ type: "DYNAMIC", role: "a" }] };
const data = { mode: "RW" as const, container_path: "data" };

test("ordinary resources are valid, and so is nothing of one", () => {
  const fine = [
    cpus(0),
    cpus(0.001),
    ports([1, 2], [4, 4]),
    { name: "zones", type: "SET" as const, set: { item: ["a"] } },
    reserved({ type: "STATIC", role: "a" }, { type: "DYNAMIC", role: "a/b" }),
  ];
  expect(validateResources(fine)).toBeUndefined();
  expect(validateResource(disk({ persistence: { id: "v" }, volume: data }, { ...mine, shared: {} }))).toBeUndefined();
  expect(validateResource(disk({ source: { type: "MOUNT", mount: { root: "/m" } } }))).toBeUndefined();
});

test("the sentence names the resource as Mesos names it", () => {
  const allocation_info = { role: "bad" };
  expect(validateResources([{ ...cpus(-1), allocation_info }])).toEqual({
    message: "Resource 'cpus(allocated: bad):-1' is invalid: Invalid scalar resource: value <= 0",
  });
  expect(validateResources([{ ...cpus(1), type: "RANGES", allocation_info }])).toEqual({
    message: "Resource 'cpus(allocated: bad):[]' is invalid: Invalid ranges resource",
  });
});

test.each<[string, Resource]>([
  ["Empty resource name", { ...cpus(1), name: "" }],
  ["Unsupported resource type", { name: "x", type: "TEXT" }],
  ["Invalid scalar resource", { name: "cpus", type: "SCALAR" }],
  ["Invalid scalar resource", { ...cpus(1), ranges: {} }],
  ["Invalid scalar resource: value is not a finite number", cpus(Number.NaN)],
  ["Invalid scalar resource: value is not a finite number", cpus(Number.POSITIVE_INFINITY)],
  ["Invalid scalar resource: value <= 0", cpus(-0.001)],
  ["Invalid scalar resource: value <= 0", cpus(0.0004)],
  ["Invalid scalar resource: value > 9007199254740.99", cpus(1e308)],
  ["The 'gpus' resource must be a whole number", { ...cpus(0.5), name: "gpus" }],
  ["The 'gpus' resource must be a scalar", { ...ports([1, 2]), name: "gpus" }],
  ["Invalid ranges resource", { ...ports([1, 2]), set: {} }],
  ["Invalid ranges resource: begin > end", ports([2, 1])],
  ["Invalid ranges resource: overlapping ranges", ports([1, 5], [5, 9])],
  ["Invalid ranges resource: a bound is not a whole number between 0 and 2^53", ports([1, 2 ** 60])],
  ["Invalid ranges resource: a bound is not a whole number between 0 and 2^53", ports([-1, 2])],
  ["Invalid set resource", { name: "zones", type: "SET" }],
  ["Invalid set resource: duplicate items", { name: "zones", type: "SET", set: { item: ["a", "a"] } }],
  ["Revocable resources cannot be reserved", { ...reserved({ type: "STATIC", role: "a" }), revocable: {} }],
  ["Invalid reservation: 'type' must be STATIC or DYNAMIC", reserved({ role: "a" })],
  ["Invalid reservation: 'role' must be set", reserved({ type: "DYNAMIC" })],
  ["Invalid reservation: role '*' cannot be reserved for", reserved({ type: "DYNAMIC", role: "*" })],
  ["Invalid reservation: Role 'a/' cannot end with a slash", reserved({ type: "DYNAMIC", role: "a/" })],
  [
    "Invalid reservation: only the first of a stack can be STATIC",
    reserved({ type: "STATIC", role: "a" }, { type: "STATIC", role: "a/b" }),
  ],
  [
    "Invalid reservation: role 'b' is not below 'a', which it refines",
    reserved({ type: "STATIC", role: "a" }, { type: "DYNAMIC", role: "b" }),
  ],
  ["DiskInfo should not be set for the 'cpus' resource", { ...cpus(1), disk: {} }],
  ["DiskInfo is set but empty", disk({})],
  ["A volume that is not persistent is not supported", disk({ volume: data })],
  ["Unsupported 'DiskInfo.Source.type'", disk({ source: { type: "UNKNOWN" } })],
  ["'path' should not be set for a MOUNT disk", disk({ source: { type: "MOUNT", path: {} } })],
  ["'mount' should not be set for a PATH disk", disk({ source: { type: "PATH", mount: {} } })],
  [
    "Persistent volumes cannot be created from revocable resources",
    disk({ persistence: { id: "v" }, volume: data }, { revocable: {} }),
  ],
  ["Persistent volumes cannot be created from unreserved resources", disk({ persistence: { id: "v" }, volume: data })],
  [
    "Persistent volumes cannot be created on a RAW disk",
    disk({ persistence: { id: "v" }, volume: data, source: { type: "RAW" } }, mine),
  ],
  ["Expecting 'volume' to be set for persistent volume", disk({ persistence: { id: "v" } }, mine)],
  [
    "Read-only persistent volume not supported",
    disk({ persistence: { id: "v" }, volume: { ...data, mode: "RO" } }, mine),
  ],
  [
    "Expecting 'host_path' to be unset for persistent volume",
    disk({ persistence: { id: "v" }, volume: { ...data, host_path: "/x" } }, mine),
  ],
  [
    "Invalid persistence ID for persistent volume: 'a/b' contains invalid characters",
    disk({ persistence: { id: "a/b" }, volume: data }, mine),
  ],
  ["Only persistent volumes can be shared", { ...cpus(1), shared: {} }],
])("%s", (message, resource) => {
  expect(validateResource(resource)).toEqual({ message });
});

test("ids are names of folders: not empty, not too long, no dots alone, no slashes, no control characters", () => {
  for (const id of ["a", "a.b", "é".repeat(127), "…"]) expect(idProblem(id)).toBeUndefined();
  expect(idProblem("")).toBe("ID must not be empty");
  expect(idProblem("é".repeat(128))).toBe("ID must not be greater than 255 characters");
  expect([idProblem("."), idProblem("..")]).toEqual(["'.' is disallowed", "'..' is disallowed"]);
  for (const id of ["b/slash", "b\\c", "a\nb", "a\u007f"])
    expect(idProblem(id)).toBe(`'${id}' contains invalid characters`);
});
