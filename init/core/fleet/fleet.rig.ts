import type { RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { Cluster, type Sent } from "@meseta/sdk/core/cluster.rig.ts";
import { deploy } from "../calls/deploy.ts";
import { CONFIG as USUAL } from "../config.rig.ts";
import type { InitConfig } from "../config.ts";
import { isPod } from "../definition/spec.ts";
import { nextVersion } from "../definition/version.ts";
import type { InitEvent, Wake } from "../event.ts";
import { createInit, type Init } from "../init.ts";
import type { Instance } from "../instance/instance.ts";
import { tellDemand } from "../offers/demand.ts";
import { type InitEffect, InitOut, type Notice } from "../out.ts";
import { ownerOf } from "../place/reservation.ts";
import { aTree } from "../plan/specs.rig.ts";
import { specAt, specsOf } from "../spec.ts";
import { stamp } from "../version.ts";
import { changeInstance } from "./change.ts";
import { instanceOf } from "./lookup.ts";

export const CONFIG: InitConfig = { ...USUAL, placement: { gpus: "unrestricted" } };

/** The state is lost after this event. */
export interface Death {
  readonly event: number;
  readonly when: "before it is stored" | "before its effects" | "after its effects";
}

/** An init with its records, a cluster, and time that passes when the test says so. */
export class Stage {
  readonly cluster = new Cluster();
  readonly records = new Map<string, string>();
  readonly notices: Notice[] = [];
  readonly logs: string[] = [];
  readonly aborts: string[] = [];
  /** How many events have been applied; `dieAt` loses the state after one of them. */
  applied = 0;
  dieAt: Death | undefined;
  /** Whether tasks that were launched come to run by themselves, and killed ones end. */
  isSmooth = true;
  /** What the master says to a call that it refuses, "" when there is no answer to it; undefined for those that it takes. */
  refusalOf: (call: Sent) => string | undefined = () => undefined;
  nowMs = 1_767_607_200_000;
  init: Init;
  readonly config: InitConfig;
  #failed: Extract<InitEvent, { type: "call-failed" }>[] = [];
  #wakes: { readonly atMs: number; readonly wake: Wake }[] = [];
  #lives = 0;

  constructor(config: Partial<InitConfig> = {}) {
    this.config = { ...CONFIG, ...config };
    this.init = this.#load();
  }

  get state() {
    return this.init.state;
  }

  /** Begins a life and subscribes. */
  start(): this {
    this.apply({ type: "wake", wake: { for: "start" } });
    this.cluster.subscribe();
    return this;
  }

  /** The process dies; the next one begins with what was stored. */
  crash(): void {
    this.cluster.disconnect();
    this.#wakes = [];
    this.#failed = [];
    this.init = this.#load();
    this.start();
  }

  apply(event: InitEvent): void {
    const out = new InitOut();
    this.init.apply(event, this.nowMs, out);
    this.#finish(out);
  }

  /** These are wanted, and deployed; what `specs` does not name goes. Groups of dependencies as in `aTree`. */
  want(
    specs: readonly RunSpec[],
    options: { readonly force?: boolean; readonly groups?: Record<string, string[]> } = {},
  ): string {
    const version = nextVersion(this.nowMs, this.state.tree.version);
    const stamped = specs.map((spec) => stamp(specAt(this.state.tree, spec.id), spec, version));
    const next: Tree = { ...aTree(stamped as Parameters<typeof aTree>[0], options.groups), version };
    const out = new InitOut();
    const done = deploy(this.state, next, { force: options.force ?? false }, this.nowMs, out);
    tellDemand(this.state, this.nowMs, out);
    this.#finish(out);
    // Who gets no answer asks again.
    if (!("refused" in done) && this.state.tree.version !== version) return this.want(specs, options);
    return "refused" in done ? JSON.stringify(done.refused.body) : done.deploymentId;
  }

  /** Everything that can happen now happens, and what waits for time up to `ms` from now. */
  run(ms = 0): this {
    const untilMs = this.nowMs + ms;
    for (let turn = 0; turn < 200_000; turn++) {
      if (this.#next()) continue;
      const soonest = Math.min(...this.#wakes.map(({ atMs }) => atMs));
      if (!(soonest <= untilMs)) {
        this.nowMs = untilMs;
        return this;
      }
      this.nowMs = Math.max(this.nowMs, soonest);
    }
    throw new Error("never quiet");
  }

  /** Its checks say that the instance is not well. */
  sicken(instanceId: string): void {
    const out = new InitOut();
    changeInstance(this.state, instanceId, { type: "health", isHealthy: false }, this.nowMs, out);
    this.#finish(out);
  }

  /** So many things happen, or as many as can without time passing. */
  step(count: number): this {
    for (let i = 0; i < count && this.#next(); i++);
    return this;
  }

  /** The connection to the master breaks, and is there again. */
  reconnect(): void {
    this.cluster.disconnect();
    this.apply({ type: "disconnected" });
    this.cluster.subscribe();
  }

  /** The next thing happens: what the master says, a wake that is due, an offer, a step of a task. */
  #next(): boolean {
    const event = this.cluster.events.shift();
    if (event !== undefined) {
      this.apply({ type: "heard", event });
      return true;
    }
    const failed = this.#failed.shift();
    if (failed !== undefined) this.apply(failed);
    if (failed !== undefined) return true;
    return this.#wake() || (this.isSmooth && this.#stepTask()) || this.cluster.offer(this.nowMs);
  }

  #wake(): boolean {
    const index = this.#wakes.findIndex(({ atMs }) => atMs <= this.nowMs);
    if (index < 0) return false;
    for (const { wake } of this.#wakes.splice(index, 1)) this.apply({ type: "wake", wake });
    return true;
  }

  #stepTask(): boolean {
    const { cluster } = this;
    const task = cluster.live.find(({ state, isKilled, agent }) => {
      return cluster.agents.get(agent)!.isReachable && (isKilled || state === "TASK_STAGING");
    });
    if (task !== undefined) cluster.update(task.id, task.isKilled ? "TASK_KILLED" : "TASK_RUNNING");
    return task !== undefined;
  }

  instances(spec: string): Instance[] {
    return [...(this.state.services.get(spec)?.instances.values() ?? [])];
  }

  /** What runs of the service on the cluster, each with the version that it was launched with. */
  running(spec: string): string[] {
    return this.cluster.live
      .filter(({ id }) => id.startsWith(`${spec.slice(1).replaceAll("/", "_")}.`))
      .map(({ id }) => id);
  }

  /** The types of the notices since the last time, without those about instances and tasks unless asked for. */
  told(): string[] {
    return this.notices.splice(0).map(({ eventType }) => eventType);
  }

  /** What ought to be: each wanted service has its number of instances, which run and are of the present version, and nothing else runs. */
  problems(): string[] {
    const problems = [...this.cluster.refusals];
    let wanted = 0;
    for (const spec of specsOf(this.state.tree)) {
      const count = isPod(spec) ? spec.scaling.instances : spec.instances;
      wanted += count * (isPod(spec) ? spec.containers.length : 1);
      const good = this.instances(spec.id).filter(
        (one) => one.condition === "Running" && one.configVersion === spec.versionInfo.lastConfigChangeAt,
      );
      if (good.length !== count) problems.push(`${spec.id} has ${good.length} of ${count}`);
      // Those of resident services that are not needed now rest with their volumes.
      const kept = this.instances(spec.id).filter(({ goal }) => goal !== "Stopped").length;
      if (kept !== count) problems.push(`${spec.id} keeps ${kept}`);
    }
    if (this.cluster.live.length !== wanted) problems.push(`${this.cluster.live.length} tasks run, not ${wanted}`);
    if (this.state.deployments.all.length > 0) problems.push("a deployment goes on");
    for (const { total } of this.cluster.agents.values())
      for (const resource of total) {
        const id = ownerOf(resource)?.instanceId;
        if (id !== undefined && instanceOf(this.state, id)?.kept === undefined) problems.push(`reserved for ${id}`);
      }
    return problems;
  }

  #finish(out: InitOut): void {
    this.applied++;
    const dies = this.dieAt?.event === this.applied ? this.dieAt.when : undefined;
    if (dies !== "before it is stored") {
      for (const [key, text] of out.puts) this.records.set(key, text);
      for (const key of out.deletes) this.records.delete(key);
    }
    if (dies === undefined || dies === "after its effects") for (const effect of out.effects) this.#carryOut(effect);
    if (dies !== undefined) this.crash();
  }

  #carryOut(effect: InitEffect): void {
    switch (effect.type) {
      case "publish":
        this.notices.push(effect.notice);
        return;
      case "send":
        return this.#send(effect.call);
      case "roles":
        this.cluster.roles = effect.roles;
        return;
      case "wake":
        this.#wakes.push(effect);
        return;
      case "log":
        this.logs.push(effect.message);
        return;
      case "abort":
        this.aborts.push(effect.reason);
        return;
      case "answer":
        return;
    }
  }

  #send(call: Sent): void {
    const refusal = this.cluster.isConnected ? this.refusalOf(call) : undefined;
    if (refusal === undefined) return this.cluster.receive(call, this.nowMs);
    this.#failed.push({ type: "call-failed", call, ...(refusal !== "" && { refusal }) });
  }

  #load(): Init {
    const records = [...this.records].sort(([a], [b]) => (a < b ? -1 : 1));
    return createInit(this.config, { random: createRandom(++this.#lives), startMs: this.nowMs, records });
  }
}
