import type { App } from "@meseta/api/marathon/app.ts";
import type { Group, RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import type { Pod } from "@meseta/api/marathon/pod.ts";
import type { TaskFailure } from "@meseta/api/marathon/task.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import { Timers } from "@meseta/lib/core/timers.ts";
import type { InitConfig } from "./config.ts";
import { isPod } from "./definition/spec.ts";
import { formatTimestamp } from "./definition/version.ts";
import { loadDeployment } from "./deployment/saved.ts";
import { Deployments } from "./deployment.ts";
import { loadInstance } from "./fleet/change.ts";
import { deploymentUntil, instanceUntil } from "./fleet/past.ts";
import { countRole } from "./fleet/roles.ts";
import { serviceForInstances, serviceWithout } from "./fleet/wanted.ts";
import { Backoff } from "./instance/backoff.ts";
import type { Instance } from "./instance/instance.ts";
import { Kills } from "./instance/kills.ts";
import { newDemand } from "./offers/demand.ts";
import { loadRelease, type Release } from "./offers/release.ts";
import { LaunchQueue } from "./queue.ts";
import type { RootChange, SavedDeployment, SavedFramework, SavedRoot } from "./saved.ts";
import { specsOf } from "./spec.ts";
import type { InitState } from "./state.ts";

/** All records of the store as it gives them: key and text, in key order. Those of other owners are passed over. */
export type Records = Iterable<readonly [key: string, text: string]>;

export interface Settings {
  readonly random: Random;
  readonly startMs: number;
  readonly records: Records;
}

/** The state as it was stored. What follows from it, such as kills and deadlines, follows from the event `start`. */
export function load(config: InitConfig, { random, startMs, records }: Settings): InitState {
  const saved = read(records);
  const state = newState(config, random, startMs, treeOf(saved, formatTimestamp(startMs)));
  state.master.frameworkId = saved.framework?.id;
  state.history = saved.history.sort((a, b) => (a.version < b.version ? -1 : 1));
  for (const spec of saved.oldSpecs) addOld(state, spec);
  for (const spec of specsOf(state.tree)) {
    serviceForInstances(state, spec);
    countRole(state, spec.role, 1);
  }
  const deployments = saved.deployments.flatMap((one) => loadDeployment(state, one) ?? []);
  state.deployments.restore(deployments.map((deployment) => deploymentUntil(deployment, startMs)));
  for (const instance of saved.instances)
    loadInstance(state, serviceWithout(state, instance.spec), instanceUntil(instance, startMs), startMs);
  for (const release of saved.releases) loadRelease(state, release, startMs);
  // Of a service that is gone it goes with the first settling.
  for (const failure of saved.failures) serviceWithout(state, failure.appId).lastFailure = failure;
  return state;
}

interface Saved {
  framework?: SavedFramework;
  root?: SavedRoot;
  readonly groups: Group[];
  readonly specs: RunSpec[];
  readonly oldSpecs: RunSpec[];
  readonly history: RootChange[];
  readonly instances: Instance[];
  readonly deployments: SavedDeployment[];
  readonly failures: TaskFailure[];
  readonly releases: Release[];
}

function read(records: Records): Saved {
  const saved: Saved = {
    groups: [],
    specs: [],
    oldSpecs: [],
    history: [],
    instances: [],
    deployments: [],
    failures: [],
    releases: [],
  };
  const lists: Readonly<Record<string, unknown[]>> = {
    group: saved.groups,
    spec: saved.specs,
    "old-spec": saved.oldSpecs,
    history: saved.history,
    instance: saved.instances,
    deployment: saved.deployments,
    failure: saved.failures,
    release: saved.releases,
  };
  for (const [key, text] of records) {
    if (key === "framework") saved.framework = JSON.parse(text);
    else if (key === "root") saved.root = JSON.parse(text);
    else lists[key.slice(0, key.indexOf("/"))]?.push(JSON.parse(text));
  }
  return saved;
}

// The root is always there.
function treeOf({ root, groups, specs }: Saved, firstVersion: string): Tree {
  const version = root?.version ?? firstVersion;
  const all = new Map<string, Group>([["/", { id: "/", dependencies: [], version }]]);
  for (const group of groups) all.set(group.id, group);
  const apps = new Map<string, App>();
  const pods = new Map<string, Pod>();
  for (const spec of specs) {
    if (isPod(spec)) pods.set(spec.id, spec);
    else apps.set(spec.id, spec);
  }
  return { version, groups: all, apps, pods };
}

function addOld({ olderSpecs }: InitState, spec: RunSpec): void {
  const versions = olderSpecs.get(spec.id) ?? new Map<string, RunSpec>();
  olderSpecs.set(spec.id, versions.set(spec.version, spec));
}

function newState(config: InitConfig, random: Random, startMs: number, tree: Tree): InitState {
  return {
    config,
    random,
    startMs,
    tree,
    history: [],
    olderSpecs: new Map(),
    services: new Map(),
    deployments: new Deployments(config.mostDeployments),
    queue: new LaunchQueue(),
    backoff: new Backoff(),
    kills: new Kills(config.kills),
    health: new Map(),
    master: { isConnected: false, roles: new Set(), suppressed: new Set() },
    touched: new Set(),
    undecided: new Set(),
    pending: { effects: [], next: 0 },
    settleAtMs: Number.POSITIVE_INFINITY,
    clockAtMs: Number.POSITIVE_INFINITY,
    reconciliationAtMs: Number.POSITIVE_INFINITY,
    restUntilMs: 0,
    deadlines: new Timers(),
    isResting: false,
    offered: new Map(),
    isUsingOffers: false,
    demand: newDemand(),
    rolesHeld: new Map(),
    departures: { agents: new Map(), moves: new Map() },
    releases: new Map(),
    hosts: new Map(),
    unasked: undefined,
  };
}
