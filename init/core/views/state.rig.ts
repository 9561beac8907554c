import type { RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import type { Offer, Resource, TaskStatus } from "@meseta/api/mesos/generated/mesos.ts";
import { readResources } from "@meseta/api/mesos/resources/read.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { CONFIG } from "../config.rig.ts";
import type { InitConfig } from "../config.ts";
import { formatInstanceId, formatTaskId, parseInstanceId } from "../definition/instance-id.ts";
import { constraintsOf, isPod, unreachableStrategyOf } from "../definition/spec.ts";
import { parseTimestamp } from "../definition/version.ts";
import { Deployments } from "../deployment.ts";
import { Backoff } from "../instance/backoff.ts";
import { type Instance, newInstance } from "../instance/instance.ts";
import { Instances } from "../instance/instances.ts";
import { applyToInstance, type InstanceEvent, TIMEOUTS } from "../instance/life.ts";
import { Tallies } from "../place/tally.ts";
import { placementOf } from "../placement.ts";
import { aTree } from "../plan/specs.rig.ts";
import type { Query } from "../query.ts";
import { LaunchQueue, type QueueView } from "../queue.ts";
import { specAt } from "../spec.ts";
import type { Service } from "../state.ts";
import { wishOf } from "../wish.ts";
import { readQuery } from "./read.ts";
import type { Seen } from "./seen.ts";

/** A state of init made by hand, without calls, offers or a master: what views look at. */
export class Rig {
  readonly state: Seen & { tree: Tree };
  nowMs = parseTimestamp("2026-01-05T10:00:00.000Z")!;
  #nextId = 0;
  readonly #view: QueueView = {
    seekerOf: (id) => {
      const spec = specAt(this.state.tree, parseInstanceId(id)!.path)!;
      const wish = wishOf(spec, this.state.config.definitions);
      const reservation = { labels: {}, volumeIds: wish.volumes.map((_, i) => `v${i}`), isMade: false };
      return { wish, placed: this.serviceOf(spec).tallies, ...(wish.volumes.length > 0 && { reservation }) };
    },
    delayOf: (id) => {
      const spec = specAt(this.state.tree, id)!;
      return this.state.backoff.delayOf(id, spec.versionInfo.lastConfigChangeAt);
    },
  };

  constructor(specs: readonly RunSpec[] = [], config: Partial<InitConfig> = {}) {
    this.state = {
      config: { ...CONFIG, ...config },
      tree: aTree(specs),
      history: [],
      olderSpecs: new Map(),
      services: new Map(),
      deployments: new Deployments(),
      queue: new LaunchQueue(),
      backoff: new Backoff(),
      health: new Map(),
      departures: { agents: new Map(), moves: new Map() },
      master: {
        isConnected: true,
        frameworkId: "f-1",
        leader: "m1:5050",
        roles: new Set(["*"]),
        suppressed: new Set(),
      },
    };
    for (const spec of specs) this.serviceOf(spec);
  }

  serviceOf(spec: RunSpec): Service {
    let service = this.state.services.get(spec.id);
    if (service === undefined) {
      const tallies = new Tallies(constraintsOf(spec).map(({ fieldName }) => fieldName));
      this.state.services.set(spec.id, (service = { id: spec.id, instances: new Instances(), tallies }));
    }
    return service;
  }

  /** One more instance, Scheduled, under a number instead of a uuid. */
  add(spec: RunSpec): string {
    const instance = newInstance(spec, formatInstanceId(spec.id, `${++this.#nextId}`), this.nowMs);
    this.serviceOf(spec).instances.set(instance.id, instance);
    return instance.id;
  }

  /** An instance that waits for a launch. */
  queued(spec: RunSpec): string {
    const id = this.add(spec);
    this.state.queue.add(spec.id, id, this.nowMs);
    return id;
  }

  /** An agent offers this; nothing of it is launched, as if it were all refused or the launch were still to be told. */
  offer(resources: string, agent = "S1", more: Partial<Offer> = {}): void {
    const offer: Offer = {
      id: { value: `offer-${agent}` },
      framework_id: { value: "f-1" },
      agent_id: { value: agent },
      hostname: `host-${agent}`,
      resources: readResources(resources) as Resource[],
      ...more,
    };
    const limits = { mostInstances: 100, settings: placementOf(this.state) };
    this.state.queue.take(offer, this.#view, limits, createRandom(1), this.nowMs);
  }

  launch(spec: RunSpec, id = this.add(spec), hostPorts: readonly (number | null)[] = []): string {
    const { incarnation } = this.get(spec, id)!;
    const names = isPod(spec) ? spec.containers.map(({ name }) => name) : [undefined];
    const taskIds = names.map((name) => formatTaskId(id, incarnation, name));
    const host = { agent_id: { value: "S1" }, hostname: "10.0.0.7", places: {} };
    const { version } = spec;
    const configVersion = spec.versionInfo.lastConfigChangeAt;
    return this.happens(spec, id, { type: "launched", taskIds, host, hostPorts, version, configVersion });
  }

  /** A status of each of its tasks, or of one container's. */
  status(spec: RunSpec, id: string, status: Omit<TaskStatus, "task_id">, container?: string): string {
    for (const value of Object.keys(this.get(spec, id)?.tasks ?? {}))
      if (container === undefined || value.split(".").at(-2) === container)
        this.happens(spec, id, { type: "status", status: { ...status, task_id: { value } } });
    return id;
  }

  /** A launched instance that runs. */
  running(spec: RunSpec, hostPorts: readonly (number | null)[] = [], status: Partial<TaskStatus> = {}): string {
    return this.status(spec, this.launch(spec, undefined, hostPorts), { ...status, state: "TASK_RUNNING" });
  }

  happens(spec: RunSpec, id: string, event: InstanceEvent): string {
    const settings = { ...TIMEOUTS, unreachable: unreachableStrategyOf(spec) };
    const { instances } = this.serviceOf(spec);
    const { instance } = applyToInstance(instances.get(id)!, event, settings, this.nowMs);
    if (instance === undefined) instances.delete(id);
    else instances.set(id, instance);
    return id;
  }

  get(spec: RunSpec, id: string): Instance | undefined {
    return this.serviceOf(spec).instances.get(id);
  }

  /** What is wanted is changed to these definitions; the instances stay. */
  want(specs: readonly RunSpec[]): void {
    this.state.tree = aTree(specs);
  }

  read(query: Query): { status: number; text: string } {
    const { status, pieces } = readQuery(this.state, query, this.nowMs);
    return { status, text: [...pieces].join("") };
  }

  json(query: Query): unknown {
    return JSON.parse(this.read(query).text);
  }
}

/** The same state, of which nothing was ever read. */
export function afresh(state: Seen): Seen {
  const deployments = new Deployments();
  deployments.restore(clone(state.deployments.all));
  const services = [...state.services].map(([id, service]) => {
    const instances = new Instances(clone([...service.instances]));
    return [id, { ...service, instances }] as const;
  });
  return {
    ...state,
    tree: {
      version: state.tree.version,
      groups: copyOf(state.tree.groups),
      apps: copyOf(state.tree.apps),
      pods: copyOf(state.tree.pods),
    },
    deployments,
    services: new Map(services),
    health: copyOf(state.health),
  };
}

function copyOf<T>(map: ReadonlyMap<string, T>): Map<string, T> {
  return new Map(clone([...map]));
}

function clone<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
