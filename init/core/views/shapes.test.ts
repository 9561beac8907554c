import type { App } from "@meseta/api/marathon/app.ts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readApp } from "../definition/app.ts";
import { editTree, emptyTree } from "../definition/edit.ts";
import { DEFAULT_SETTINGS as settings } from "../definition/settings.ts";
import { anApp } from "../plan/specs.rig.ts";
import { Rig } from "./state.rig.ts";

// What clients index without checking. Source: marathon-lb, marathon-python, go-marathon.

const V = "2026-01-05T10:00:00.000Z";
const ALWAYS =
  "id cpus mem disk gpus instances executor backoffSeconds backoffFactor maxLaunchDelaySeconds labels networks requirePorts upgradeStrategy killSelection " +
  "unreachableStrategy role version versionInfo tasksStaged tasksRunning tasksHealthy tasksUnhealthy deployments";
const NEVER = ["ports", "uris", "ipAddress"];
const UNLESS_FULL = [
  "args",
  "constraints",
  "dependencies",
  "env",
  "fetch",
  "healthChecks",
  "readinessChecks",
  "secrets",
];

const MAPPING = { containerPort: 80 };
const anyBody = fc.record(
  {
    labels: fc.constantFrom({}, { a: "b" }, null),
    env: fc.constantFrom({}, { A: "b" }),
    ports: fc.constantFrom(null),
    uris: fc.constantFrom(["http://x/y"]),
    dependencies: fc.constantFrom([], ["/other"], null),
    constraints: fc.constantFrom([], [["hostname", "UNIQUE"]]),
    healthChecks: fc.constantFrom([], [{ protocol: "COMMAND", command: { value: "true" } }]),
    unreachableStrategy: fc.constantFrom("disabled", { inactiveAfterSeconds: 1, expungeAfterSeconds: 2 }),
    shape: fc.constantFrom<object>(
      {},
      { container: null },
      { container: { type: "MESOS" } },
      { container: { docker: { image: "nginx" } } },
      { container: { docker: { image: "nginx" }, portMappings: [MAPPING] }, networks: [{ mode: "container/bridge" }] },
      { networks: [{ mode: "container", name: "net" }] },
      { container: { type: "MESOS", volumes: [{ containerPath: "/d", hostPath: "/d", mode: "RO" }] } },
    ),
  },
  { requiredKeys: ["shape"] },
);

function stored({ shape, ...body }: { shape: object }): App {
  const read = readApp({ id: "/a", cmd: "true", ...shape, ...body }, { settings });
  if ("refusal" in read) throw new Error(JSON.stringify(read.refusal));
  const tree = editTree(emptyTree(V), [{ put: "app", draft: read.value }], { settings, version: V });
  if ("refusal" in tree) throw new Error(JSON.stringify(tree.refusal));
  return tree.value.apps.get("/a")!;
}

function shown(app: App, isLaunched: boolean): Record<string, unknown> {
  const rig = new Rig([app]);
  if (isLaunched) rig.running(app, [31000]);
  const { apps } = rig.json({ kind: "apps", filter: {}, embed: ["apps.tasks", "apps.lastTaskFailure"] }) as {
    apps: [never];
  };
  return apps[0];
}

test("an app carries what clients index, nothing that is empty or of old, and never null", () => {
  fc.assert(
    fc.property(anyBody, fc.boolean(), (body, isLaunched) => {
      const app = shown(stored(body as never), isLaunched);
      expect(Object.keys(app)).toEqual(expect.arrayContaining(ALWAYS.split(" ")));
      for (const key of NEVER) expect(app).not.toHaveProperty(key);
      for (const key of UNLESS_FULL) if (key in app) expect(Object.keys(app[key] as object)).not.toHaveLength(0);
      expect(JSON.stringify(app)).not.toContain("null");
      expect(app["tasks"]).toHaveLength(isLaunched ? 1 : 0);
      const isHost = (app["networks"] as { mode: string }[])[0]!.mode === "host";
      expect("portDefinitions" in app).toBe(isHost);
      const { container } = app as { container?: object };
      if (container !== undefined) expect("portMappings" in container).toBe(!isHost);
      const ports = JSON.stringify(app).match(/"(?:servicePort|port)":0\b/);
      expect(ports).toBeNull();
    }),
  );
});

test("statistics say how long tasks live, by what they were started with", () => {
  const OLD = "2026-01-05T09:00:00.000Z";
  const info = { lastScalingAt: V, lastConfigChangeAt: V };
  const old = anApp("/a", { version: OLD, versionInfo: { lastScalingAt: OLD, lastConfigChangeAt: OLD } });
  const now = anApp("/a", { version: V, versionInfo: info });
  const rig = new Rig([now]);
  const stats = () =>
    (rig.json({ kind: "apps", filter: {}, embed: ["apps.taskStats"] }) as { apps: [Record<string, unknown>] }).apps[0];
  expect(stats()["taskStats"]).toEqual({});
  rig.running(old);
  rig.nowMs += 10_000;
  rig.running(now);
  rig.nowMs += 2000;
  rig.running(now);
  rig.add(now);
  const of = (staged: number, running: number, averageSeconds: number, medianSeconds: number) => ({
    stats: { counts: { staged, running, healthy: 0, unhealthy: 0 }, lifeTime: { averageSeconds, medianSeconds } },
  });
  expect(stats()["taskStats"]).toEqual({
    startedAfterLastScaling: of(1, 2, 1, 1),
    withLatestConfig: of(1, 2, 1, 1),
    withOutdatedConfig: of(0, 1, 12, 12),
    totalSummary: of(1, 3, 14 / 3, 2),
  });
  expect(stats()).not.toHaveProperty("tasksStats");
});
