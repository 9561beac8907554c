import { expect, test } from "vitest";
import { ancestors, isStrictSubrole, roleProblem } from "./roles.ts";

test("a star and paths of ordinary components are roles", () => {
  for (const role of ["*", "web", "eng/backend", "a.b", "a-b/c", "…", "a*"]) expect(roleProblem(role)).toBeUndefined();
});

test.each([
  ["", "Role names cannot be the empty string"],
  ["/a", "Role '/a' cannot start with a slash"],
  ["a/", "Role 'a/' cannot end with a slash"],
  ["a//b", "Role 'a//b' cannot contain two adjacent slashes"],
  [".", "Role '.' cannot include '.' as a component"],
  ["a/..", "Role 'a/..' cannot include '..' as a component"],
  ["a/*", "Role 'a/*' cannot include '*' as a component"],
  ["a/-b", "Role 'a/-b' cannot have the component '-b', which starts with a dash"],
  ["a b", "Role 'a b' cannot contain white space or a delete character"],
  ["a\u007f", "Role 'a\u007f' cannot contain white space or a delete character"],
])("%j is refused", (role, problem) => {
  expect(roleProblem(role)).toBe(problem);
});

test("a role is below another when the other is a whole number of its first components", () => {
  expect(isStrictSubrole("a/b", "a")).toBe(true);
  expect([
    isStrictSubrole("a", "a"),
    isStrictSubrole("ab", "a"),
    isStrictSubrole("a", "a/b"),
    isStrictSubrole("ab/c", "a"),
  ]).toEqual([false, false, false, false]);
});

test("the roles above are given nearest first", () => {
  expect(ancestors("a/b/c")).toEqual(["a/b", "a"]);
  expect(ancestors("a")).toEqual([]);
});
