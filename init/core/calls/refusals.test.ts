import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Call } from "../call.ts";
import { APP_FIELDS } from "../definition/app-fields.ts";
import { POD_FIELDS } from "../definition/pod-fields.ts";
import { Desk, digest } from "./desk.rig.ts";

// Whatever is wrong with a call: it is refused with the right status, and nothing has changed.

const NO = { force: false } as const;
const apps = { kind: "update-apps", isPartial: true, mustExist: false, ...NO } as const;
const kill = { kind: "kill-tasks", scale: false, wipe: false, ...NO } as const;
const APP = { id: "/new", cmd: "x" };
const POD = { id: "/new", containers: [{ name: "c", exec: { command: { shell: "x" } }, resources: {} }] };

/** A desk with something of each kind; /busy is being deployed. */
function furnished(): Desk {
  const desk = new Desk();
  desk.done({ kind: "create-app", body: { id: "/g/a", cmd: "x", instances: 2 }, ...NO });
  desk.done({ kind: "create-app", body: { id: "/g/b", cmd: "x", dependencies: ["/g/a"] }, ...NO });
  desk.done({ kind: "create-pod", body: { ...POD, id: "/p" }, ...NO });
  desk.finish();
  desk.run("/g/a", 2);
  desk.done({ kind: "create-app", body: { id: "/busy", cmd: "x" }, ...NO });
  return desk;
}

/** The status, when nothing but the refusal came of it. */
function refusal(desk: Desk, call: Call): number {
  const before = digest(desk.state);
  const { answer, notices, saved, effects } = desk.hand(call);
  expect(digest(desk.state)).toBe(before);
  expect(saved).toEqual([]);
  expect(effects.every(({ type }) => type === "answer" || type === "publish")).toBe(true);
  expect(notices.every(({ eventType }) => eventType === "group_change_failed")).toBe(true);
  expect(answer.body).toHaveProperty("message");
  return answer.status;
}

/** A group in a group in a group …, each under the id. */
function deepGroup(levels: number, id: string): object {
  let group: object = { id, apps: [] };
  for (let i = 1; i < levels; i++) group = { id, groups: [group] };
  return group;
}

const manyApps = Array.from({ length: 50 }, (_, i) => ({ id: `a${i}`, cmd: "x", dependencies: [`a${(i + 1) % 50}`] }));

const CASES: readonly (readonly [what: string, call: Call, status: number])[] = [
  ["an app where a pod is", { kind: "create-app", body: { ...APP, id: "/p" }, ...NO }, 409],
  ["an app where a group is", { kind: "create-app", body: { ...APP, id: "/g" }, ...NO }, 409],
  ["an app below an app", { kind: "create-app", body: { ...APP, id: "/g/a/b" }, ...NO }, 409],
  ["an app below a pod", { ...apps, id: "/p/b", body: { cmd: "x" } }, 409],
  ["a pod where a group is", { kind: "create-pod", body: { ...POD, id: "/g" }, ...NO }, 409],
  ["a pod below an app", { kind: "create-pod", body: { ...POD, id: "/g/a/b" }, ...NO }, 409],
  ["a group where a pod is", { kind: "update-group", id: "/p", body: { apps: [] }, ...NO }, 409],
  ["a group below an app", { kind: "update-group", id: "/g/a/b", body: {}, ...NO }, 409],
  ["an app that is its own dependency", { ...apps, id: "/g/a", body: { dependencies: ["/g/a"] } }, 422],
  ["an app that closes a circle", { ...apps, id: "/g/a", body: { dependencies: ["/g/b"] } }, 422],
  ["a group of one circle", { kind: "update-group", id: "/c", body: { apps: manyApps }, ...NO }, 422],
  ["groups that wait for each other", { kind: "update-group", id: "/g", body: { dependencies: ["/g"] }, ...NO }, 422],
  ["two apps of one id", { kind: "update-group", id: "/c", body: { apps: [APP, APP] }, ...NO }, 422],
  ["groups 10,000 deep", { kind: "update-group", id: "/", body: deepGroup(10_000, "d"), ...NO }, 422],
  ["groups 10,000 deep, relative", { kind: "create-group", id: "/x", body: deepGroup(10_000, "./d"), ...NO }, 422],
  ["an app of a group that is a text", { kind: "update-group", id: "/c", body: { apps: ["x"] }, ...NO }, 422],
  ["an app that is being deployed", { ...apps, id: "/busy", body: { mem: 1 } }, 409],
  ["the removal of one that is", { kind: "delete-app", id: "/busy", ...NO }, 409],
  ["its restart", { kind: "restart-app", id: "/busy", ...NO }, 409],
  ["the removal of all", { kind: "delete-group", id: "/", ...NO }, 409],
  [
    "a list with one that is",
    {
      ...apps,
      body: [
        { id: "/g/a", mem: 1 },
        { id: "/busy", mem: 1 },
      ],
    },
    409,
  ],
  ["a version that never was", { ...apps, id: "/g/a", body: { version: "2001-01-01T00:00:00.000Z" } }, 404],
  ["a version that is none", { ...apps, id: "/g/a", body: { version: "yesterday" } }, 422],
  ["a version of February 30", { ...apps, id: "/g/a", body: { version: "2026-02-30T00:00:00Z" } }, 422],
  ["a group's version that is none", { kind: "update-group", id: "/g", body: { version: "x" }, ...NO }, 422],
  ["a list that is none", { ...apps, body: { id: "/g/a" } }, 400],
  ["a list of texts", { ...apps, body: ["/g/a"] }, 422],
  ["a list with an unknown app", { ...apps, mustExist: true, body: [{ id: "/none" }] }, 404],
  ["a pod that is an app", { kind: "update-pod", id: "/g/a", body: { ...POD, id: "/g/a" }, ...NO }, 404],
  ["a pod of another id", { kind: "update-pod", id: "/p", body: POD, ...NO }, 400],
  ["the removal of no app", { kind: "delete-app", id: "/g", ...NO }, 404],
  ["the removal of no pod", { kind: "delete-pod", id: "/g/a", ...NO }, 404],
  ["the removal of no group", { kind: "delete-group", id: "/g/a", ...NO }, 404],
  ["an unknown deployment", { kind: "cancel-deployment", id: "x", ...NO }, 404],
  ["an unknown deployment, forced", { kind: "cancel-deployment", id: "x", force: true }, 404],
  ["the delay of what is not queued", { kind: "reset-delay", id: "/g/b" }, 404],
  ["tasks of no app", { ...kill, of: { app: "/p" } }, 404],
  ["tasks of no group", { ...kill, of: { group: "/g/a" } }, 404],
  ["a task that is none", { ...kill, of: { app: "/g/a", task: "x".repeat(100_000) } }, 400],
  ["tasks that are numbers", { ...kill, of: { body: { ids: [1] } } }, 422],
  ["tasks in a text", { ...kill, of: { body: "x" } }, 400],
  ["scale and wipe", { ...kill, scale: true, wipe: true, of: { app: "/g/a" } }, 400],
  ["instances of no pod", { kind: "kill-instances", pod: "/g/a", ids: [], isOne: false, wipe: false }, 404],
  ["an enforced role within a group", { kind: "patch-group", id: "/g", body: {} }, 422],
];

describe("a call is refused, and nothing changes:", () => {
  it.each(CASES)("%s", (_what, call, status) => {
    const desk = furnished();
    expect(refusal(desk, call)).toBe(status);
  });

  it("any other when too many deployments run", () => {
    const desk = new Desk({ mostDeployments: 1 });
    desk.done({ kind: "create-app", body: { id: "/a", cmd: "x" }, ...NO });
    const calls: Call[] = [
      { kind: "create-app", body: APP, ...NO },
      { ...apps, id: "/new", body: { cmd: "x" } },
      { ...apps, body: [APP] },
      { kind: "create-group", id: "/", body: { id: "/new" }, ...NO },
      { kind: "update-group", id: "/new", body: {}, ...NO },
      { kind: "create-pod", body: POD, ...NO },
    ];
    expect(calls.map((call) => refusal(desk, call))).toEqual(calls.map(() => 403));
  });
});

const wrong = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.constantFrom("", -1, 1e300, [null], { "": {} }));

/** A body that is right but for some of its fields. */
function spoilt(good: object, fields: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  const parts = fc.dictionary(fc.constantFrom(...Object.keys(fields)), wrong, { minKeys: 1, maxKeys: 3 });
  return fc.oneof(
    parts.map((part) => ({ ...good, ...part })),
    wrong,
  );
}

const badApp = spoilt(APP, APP_FIELDS);
const badPod = spoilt(POD, POD_FIELDS);
const GROUP = { id: 1, apps: 1, groups: 1, dependencies: 1, enforceRole: 1, version: 1, scaleBy: 1 };
const badGroup = fc.oneof(
  spoilt({}, GROUP),
  badApp.map((app) => ({ apps: [app] })),
);
const ids = fc.constantFrom("/", "/g", "/g/a", "/p", "/busy", "/none");
const flags = fc.record({ force: fc.boolean(), dryRun: fc.boolean() });

/** Calls with such bodies. */
const anyCall: fc.Arbitrary<Call> = fc.oneof(
  fc.record({ kind: fc.constant("create-app" as const), body: badApp }).chain(withFlags),
  fc
    .record({
      kind: fc.constant("update-apps" as const),
      id: ids,
      body: badApp,
      isPartial: fc.boolean(),
      mustExist: fc.boolean(),
    })
    .chain(withFlags),
  fc
    .record({
      kind: fc.constant("update-apps" as const),
      body: fc.oneof(fc.array(badApp, { maxLength: 3 }), wrong),
      isPartial: fc.boolean(),
      mustExist: fc.boolean(),
    })
    .chain(withFlags),
  fc.record({ kind: fc.constant("create-pod" as const), body: badPod }).chain(withFlags),
  fc.record({ kind: fc.constant("update-pod" as const), id: ids, body: badPod }).chain(withFlags),
  fc.record({ kind: fc.constant("create-group" as const), id: ids, body: badGroup }).chain(withFlags),
  fc.record({ kind: fc.constant("update-group" as const), id: ids, body: badGroup }).chain(withFlags),
  fc.record({ kind: fc.constant("patch-group" as const), id: ids, body: wrong }),
  fc
    .record({ kind: fc.constant("kill-tasks" as const), scale: fc.boolean(), wipe: fc.boolean(), of: killed() })
    .chain(withFlags),
  fc.record({
    kind: fc.constant("kill-instances" as const),
    pod: ids,
    ids: fc.oneof(wrong, fc.array(fc.string())),
    isOne: fc.constant(false),
    wipe: fc.boolean(),
  }),
);

function withFlags<T>(call: T): fc.Arbitrary<T & { force: boolean; dryRun: boolean }> {
  return flags.map((some) => ({ ...call, ...some }));
}

function killed() {
  return fc.oneof(
    fc.record({ app: ids, task: fc.string() }),
    fc.record({ body: fc.oneof(wrong, fc.record({ ids: fc.array(fc.string()) })) }),
  );
}

describe("whatever a call says", () => {
  it("it is answered; refused or only tried, it changes nothing; done, it is saved and told", () => {
    fc.assert(
      fc.property(fc.array(anyCall, { maxLength: 6 }), (calls) => {
        const desk = furnished();
        for (const call of calls) {
          const before = digest(desk.state);
          const { answer, saved, notices } = desk.hand(call);
          expect([200, 201, 202, 204, 400, 404, 409, 422]).toContain(answer.status);
          const isNothing = answer.status >= 400 || ("dryRun" in call && call.dryRun);
          if (isNothing) expect([digest(desk.state), saved]).toEqual([before, []]);
          if (answer.status === 201) expect(answer.headers).toHaveProperty("Location");
          if (isNothing) expect(notices.filter(({ eventType }) => eventType !== "group_change_failed")).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });
});
