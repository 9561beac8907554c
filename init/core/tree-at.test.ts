import type { Tree } from "@meseta/api/marathon/group.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Call } from "./call.ts";
import { Desk } from "./calls/desk.rig.ts";
import { groupVersionsOf, specOfVersion, treeAt, versionsOf } from "./tree-at.ts";

const NO = { force: true } as const;

function app(id: string, instances: number): Call {
  const body = { id, cmd: "x", instances };
  return { kind: "update-apps", id, body, isPartial: false, mustExist: false, ...NO };
}

/** What a tree holds, whatever the order. */
function content({ version, groups, apps, pods }: Tree) {
  return { version, groups: sorted(groups), apps: sorted(apps), pods: sorted(pods) };
}

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

describe("a tree of before", () => {
  const ids = fc.constantFrom("/a", "/b", "/g/a", "/g/h/b", "/p");
  const pod = { id: "/p", containers: [{ name: "c", exec: { command: { shell: "x" } }, resources: {} }] };
  const calls = fc.oneof(
    fc.tuple(ids, fc.nat(2)).map(([id, instances]) => app(id, instances)),
    ids.map((id): Call => ({ kind: "delete-app", id, ...NO })),
    fc.constantFrom("/g", "/g/h", "/").map((id): Call => ({ kind: "delete-group", id, ...NO })),
    fc.constant<Call>({ kind: "create-pod", body: pod, ...NO }),
    fc.constant<Call>({ kind: "delete-pod", id: "/p", ...NO }),
    fc.boolean().map((enforceRole): Call => ({ kind: "patch-group", id: "/g", body: { enforceRole } })),
  );

  it("is the one that was, as far back as versions are kept, whatever happened since", () => {
    fc.assert(
      fc.property(fc.array(calls, { maxLength: 12 }), fc.integer({ min: 1, max: 8 }), (list, mostVersions) => {
        const desk = new Desk({ mostVersions });
        const trees = [desk.state.tree];
        for (const call of list) {
          desk.hand(call);
          if (desk.state.tree !== trees.at(-1)) trees.push(desk.state.tree);
        }
        const known = trees.slice(-1 - mostVersions);
        for (const tree of known) expect(content(treeAt(desk.state, tree.version)!)).toEqual(content(tree));
        for (const tree of trees.slice(0, -1 - mostVersions)) expect(treeAt(desk.state, tree.version)).toBeUndefined();
        for (const group of ["/", "/g"])
          expect(groupVersionsOf(desk.state, group)).toEqual(
            known
              .filter(({ groups }) => groups.has(group))
              .map(({ version }) => version)
              .reverse(),
          );
      }),
    );
  });

  it("is known when a change changed nothing", () => {
    const desk = new Desk();
    for (let i = 0; i < 3; i++) desk.done(app("/a", 1));
    expect(content(treeAt(desk.state, "2026-01-05T10:00:02.000Z")!).apps).toEqual(sorted(desk.state.tree.apps));
    expect(desk.state.tree.apps.get("/a")!.version).toBe("2026-01-05T10:00:01.000Z");
  });

  it("of a version that never was is not known", () => {
    expect(treeAt(new Desk().state, "2001-01-01T00:00:00.000Z")).toBeUndefined();
  });
});

describe("the versions of an app", () => {
  it("are known, the newest first, and each by any way to write its time", () => {
    const desk = new Desk();
    for (const count of [1, 2, 3]) desk.done(app("/a", count));
    const versions = ["2026-01-05T10:00:03.000Z", "2026-01-05T10:00:02.000Z", "2026-01-05T10:00:01.000Z"];
    expect(versionsOf(desk.state, "/a").map(({ version }) => version)).toEqual(versions);
    expect(specOfVersion(desk.state, "/a", "2026-01-05T11:00:01+01:00")).toMatchObject({ instances: 1 });
    expect(specOfVersion(desk.state, "/a", versions[0]!)).toMatchObject({ instances: 3 });
    expect(specOfVersion(desk.state, "/a", "nonsense")).toBeUndefined();
    expect(versionsOf(desk.state, "/b")).toEqual([]);
  });
});
