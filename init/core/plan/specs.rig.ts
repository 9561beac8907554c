import type { App } from "@meseta/api/marathon/app.ts";
import type { Group, Tree } from "@meseta/api/marathon/group.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";

const FIRST = "2026-01-05T10:00:00.000Z";

/** An app with Marathon's defaults, for tests. */
export function anApp(id: string, more: Partial<App> = {}): App {
  return {
    id,
    cmd: "sleep 1000",
    args: [],
    env: {},
    instances: 1,
    cpus: 1,
    mem: 128,
    disk: 0,
    gpus: 0,
    executor: "",
    constraints: [],
    fetch: [],
    requirePorts: false,
    backoffSeconds: 1,
    backoffFactor: 1.15,
    maxLaunchDelaySeconds: 300,
    healthChecks: [],
    readinessChecks: [],
    dependencies: [],
    upgradeStrategy: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
    labels: {},
    networks: [{ mode: "host", labels: {} }],
    portDefinitions: [{ port: 10_000, protocol: "tcp", name: "default", labels: {} }],
    role: "*",
    secrets: {},
    unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
    killSelection: "YOUNGEST_FIRST",
    version: FIRST,
    versionInfo: { lastScalingAt: FIRST, lastConfigChangeAt: FIRST },
    ...more,
  };
}

/** A pod of one container with Marathon's defaults, for tests. */
export function aPod(id: string, more: Partial<Pod> = {}): Pod {
  return {
    id,
    labels: {},
    environment: {},
    secrets: {},
    role: "*",
    containers: [
      {
        name: "main",
        exec: { command: { shell: "sleep 1000" } },
        resources: { cpus: 1, mem: 128, disk: 0, gpus: 0 },
        endpoints: [],
        environment: {},
        volumeMounts: [],
        artifacts: [],
        labels: {},
      },
    ],
    volumes: [],
    networks: [{ mode: "host", labels: {} }],
    scaling: { kind: "fixed", instances: 1 },
    scheduling: {
      backoff: { backoff: 1, backoffFactor: 1.15, maxLaunchDelay: 300 },
      upgrade: { minimumHealthCapacity: 1, maximumOverCapacity: 1 },
      placement: { constraints: [], acceptedResourceRoles: [] },
      killSelection: "YOUNGEST_FIRST",
      unreachableStrategy: { inactiveAfterSeconds: 0, expungeAfterSeconds: 0 },
    },
    executorResources: { cpus: 0.1, mem: 32, disk: 10 },
    version: FIRST,
    versionInfo: { lastScalingAt: FIRST, lastConfigChangeAt: FIRST },
    ...more,
  };
}

/** A tree of these, with all groups above them; `dependencies` are those of groups. */
export function aTree(
  specs: readonly (App | Pod)[],
  dependencies: Readonly<Record<string, readonly string[]>> = {},
): Tree {
  const groups = new Map<string, Group>();
  const add = (id: string) => groups.set(id, { id, dependencies: dependencies[id] ?? [], version: FIRST });
  add("/");
  for (const id of [...specs.map((spec) => `${spec.id}/`), ...Object.keys(dependencies).map((group) => `${group}/x`)])
    for (let end = id.lastIndexOf("/", id.length - 2); end > 0; end = id.lastIndexOf("/", end - 1))
      add(id.slice(0, end));
  return {
    version: FIRST,
    groups,
    apps: new Map(specs.flatMap((spec) => ("containers" in spec ? [] : [[spec.id, spec]]))),
    pods: new Map(specs.flatMap((spec) => ("containers" in spec ? [[spec.id, spec]] : []))),
  };
}
