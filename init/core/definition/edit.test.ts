import type { Outcome } from "@meseta/api/json-body/outcome.ts";
import type { Tree } from "@meseta/api/marathon/group.ts";
import { describe, expect, test } from "vitest";
import { readApp } from "./app.ts";
import { type Change, editTree, emptyTree } from "./edit.ts";
import { existing } from "./existing.ts";
import { scaleBy } from "./group.ts";
import { readPod } from "./pod.ts";
import { DEFAULT_SETTINGS, type Settings } from "./settings.ts";
import { rolesAccepted } from "./spec.ts";

const V = ["2026-01-05T10:00:00.000Z", "2026-01-05T10:00:00.001Z", "2026-01-05T10:00:00.002Z"] as const;
const EMPTY = emptyTree(V[0]);
const FEW: Settings = { ...DEFAULT_SETTINGS, servicePorts: { min: 100, max: 102 } };

function app(body: object, settings = DEFAULT_SETTINGS): Change {
  const outcome = readApp({ cmd: "x", ...body }, { settings });
  if ("refusal" in outcome) throw new Error(JSON.stringify(outcome.refusal));
  return { put: "app", draft: outcome.value };
}

function pod(body: object): Change {
  const outcome = readPod({ containers: [{ name: "c", resources: {} }], ...body }, { settings: DEFAULT_SETTINGS });
  if ("refusal" in outcome) throw new Error(JSON.stringify(outcome.refusal));
  return { put: "pod", draft: outcome.value };
}

function edit(
  tree: Tree,
  changes: Change[],
  settings = DEFAULT_SETTINGS,
  version: string = V[1],
  isForced = false,
): Outcome<Tree> {
  return editTree(tree, changes, { settings, version, isForced });
}

function made(tree: Tree, changes: Change[], settings = DEFAULT_SETTINGS, version: string = V[1]): Tree {
  const outcome = edit(tree, changes, settings, version);
  if ("refusal" in outcome) throw new Error(JSON.stringify(outcome.refusal));
  return outcome.value;
}

function group(id: string, more: object = {}): Change {
  return { put: "group", group: { id, ...more } as never };
}

const portsAt = (tree: Tree, id: string) => tree.apps.get(id)!.portDefinitions.map(({ port }) => port);

describe("service ports", () => {
  test("are the lowest free ones, and an update keeps those it had", () => {
    const first = made(EMPTY, [app({ id: "/a", ports: [0, 101] }), app({ id: "/b" })], FEW);
    expect([portsAt(first, "/a"), portsAt(first, "/b")]).toEqual([[100, 101], [102]]);
    const second = made(first, [{ put: "nothing", id: "/a" }, app({ id: "/b", ports: [0, 0] })], FEW, V[2]);
    expect(portsAt(second, "/b")).toEqual([102, 100]);
  });

  test("run out", () => {
    const outcome = edit(EMPTY, [app({ id: "/a", ports: [0, 0] }), app({ id: "/b", ports: [0, 0] })], FEW);
    expect(outcome).toMatchObject({ refusal: { status: 422, body: { message: "Object is not valid" } } });
  });
});

describe("versions", () => {
  const tree = made(EMPTY, [app({ id: "/a" })], DEFAULT_SETTINGS, V[0]);

  test("a scaling keeps the time of the last change of configuration, another change does not", () => {
    const scaled = made(tree, [app({ id: "/a", instances: 3 })]).apps.get("/a")!;
    expect(scaled).toMatchObject({ version: V[1], versionInfo: { lastScalingAt: V[1], lastConfigChangeAt: V[0] } });
    const changed = made(tree, [app({ id: "/a", cmd: "y" })]).apps.get("/a")!;
    expect(changed.versionInfo).toEqual({ lastScalingAt: V[1], lastConfigChangeAt: V[1] });
    const labelled = made(tree, [app({ id: "/a", labels: { a: "b" } })]).apps.get("/a")!;
    expect(labelled).toMatchObject({ version: V[1], versionInfo: { lastScalingAt: V[0], lastConfigChangeAt: V[0] } });
  });

  test("the same definition once more keeps its version, and a restart does not", () => {
    expect(made(tree, [app({ id: "/a" })]).apps.get("/a")).toEqual(tree.apps.get("/a"));
    const restarted = made(tree, [{ put: "restart", id: "/a" }]).apps.get("/a")!;
    expect(restarted).toMatchObject({ version: V[1], versionInfo: { lastConfigChangeAt: V[1] } });
  });
});

test("a rollback is the old definition under a new version", () => {
  const first = made(EMPTY, [app({ id: "/a", cmd: "old" })], DEFAULT_SETTINGS, V[0]);
  const second = made(first, [app({ id: "/a", cmd: "new" })]);
  const third = made(second, [{ put: "app", draft: first.apps.get("/a")! }], DEFAULT_SETTINGS, V[2]);
  const versionInfo = { lastScalingAt: V[2], lastConfigChangeAt: V[2] };
  expect(third.apps.get("/a")).toEqual({ ...first.apps.get("/a"), version: V[2], versionInfo });
});

describe("what is made anew must not be there", () => {
  const tree = made(EMPTY, [app({ id: "/g/a" }), pod({ id: "/g/p" })]);

  test.each([
    ["app", "/g/a", "An app with id [/g/a] already exists."],
    ["group", "/g", "Group /g is already created. Use PUT to change this group."],
    ["group", "/g/a", "An app with the path /g/a already exists."],
    ["pod", "/g/p", 'Pod "/g/p" already exists'],
    ["app", "/g/b", undefined],
  ] as const)("%s %s: %s", (kind, id, message) => {
    expect(existing(tree, kind, id)?.body.message).toBe(message);
  });
});

describe("one path holds one thing", () => {
  const tree = made(EMPTY, [app({ id: "/g/a" }), pod({ id: "/g/p" })]);

  test("and groups above are made", () => {
    expect([...tree.groups.keys()]).toEqual(["/", "/g"]);
  });

  test.each([
    ["a pod where an app is", pod({ id: "/g/a" }), "An app with the path /g/a already exists."],
    ["an app where a pod is", app({ id: "/g/p" }), "A pod with the path /g/p already exists."],
    ["an app where a group is", app({ id: "/g" }), "A group with the path /g already exists."],
    ["a group where an app is", group("/g/a"), "An app with the path /g/a already exists."],
    [
      "something below an app",
      app({ id: "/g/a/b" }),
      "An app or pod with the path /g/a already exists, so nothing can stand below it.",
    ],
  ] as const)("not %s", (_name, change, message) => {
    expect(edit(tree, [change])).toEqual({ refusal: { status: 409, body: { message } } });
  });
});

describe("roles", () => {
  const dev: Settings = { ...DEFAULT_SETTINGS, defaultRole: "dev" };
  const roleOf = (change: Change, settings = dev, tree = EMPTY) => {
    const outcome = edit(tree, [change], settings);
    if ("refusal" in outcome) return outcome.refusal.body.details;
    return [...outcome.value.apps.values()].map(({ role }) => role).join();
  };

  test("are the default unless said, and the group's name may be said", () => {
    expect(roleOf(app({ id: "/a" }))).toBe("dev");
    expect(roleOf(app({ id: "/g/a" }))).toBe("dev");
    expect(roleOf(app({ id: "/g/h/a", role: "g" }))).toBe("g");
    expect(roleOf(app({ id: "/a", role: "x" }))).toEqual([
      { path: "/role", errors: ["got x, expected one of: [dev]"] },
    ]);
    expect(roleOf(app({ id: "/g/h/a", role: "h" }))).toEqual([
      { path: "/role", errors: ["got h, expected one of: [dev, g]"] },
    ]);
  });

  test("are the group's where it enforces them, and what has another keeps it", () => {
    const top: Settings = { ...dev, newGroupEnforceRole: "top" };
    expect(roleOf(app({ id: "/g/a" }), top)).toBe("g");
    expect(roleOf(app({ id: "/g/a", role: "dev" }), top)).toEqual([
      { path: "/role", errors: ["got dev, expected one of: [g]"] },
    ]);
    const old = made(EMPTY, [app({ id: "/g/a" })], dev);
    const enforced = made(old, [group("/g", { enforceRole: true })], dev);
    expect(roleOf(app({ id: "/g/a", cmd: "y" }), dev, enforced)).toBe("dev");
    expect(roleOf(app({ id: "/g/a", role: "g" }), dev, enforced)).toBe("g");
  });

  test("only top-level groups enforce", () => {
    expect(edit(EMPTY, [group("/g/h", { enforceRole: true })])).toMatchObject({
      refusal: { body: { details: [{ path: "/enforceRole" }] } },
    });
  });

  test("bound what may be accepted, or clean it", () => {
    const errors = ["acceptedResourceRoles can only contain * and dev"];
    expect(roleOf(app({ id: "/a", acceptedResourceRoles: ["*", "x"] }))).toEqual([
      { path: "/acceptedResourceRoles", errors },
    ]);
    const clean: Settings = { ...dev, features: new Set(["sanitize_accepted_resource_roles"]) };
    const tree = made(EMPTY, [app({ id: "/a", acceptedResourceRoles: ["*", "x"] })], clean);
    expect(tree.apps.get("/a")!.acceptedResourceRoles).toEqual(["*"]);
  });

  test("accepted when nothing is said are the operator's choice", () => {
    const service = made(EMPTY, [app({ id: "/a" })], dev).apps.get("/a")!;
    const accepted = (acceptedResourceRolesDefault: Settings["acceptedResourceRolesDefault"]) =>
      rolesAccepted(service, { ...dev, acceptedResourceRolesDefault });
    expect([accepted("any"), accepted("unreserved"), accepted("reserved")]).toEqual([["dev", "*"], ["*"], ["dev"]]);
  });

  test("of residents change by force only, and not their disks at all", () => {
    const volumes = [{ containerPath: "d", persistent: { size: 9 } }];
    const resident = (more: object) => app({ id: "/g/a", container: { type: "MESOS", volumes }, ...more });
    const unreserved = [{ path: "/role", errors: ["Resident apps cannot have the role *"] }];
    expect(edit(EMPTY, [resident({})])).toMatchObject({ refusal: { body: { details: unreserved } } });
    const tree = made(EMPTY, [resident({})], dev);
    expect(edit(tree, [resident({ role: "g" })], dev)).toMatchObject({
      refusal: { body: { details: [{ path: "/role" }] } },
    });
    expect(edit(tree, [resident({ role: "g" })], dev, V[2], true)).toHaveProperty("value");
    const larger = [{ containerPath: "d", persistent: { size: 10 } }];
    const changed = edit(tree, [resident({ cpus: 2, container: { type: "MESOS", volumes: larger } })], dev);
    expect(changed).toMatchObject({
      refusal: {
        body: { details: [{ path: "/", errors: ["Persistent volumes can not be changed!"] }, { path: "/cpus" }] },
      },
    });
  });
});

describe("dependencies", () => {
  const cycleOf = (changes: Change[]) => {
    const outcome = edit(EMPTY, changes);
    return "refusal" in outcome ? outcome.refusal.body.details : undefined;
  };
  const told = (cycle: string) => [
    { path: "/", errors: ["Dependency graph has cyclic dependencies.", `The cycle is ${cycle}`] },
  ];

  test("that go round are refused, with the round", () => {
    expect(cycleOf([app({ id: "/a", dependencies: ["/b"] }), app({ id: "/b", dependencies: ["/a"] })])).toEqual(
      told("/a -> /b -> /a"),
    );
    expect(cycleOf([app({ id: "/a", dependencies: ["/a"] })])).toEqual(told("/a -> /a"));
    expect(cycleOf([app({ id: "/g/a", dependencies: ["/h"] }), app({ id: "/h/b", dependencies: ["/g"] })])).toEqual(
      told("/g/a -> /h -> /h/b -> /g -> /g/a"),
    );
    expect(
      cycleOf([group("/g", { dependencies: ["/b"] }), app({ id: "/g/a" }), app({ id: "/b", dependencies: ["/g/a"] })]),
    ).toBeDefined();
  });

  test("that do not are fine, and may name what is not there", () => {
    expect(
      cycleOf([
        app({ id: "/a", dependencies: ["/b", "/c", "/no"] }),
        app({ id: "/b", dependencies: ["/c"] }),
        app({ id: "/c" }),
      ]),
    ).toBeUndefined();
    expect(cycleOf([group("/g", { dependencies: ["/h"] }), app({ id: "/g/a" }), app({ id: "/h/a" })])).toBeUndefined();
  });

  test("may form a chain of ten thousand", () => {
    const chain = Array.from({ length: 10_000 }, (_, i) =>
      app({ id: `/a${i}`, ports: [], dependencies: i ? [`/a${i - 1}`] : [] }),
    );
    expect(cycleOf(chain)).toBeUndefined();
  });
});

test("a refused edit leaves the tree as it was", () => {
  const tree = made(EMPTY, [app({ id: "/a" })]);
  const before = structuredClone(tree);
  edit(tree, [{ put: "nothing", id: "/a" }, app({ id: "/b", role: "x" })]);
  expect(tree).toEqual(before);
});

test("more instances than memory can hold are refused, however they are asked for", () => {
  const details = (outcome: Outcome<Tree>) => ("refusal" in outcome ? outcome.refusal.body : outcome.value);
  const refused = (path: string) =>
    expect.objectContaining({ details: [{ path, errors: ["got 1000001, expected 1000000 or less"] }] });
  const tree = made(EMPTY, [app({ id: "/a", instances: 1_000_000 })]);
  expect(details(edit(tree, [app({ id: "/a", instances: 1_000_001 })]))).toEqual(refused("/instances"));
  const many = pod({ id: "/p", scaling: { kind: "fixed", instances: 1_000_001 } });
  expect(details(edit(tree, [many]))).toEqual(refused("/scaling/instances"));
  const outcome = edit(tree, scaleBy(tree, "/", 2 ** 31));
  expect("refusal" in outcome).toBe(true);
});

test("there are so many apps and pods and no more, but there may be fewer, and those that are there may change", () => {
  const settings = { ...DEFAULT_SETTINGS, mostServices: 2 };
  const full = made(EMPTY, [app({ id: "/a" }), pod({ id: "/b" })], settings);
  const refused = edit(full, [app({ id: "/c" })], settings, V[2]);
  expect(JSON.stringify(refused)).toContain("There are 2 apps and pods already (--max-apps)");
  made(full, [app({ id: "/a", cmd: "y" })], settings, V[2]);
  made(full, [{ put: "nothing", id: "/a" }, app({ id: "/c" })], settings, V[2]);
  made(full, [{ put: "nothing", id: "/a" }], { ...settings, mostServices: 1 }, V[2]);
});
