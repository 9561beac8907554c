import type { RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import type { PodTermination } from "@meseta/api/marathon/pod-status.ts";
import type { TaskFailure } from "@meseta/api/marathon/task.ts";
import type { Offer } from "@meseta/api/mesos/generated/mesos.ts";
import type { Random } from "@meseta/lib/core/random.ts";
import type { Timers } from "@meseta/lib/core/timers.ts";
import type { Course } from "./autoscale.ts";
import type { InitConfig } from "./config.ts";
import type { DeploymentEffect, Deployments } from "./deployment.ts";
import type { Departures } from "./fleet/departures.ts";
import type { InstanceHealth } from "./health/instance-health.ts";
import type { Backoff } from "./instance/backoff.ts";
import type { Host, Instance } from "./instance/instance.ts";
import type { Instances } from "./instance/instances.ts";
import type { Kills } from "./instance/kills.ts";
import type { Demand } from "./offers/demand.ts";
import type { Release } from "./offers/release.ts";
import type { Tallies } from "./place/tally.ts";
import type { LaunchQueue } from "./queue.ts";
import type { RootChange } from "./saved.ts";

/** All that init knows. Trees, definitions and instances are never changed in place, so views may keep what they made of them. */
export interface InitState {
  readonly config: InitConfig;
  readonly random: Random;
  readonly startMs: number;
  /** What is wanted. */
  tree: Tree;
  /** How the tree came to be, the newest last, at most `mostVersions`: walked back for older trees. */
  history: RootChange[];
  /** The definitions of old versions that instances or the history still name: by id, then version. */
  readonly olderSpecs: Map<string, Map<string, RunSpec>>;
  /** Every app and pod that is wanted or has instances, by id. */
  readonly services: Map<string, Service>;
  readonly deployments: Deployments;
  readonly queue: LaunchQueue;
  readonly backoff: Backoff;
  readonly kills: Kills;
  /** What checks said of instances, by their ids. Not stored: a new leader begins without. Read it with `healthOf`. */
  readonly health: Map<string, InstanceHealth>;
  readonly master: MasterState;
  /** The services whose instances or definition changed since they were last settled. */
  readonly touched: Set<string>;
  /** Services with queued instances whose definition changed, until it is decided how many of these are still wanted: none of them is launched before. */
  readonly undecided: Set<string>;
  /** What was decided and is not done yet: one event stores only so much. Nothing new is decided before it is. */
  pending: { readonly effects: readonly DeploymentEffect[]; next: number };
  /** When the next wakes of these kinds are, Infinity for none, so that none is asked for twice. */
  settleAtMs: number;
  clockAtMs: number;
  reconciliationAtMs: number;
  /** Before this nothing is settled: to look at large services takes time, and others need some. */
  restUntilMs: number;
  /** Instances that wait for a time, by when that is. Who has another deadline by then is passed over. */
  readonly deadlines: Timers<string>;
  /** The cluster is about to stop: offers are declined. */
  isResting: boolean;
  /** Offers that came and were not looked at yet, by id. */
  readonly offered: Map<string, { readonly offer: Offer; readonly cameMs: number }>;
  /** Whether a wake is on its way for more of them. */
  isUsingOffers: boolean;
  readonly demand: Demand;
  /** How many definitions and instances there are of each role. */
  readonly rolesHeld: Map<string, number>;
  /** Agents that are to go, and who moves away from them. */
  readonly departures: Departures;
  /** What is kept on agents for instances that do not need it (any more), by both: given back when an offer shows it. */
  readonly releases: Map<string, Release>;
  /** The agents as offers showed them, by id: one object for all instances there. */
  readonly hosts: Map<string, Host>;
  /** The instances that a reconciliation under way has yet to ask for. */
  unasked: Iterator<Instance> | undefined;
}

/** One app or pod and what runs for it. */
export interface Service {
  readonly id: string;
  readonly instances: Instances;
  /** Where its instances are, by the fields of the present definition's constraints. */
  tallies: Tallies;
  /** How its last task that failed ended; apps only. */
  lastFailure?: TaskFailure | undefined;
  /** What its samples asked for, of an app that scales itself; and the deployment that came of it last. Not stored. */
  course?: (Course & { readonly deploymentId?: string | undefined }) | undefined;
  /** How the last launches of its instances ended (see `withTermination`); pods only. */
  terminations?: readonly PodTermination[] | undefined;
}

export interface MasterState {
  isConnected: boolean;
  /** When it was connected, until all tasks are asked for the first time. */
  connectedAtMs?: number | undefined;
  frameworkId?: string | undefined;
  /** `host:port` of the master that leads, and its URL, as SUBSCRIBED said. */
  leader?: string | undefined;
  /** Where that master stands. */
  region?: string | undefined;
  /** The roles we are subscribed with, and those of them that are suppressed. */
  roles: ReadonlySet<string>;
  suppressed: ReadonlySet<string>;
  /** Whether there was a connection in this life. */
  wasRegistered?: boolean;
}
