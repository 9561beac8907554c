import { expect, test } from "vitest";
import { anApp, aPod } from "../plan/specs.rig.ts";
import { Rig } from "./state.rig.ts";

const V = "2026-01-05T10:00:00.000Z";
const WEB = anApp("/shop/web");
const DB = anApp("/shop/db/main");
const POD = aPod("/shop/db/pod");

interface Shown {
  readonly id: string;
  readonly apps: readonly Record<string, unknown>[];
  readonly pods: readonly Record<string, unknown>[];
  readonly groups: readonly Shown[];
}
const group = (rig: Rig, id: string, ...embed: string[]) => rig.json({ kind: "group", id, embed }) as Shown;

test("a group is shown with all that is below it", () => {
  const rig = new Rig([WEB, DB, POD]);
  expect(group(rig, "/")).toMatchObject({
    id: "/",
    apps: [],
    pods: [],
    groups: [
      {
        id: "/shop",
        apps: [{ id: "/shop/web", tasksRunning: 0, deployments: [] }],
        pods: [],
        groups: [{ id: "/shop/db", apps: [{ id: "/shop/db/main" }], pods: [{ id: "/shop/db/pod" }], groups: [] }],
        dependencies: [],
        version: V,
      },
    ],
    dependencies: [],
    version: V,
  });
  expect(group(rig, "/shop/db").groups).toEqual([]);
});

test("an empty root is there too", () => {
  expect(group(new Rig(), "/")).toEqual({ id: "/", apps: [], pods: [], groups: [], dependencies: [], version: V });
  expect(new Rig().read({ kind: "group", id: "/no", embed: [] })).toEqual({
    status: 404,
    text: `{"message":"Group '/no' does not exist"}`,
  });
});

test("less is shown to who names what he wants, and the apps with what is embedded", () => {
  const rig = new Rig([WEB, DB, POD]);
  rig.running(WEB);
  expect(group(rig, "/shop", "group.groups")).toMatchObject({ apps: [], groups: [{ apps: [], pods: [] }] });
  expect(group(rig, "/shop", "group.apps")).toMatchObject({ apps: [{ id: "/shop/web" }], groups: [] });
  expect(group(rig, "/shop/db", "group.pods")).toMatchObject({ apps: [], pods: [{ id: "/shop/db/pod" }] });
  const [web] = group(rig, "/shop", "group.apps", "group.apps.tasks").apps;
  expect(web).toMatchObject({ tasksRunning: 1, tasks: [{ state: "TASK_RUNNING" }] });
  expect(group(rig, "/shop", "group.apps.tasks").groups).toHaveLength(1);
});

test("that a group enforces its role is shown where it does", () => {
  const rig = new Rig([WEB]);
  const shop = rig.state.tree.groups.get("/shop")!;
  rig.state.tree = {
    ...rig.state.tree,
    groups: new Map(rig.state.tree.groups).set("/shop", { ...shop, enforceRole: true }),
  };
  expect(group(rig, "/shop")).toMatchObject({ enforceRole: true });
  const root = rig.state.tree.groups.get("/")!;
  rig.state.tree = { ...rig.state.tree, groups: new Map([["/", { ...root, enforceRole: false }]]) };
  expect(group(rig, "/")).not.toHaveProperty("enforceRole");
});

test("groups may be as deep as ids may be long", () => {
  const deep = anApp(`/${Array.from({ length: 500 }, () => "a").join("/")}`);
  const { text } = new Rig([deep]).read({ kind: "group", id: "/", embed: [] });
  expect(text.match(/"groups":\[\{/g)).toHaveLength(499);
});
