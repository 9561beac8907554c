import { expect, test } from "vitest";
import { anApp, aPod } from "../plan/specs.rig.ts";
import { Rig } from "./state.rig.ts";

const V1 = "2026-01-05T10:00:00.000Z";
const V2 = "2026-01-05T11:00:00.000Z";
const V3 = "2026-01-05T12:00:00.000Z";
const OLD = anApp("/shop/web", { cmd: "old" });
const NEW = anApp("/shop/web", { cmd: "new", version: V2 });
const POD1 = aPod("/shop/pod");
const POD2 = aPod("/shop/pod", { version: V2, user: "u" });

/** /shop/web and /shop/pod were changed in V2; in V3 /other came. */
function aged(): Rig {
  const rig = new Rig([NEW, POD2, anApp("/other/x", { version: V3 })]);
  rig.state.tree = { ...rig.state.tree, version: V3 };
  rig.state.olderSpecs.set("/shop/web", new Map([[V1, OLD]]));
  rig.state.olderSpecs.set("/shop/pod", new Map([[V1, POD1]]));
  rig.state.history.push(
    { version: V2, before: V1, specs: { "/shop/web": V1, "/shop/pod": V1 }, groups: {} },
    { version: V3, before: V2, specs: { "/other/x": null }, groups: { "/other": null } },
  );
  return rig;
}
const said = (query: Parameters<Rig["read"]>[0]) => {
  const { status, text } = aged().read(query);
  return [status, JSON.parse(text)];
};

test("the versions of an app, a pod and a group are listed newest first", () => {
  expect(said({ kind: "app-versions", id: "/shop/web" })).toEqual([200, { versions: [V2, V1] }]);
  expect(said({ kind: "pod-versions", id: "/shop/pod" })).toEqual([200, [V2, V1]]);
  expect(said({ kind: "group-versions", id: "/" })).toEqual([200, [V3, V2, V1]]);
  expect(said({ kind: "group-versions", id: "/other" })).toEqual([200, [V3]]);
});

test("an app of an older version is shown bare, however its time is written", () => {
  const [status, app] = said({ kind: "app-version", id: "/shop/web", version: "2026-01-05T11:00:00+01:00" });
  expect(status).toBe(200);
  expect(app).toMatchObject({ id: "/shop/web", cmd: "old", version: V1 });
  expect(app).not.toHaveProperty("tasksRunning");
  expect(said({ kind: "pod-version", id: "/shop/pod", version: V1 })[1]).not.toHaveProperty("user");
  expect(said({ kind: "pod-version", id: "/shop/pod", version: V2 })[1]).toMatchObject({ user: "u" });
});

test("a group of an older version is what it was", () => {
  const [, root] = said({ kind: "group-version", id: "/", version: V1 });
  expect(root).toMatchObject({ groups: [{ id: "/shop", apps: [{ cmd: "old" }], pods: [{ version: V1 }] }] });
});

test("versions that are not known are 404, and what is no time is 422", () => {
  const never = "2020-01-01T00:00:00.000Z";
  expect(said({ kind: "app-version", id: "/shop/web", version: never })).toEqual([
    404,
    { message: `App '/shop/web' does not exist in version ${never}` },
  ]);
  expect(said({ kind: "pod-version", id: "/shop/pod", version: never })[0]).toBe(404);
  expect(said({ kind: "group-version", id: "/", version: never })[0]).toBe(404);
  expect(said({ kind: "group-version", id: "/other", version: V2 })[0]).toBe(404);
  for (const kind of ["app-version", "pod-version", "group-version"] as const) {
    const id = kind === "app-version" ? "/shop/web" : kind === "pod-version" ? "/shop/pod" : "/";
    expect(said({ kind, id, version: "yesterday" })[0]).toBe(422);
  }
  expect(said({ kind: "app-version", id: "/shop/pod", version: V1 })[0]).toBe(404);
  expect(said({ kind: "pod-version", id: "/no", version: V1 })).toEqual([
    404,
    { message: "pod with /no does not exist" },
  ]);
  expect(said({ kind: "pod-versions", id: "/shop/web" })[0]).toBe(404);
});
