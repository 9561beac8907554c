import type { Outcome } from "@meseta/api/json-body/outcome.ts";
import type { Tree } from "@meseta/api/marathon/group.ts";
import { expect, test } from "vitest";
import { editTree, emptyTree } from "./edit.ts";
import { readGroupPatch, readGroupUpdate, restoreGroup, scaleBy } from "./group.ts";
import { readPod } from "./pod.ts";
import { DEFAULT_SETTINGS as settings } from "./settings.ts";

const V = "2026-01-05T10:00:00.000Z";

function put(tree: Tree, body: unknown, id?: string): Outcome<Tree> {
  const update = readGroupUpdate(body, { settings, tree, ...(id && { id }) });
  if ("refusal" in update) return update;
  if (!("changes" in update.value)) throw new Error("not a change of the content");
  return editTree(tree, update.value.changes, { settings, version: V });
}

function made(tree: Tree, body: unknown, id?: string): Tree {
  const outcome = put(tree, body, id);
  if ("refusal" in outcome) throw new Error(JSON.stringify(outcome.refusal));
  return outcome.value;
}

const web = { id: "web", cmd: "x", dependencies: ["../db/main"] };
const body = { id: "/shop", apps: [web], groups: [{ id: "db", apps: [{ id: "main", cmd: "y", instances: 3 }] }] };
const SHOP = made(emptyTree(V), body);
const names = (tree: Tree) => [...tree.groups.keys(), ...tree.apps.keys(), ...tree.pods.keys()].sort();

test("a group is made with all in it, ids and dependencies relative to where they stand", () => {
  expect(names(SHOP)).toEqual(["/", "/shop", "/shop/db", "/shop/db/main", "/shop/web"]);
  const relative = made(emptyTree(V), { id: "/shop", apps: [{ id: "web", cmd: "x", dependencies: ["db/main"] }] });
  expect(relative.apps.get("/shop/web")!.dependencies).toEqual(["/shop/db/main"]);
});

test("a key that is left out keeps what is there, and an array is the whole set", () => {
  expect(names(made(SHOP, { dependencies: ["/x"] }, "/shop"))).toEqual(names(SHOP));
  expect(made(SHOP, { dependencies: ["x"] }, "/shop").groups.get("/shop")!.dependencies).toEqual(["/shop/x"]);
  expect(names(made(SHOP, { apps: [{ id: "new", cmd: "z" }] }, "/shop"))).toEqual([
    "/",
    "/shop",
    "/shop/db",
    "/shop/db/main",
    "/shop/new",
  ]);
  expect(names(made(SHOP, { groups: [] }, "/shop"))).toEqual(["/", "/shop", "/shop/web"]);
  expect(names(made(SHOP, { groups: [{ id: "db" }] }, "/shop"))).toEqual(names(SHOP));
  expect(names(made(SHOP, { groups: [{ id: "db", apps: [] }] }, "/shop"))).toEqual([
    "/",
    "/shop",
    "/shop/db",
    "/shop/web",
  ]);
});

test("pods stay", () => {
  const pod = readPod({ id: "/shop/p", containers: [{ name: "c", resources: {} }] }, { settings });
  if ("refusal" in pod) throw new Error();
  const tree = editTree(SHOP, [{ put: "pod", draft: pod.value }], { settings, version: V });
  if ("refusal" in tree) throw new Error();
  expect(names(made(tree.value, { apps: [], pods: [] }, "/shop"))).toContain("/shop/p");
});

test("problems name the place in the body", () => {
  const bad = {
    groups: [
      {
        id: "a",
        apps: [
          { id: "x", cmd: "x" },
          { id: "y", cmd: "x", cpus: -1 },
        ],
      },
    ],
  };
  expect(put(SHOP, bad, "/shop")).toMatchObject({
    refusal: { status: 422, body: { details: [{ path: "/groups(0)/apps(1)/cpus" }] } },
  });
  const type = { apps: [{ id: 1 }] };
  expect(put(SHOP, type)).toMatchObject({
    refusal: {
      body: { message: "Invalid JSON", details: [{ path: "/apps(0)/id", errors: ["error.expected.jsstring"] }] },
    },
  });
  expect(put(SHOP, { apps: [{ id: "/other/x", cmd: "x" }] }, "/shop")).toMatchObject({
    refusal: {
      body: {
        details: [{ path: "/apps(0)/id", errors: ["Identifier is not child of '/shop'. Hint: use relative paths."] }],
      },
    },
  });
  expect(put(SHOP, { groups: [{ id: "a", dependencies: ["B"] }] })).toMatchObject({
    refusal: { body: { details: [{ path: "/groups(0)/dependencies(0)" }] } },
  });
  expect(put(SHOP, { groups: [{ apps: [] }] })).toMatchObject({
    refusal: { body: { details: [{ path: "/groups(0)/id", errors: ["error.path.missing"] }] } },
  });
  expect(put(SHOP, { groups: [{ id: "a" }, { id: "a" }] })).toMatchObject({
    refusal: { body: { details: [{ path: "/groups" }] } },
  });
  expect(put(SHOP, { apps: [3], groups: [4] })).toMatchObject({
    refusal: { body: { details: [{ path: "/apps(0)" }, { path: "/groups(0)" }] } },
  });
});

test("a version or a factor stands alone", () => {
  const read = (given: unknown) => readGroupUpdate(given, { settings, tree: SHOP });
  expect(read({ version: V })).toEqual({ value: { rollbackTo: V } });
  expect(read({ scaleBy: 2.0 })).toEqual({ value: { scaleBy: 2 } });
  const errors = ["not allowed in conjunction with other properties."];
  expect(read({ version: V, apps: [] })).toMatchObject({
    refusal: { body: { details: [{ path: "/version", errors }] } },
  });
  expect(read({ scaleBy: 2, apps: [] })).toMatchObject({
    refusal: { body: { details: [{ path: "/scaleBy", errors }] } },
  });
  expect(read({ scaleBy: -1 })).toMatchObject({ refusal: { status: 422 } });
  expect(read({ version: "x" })).toMatchObject({ refusal: { status: 422 } });
  expect(read([])).toMatchObject({ refusal: { status: 400 } });
});

test("a factor is applied to each app below and rounded up", () => {
  const tree = editTree(SHOP, scaleBy(SHOP, "/shop", 1.1), { settings, version: V });
  if ("refusal" in tree) throw new Error();
  expect([...tree.value.apps.values()].map(({ instances }) => instances)).toEqual([2, 4]);
});

test("a rollback brings back what was there, and only that", () => {
  const later = made(SHOP, { apps: [{ id: "new", cmd: "z" }], groups: [] }, "/shop");
  const back = editTree(later, restoreGroup(SHOP, "/shop"), { settings, version: V });
  if ("refusal" in back) throw new Error();
  expect(names(back.value)).toEqual(names(SHOP));
});

test("enforceRole is patched by a boolean alone", () => {
  expect(readGroupPatch({ enforceRole: true })).toEqual({ value: { enforceRole: true } });
  expect(readGroupPatch({})).toMatchObject({ refusal: { status: 422, body: { details: [{ path: "/enforceRole" }] } } });
});

test("ten thousand groups in one another are refused and break nothing", () => {
  let deep: object = { id: "x" };
  for (let i = 0; i < 10_000; i++) deep = { id: "g", groups: [deep] };
  const read = put(SHOP, deep);
  expect(read).toMatchObject({ refusal: { status: 422, body: { message: "Object is not valid" } } });
});

test("groups as deep as paths may be are made", () => {
  let deep: object = { id: "x", apps: [{ id: "a", cmd: "x" }] };
  for (let i = 0; i < 500; i++) deep = { id: "g", groups: [deep] };
  const tree = made(emptyTree(V), deep);
  expect(tree.groups.size).toBe(502);
  expect([...tree.apps.keys()]).toEqual([expect.stringMatching(/^\/g\/g.*\/g\/x\/a$/)]);
});
