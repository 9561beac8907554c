import { expect, test } from "vitest";
import { readLayout } from "./layout.ts";
import { ownGroup } from "./readiness.ts";

const apart = readLayout(
  ["cpu", "freezer", "pids"].map((name) => `cgroup /sys/fs/cgroup/${name} cgroup rw,${name} 0 0`).join("\n"),
  () => "",
)!;
const unified = readLayout("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0", () => "cpu memory pids")!;

test("v1: the agent's own group is looked up in the hierarchy in which containers are killed", () => {
  expect(ownGroup(apart, "3:cpu:/a\n2:pids,misc:/b:c\n0::/\n")).toBe("/sys/fs/cgroup/pids/b:c");
  expect(ownGroup(apart, "2:pids:/\n")).toBe("/sys/fs/cgroup/pids");
});

test("v2: it is the one of the one tree", () => {
  expect(ownGroup(unified, "12:name=x:/y\n0::/system.slice/meseta.service\n")).toBe(
    "/sys/fs/cgroup/system.slice/meseta.service",
  );
});

test("a group that is not below what is mounted here is left alone", () => {
  expect(ownGroup(unified, "0::/../elsewhere\n")).toBeUndefined();
  expect(ownGroup(apart, "3:cpu:/a\n")).toBeUndefined();
});
