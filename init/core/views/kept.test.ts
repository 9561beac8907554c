import type { App } from "@meseta/api/marathon/app.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { forgetHealth, healthOf, putHealth } from "../health/instance-health.ts";
import { anApp, aPod, aTree } from "../plan/specs.rig.ts";
import { planOf } from "../plan.ts";
import type { Query } from "../query.ts";
import { lookAt } from "./look.ts";
import { readQuery } from "./read.ts";
import type { Seen } from "./seen.ts";
import { Shelf } from "./shelf.ts";
import { afresh, Rig } from "./state.rig.ts";

const V = "2026-01-05T10:00:00.000Z";
const READINESS = { name: "r", protocol: "HTTP", path: "/", portName: "default", intervalSeconds: 30 } as const;
const SPECS = [
  anApp("/a", { labels: { x: "1" } }),
  anApp("/g/b", { healthChecks: [{ protocol: "COMMAND", command: { value: "true" } } as never] }),
  anApp("/g/c", {
    readinessChecks: [{ ...READINESS, timeoutSeconds: 1, httpStatusCodesForReady: [200], preserveLastResponse: false }],
  }),
  aPod("/g/pod"),
];
const EVERYTHING = ["apps.tasks", "apps.taskStats", "apps.readiness", "apps.lastTaskFailure"];
const QUERIES: readonly Query[] = [
  { kind: "apps", filter: {}, embed: EVERYTHING },
  { kind: "app", id: "/g/b", embed: [] },
  { kind: "app-tasks", of: { group: "/" } },
  { kind: "tasks", states: ["running"] },
  { kind: "tasks", states: [], text: { containerNetworks: ["*"] } },
  { kind: "group", id: "/", embed: ["group.apps.tasks", "group.apps", "group.pods", "group.groups"] },
  { kind: "pod-statuses" },
  { kind: "deployments" },
];

/** One thing that happens, chosen by numbers. */
function happen(rig: Rig, what: number, who: number): void {
  const specs = [...rig.state.tree.apps.values(), ...rig.state.tree.pods.values()];
  const spec = specs[who % specs.length]!;
  const { instances } = rig.serviceOf(spec);
  const ids = [...instances.keys()];
  const id = ids[(who >> 2) % Math.max(1, ids.length)];
  const instance = id === undefined ? undefined : instances.get(id);
  rig.nowMs += 1000;
  if (what === 0 || instance === undefined) return void rig.add(spec);
  if (what === 1 && instance.condition === "Scheduled") return void rig.launch(spec, instance.id, [31000 + who]);
  if (what < 8) {
    const state = (["RUNNING", "STARTING", "FAILED", "UNREACHABLE", "KILLING", "KILLED"] as const)[what - 2]!;
    return void rig.status(spec, instance.id, { state: `TASK_${state}` });
  }
  if (what === 8) {
    const checks = { 0: { lastSuccessMs: rig.nowMs, firstSuccessMs: rig.nowMs, consecutiveFailures: 0 } };
    return putHealth(rig.state, instance, { ...healthOf(rig.state, instance), checks });
  }
  if (what === 9) return void rig.happens(spec, instance.id, { type: "health", isHealthy: who % 2 === 0 });
  if (what === 10) return void rig.happens(spec, instance.id, { type: "ready" });
  if (what === 11) {
    forgetHealth(rig.state, instance.id);
    return void rig.happens(spec, instance.id, { type: "goal", goal: "Decommissioned" });
  }
  if (what === 12) return redefine(rig, who);
  if (what === 13) return startOrCancel(rig, who);
  if (what === 14) {
    const failure = { appId: spec.id, host: "h", message: `${who}`, state: "TASK_FAILED", taskId: "t" };
    rig.serviceOf(spec).lastFailure = { ...failure, timestamp: V, version: V };
    return;
  }
  rig.state.services.delete(spec.id);
  rig.serviceOf(spec);
}

function redefine(rig: Rig, who: number): void {
  const version = `2026-01-05T10:00:00.${String(100 + (who % 800))}Z`;
  const ports = [{ port: 10_000 + who, protocol: "tcp" as const, labels: {} }];
  const specs = [...rig.state.tree.apps.values()].map(
    (app): App =>
      app.id.length % 2 === who % 2 ? { ...app, version, portDefinitions: ports, labels: { who: `${who}` } } : app,
  );
  rig.want([...specs, ...rig.state.tree.pods.values()]);
}

function startOrCancel(rig: Rig, who: number): void {
  const { deployments, tree } = rig.state;
  const [running] = deployments.all;
  if (running !== undefined) return void deployments.cancel(running.plan.id, "");
  deployments.start(planOf(aTree([]), tree, { id: `d${who}`, version: V }), { force: false }, rig.nowMs);
}

const textOf = (state: Seen, query: Query, nowMs: number) => [...readQuery(state, query, nowMs).pieces].join("");

test("whatever happens, what is shown from kept texts is what is shown afresh, also to who reads slowly", () => {
  const step = fc.tuple(fc.nat(15), fc.nat(200), fc.nat(3));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 60 }), (steps) => {
      const rig = new Rig(SPECS);
      const slow: { pieces: Iterable<string>; expected: string }[] = [];
      for (const [what, who, read] of steps) {
        happen(rig, what, who);
        const fresh = read === 0 ? undefined : afresh(rig.state);
        for (const query of fresh === undefined ? [] : QUERIES) {
          const { pieces } = readQuery(rig.state, query, rig.nowMs);
          const expected = textOf(fresh!, query, rig.nowMs);
          if (read === 1) slow.push({ pieces, expected });
          else expect([...pieces].join("")).toBe(expected);
        }
      }
      for (const { pieces, expected } of slow.toReversed()) expect([...pieces].join("")).toBe(expected);
    }),
    { numRuns: 60 },
  );
});

test("a list that is read twice is made of the same texts", () => {
  const rig = new Rig(SPECS);
  const app = SPECS[0] as App;
  rig.running(app, [31000]);
  const { shelf } = lookAt(rig.state, rig.nowMs);
  const read = () => shelf.tasksOf(rig.serviceOf(app), "[]").texts();
  const [first] = read();
  rig.add(app);
  expect([...read()]).toEqual([first, expect.stringContaining("TASK_STAGING")]);
  expect(read()).toBe(read());
});

test("beyond the budget texts are made again, until there is room where services have gone", () => {
  const rig = new Rig(SPECS);
  const [a, b] = SPECS as [App, App];
  rig.running(a);
  rig.running(b);
  const shelf = new Shelf(rig.state, 400);
  const isKept = (app: App) => {
    for (const _ of shelf.tasksOf(rig.serviceOf(app), "[]").texts());
    return Array.isArray(shelf.tasksOf(rig.serviceOf(app), "[]").texts());
  };
  expect(isKept(a)).toBe(true);
  expect(isKept(b)).toBe(false);
  rig.state.services.delete("/a");
  expect(isKept(b)).toBe(true);
});
