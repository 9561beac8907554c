import { expect, test } from "vitest";
import * as ids from "./instance-id.ts";
import { ancestorsOf, isWithin, MAX_PATH_LENGTH, parentOf, pathError, resolvePath, taskNameOf, topOf } from "./path.ts";

test("a relative path is resolved in its group, an absolute one is not", () => {
  const cases = [
    ["c", "/a/b", "/a/b/c"],
    ["./c", "/a/b", "/a/b/c"],
    ["../c", "/a/b", "/a/c"],
    ["../../../c", "/a/b", "/c"],
    ["/c/../d", "/a/b", "/d"],
    ["a/b", "/", "/a/b"],
    ["//a//b/", "/x", "/a/b"],
    ["", "/a", "/a"],
  ] as const;
  for (const [id, base, path] of cases) expect(resolvePath(id, base)).toBe(path);
});

test("segments are small letters, digits, and hyphens and dots inside", () => {
  for (const id of ["a", "/a/b-c/d.e", "0", "../a", "./a", "a.b/c", "restart/a"]) expect(pathError(id)).toBeUndefined();
  for (const id of ["A", "a_b", "-a", "a-", "a..b", "a/ b", "a/.b", "ä", "...", "a*"]) {
    expect(pathError(id)).toContain("must fully match regular expression '");
  }
  for (const id of ["tasks", "/a/restart", "a/versions", "a/..", "."]) {
    expect(pathError(id)).toContain("must not end with any of the following reserved keywords");
  }
  expect(pathError("a".repeat(MAX_PATH_LENGTH + 1))).toContain("longer than");
});

test("paths know what is above them", () => {
  expect([parentOf("/a/b"), parentOf("/a"), parentOf("/")]).toEqual(["/a", "/", "/"]);
  expect(ancestorsOf("/a/b/c")).toEqual(["/", "/a", "/a/b"]);
  expect([isWithin("/a/b", "/a"), isWithin("/ab", "/a"), isWithin("/a", "/a"), isWithin("/a", "/")]).toEqual([
    true,
    false,
    true,
    true,
  ]);
  expect([topOf("/a/b"), topOf("/")]).toEqual(["a", ""]);
});

test("a task's name is its path read backwards", () => {
  expect(taskNameOf("/a/b")).toBe("b.a");
});

test("ids of instances and tasks say what they are of", () => {
  const instance = ids.formatInstanceId("/shop/web", "1f0e");
  expect(instance).toBe("shop_web.instance-1f0e");
  expect(ids.parseInstanceId(instance)).toEqual({ path: "/shop/web", prefix: "instance", uuid: "1f0e" });
  expect(ids.parseTaskId(ids.formatTaskId(instance, 3))).toEqual({ instanceId: instance, incarnation: 3 });
  expect(ids.parseTaskId(ids.formatTaskId(instance, 1, "db"))).toEqual({
    instanceId: instance,
    container: "db",
    incarnation: 1,
  });
  expect(ids.formatExecutorId("/shop/web", "1f0e")).toBe("instance-shop_web.1f0e");
  expect(ids.formatPersistenceId("/shop/web", "data", "u")).toBe("shop_web#data#u");
});

test("ids of older versions are read as well, and what is none is not", () => {
  expect(ids.parseInstanceId("a.b.marathon-x")).toEqual({ path: "/a.b", prefix: "marathon", uuid: "x" });
  expect(ids.parseTaskId("a.marathon-x")).toEqual({ instanceId: "a.marathon-x" });
  expect(ids.parseTaskId("a.instance-x._app")).toEqual({ instanceId: "a.instance-x" });
  for (const id of ["", "a", "instance-x", "a.b"]) expect(ids.parseTaskId(id)).toBeUndefined();
});
