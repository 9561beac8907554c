import type { RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import type { TaskState } from "@meseta/api/mesos/generated/mesos.ts";
import { instancesOf } from "../definition/spec.ts";
import { type Deployment, type DeploymentEffect, Deployments } from "../deployment.ts";
import { isTerminal } from "../instance/condition.ts";
import { type Instance, newInstance } from "../instance/instance.ts";
import { applyToInstance, type InstanceEvent, TIMEOUTS } from "../instance/life.ts";
import { planOf } from "../plan.ts";
import { isHealthy } from "./standing.ts";

/** Instances without a cluster: launches, kills and deaths happen one at a time, when the test says so. What is stored is kept as text. */
export class World {
  readonly instances = new Map<string, Instance>();
  readonly stored = new Map<string, string>();
  readonly news: string[] = [];
  /** Most alive, and fewest healthy after a kill of ours, by service. */
  readonly most = new Map<string, number>();
  readonly fewest = new Map<string, number>();
  deployments = new Deployments();
  nowMs = 1_000_000;
  #nextId = 0;
  #specs = new Map<string, RunSpec>();

  of(spec: string): Instance[] {
    return [...this.instances.values()].filter((instance) => instance.spec === spec);
  }

  /** So many instances that run and are well. */
  addRunning(spec: RunSpec, count = instancesOf(spec)): void {
    for (let i = 0; i < count; i++) {
      const { id } = this.#create(spec);
      this.#launch(id, spec);
      this.#status(id, "TASK_RUNNING");
    }
    this.nowMs += 1000;
  }

  deploy(before: Tree, after: Tree, id = "d1", force = false, victims = {}): string {
    for (const spec of [...after.apps.values(), ...after.pods.values()]) this.#specs.set(spec.id, spec);
    const plan = planOf(before, after, { id, version: "v" }, victims);
    const started = this.deployments.start(plan, { force }, this.nowMs);
    if (started.outcome === "started") this.#carryOut(started.effects);
    return started.outcome;
  }

  /** The process dies: what is not stored is lost. */
  crash(): void {
    this.deployments = new Deployments();
    this.deployments.restore([...this.stored.values()].map((text) => JSON.parse(text) as Deployment));
  }

  /** Decides, until there is nothing more to decide. */
  settle(): void {
    for (let i = 0; i < 1000; i++) {
      const effects = this.deployments.settle(this, this.nowMs);
      this.#measure();
      if (effects.length === 0) return;
      this.#carryOut(effects);
      this.#measure();
    }
    throw new Error("deployments never settle");
  }

  /** Runs to the end: decides, lets one thing happen, and so on; `before` runs each time before something happens. Throws when it hangs. */
  run(choose: () => number = () => 0, before: (turn: number) => void = () => {}): void {
    for (let turn = 0; turn < 10_000; turn++) {
      before(turn);
      this.settle();
      if (this.stored.size === 0) return;
      if (!this.happen(choose())) throw new Error(`hangs: ${JSON.stringify([...this.instances.values()])}`);
    }
    throw new Error("never ends");
  }

  /** One thing happens: a launch, a step to running, a death. False when nothing can. */
  happen(choice: number): boolean {
    this.nowMs += 1000;
    const open = [...this.instances.values()].filter(isUnderWay);
    const chosen = open[choice % Math.max(1, open.length)];
    if (chosen === undefined) return false;
    if (chosen.goal !== "Running") this.#status(chosen.id, "TASK_KILLED");
    else if (chosen.condition === "Scheduled") this.#launch(chosen.id, this.#specs.get(chosen.spec)!);
    else this.#status(chosen.id, "TASK_RUNNING");
    return true;
  }

  fail(id: string): void {
    this.#status(id, "TASK_FAILED");
  }

  happens(id: string, event: InstanceEvent): void {
    const settings = { ...TIMEOUTS, unreachable: "disabled" } as const;
    const { instance } = applyToInstance(this.instances.get(id)!, event, settings, this.nowMs);
    if (instance === undefined) this.instances.delete(id);
    else this.instances.set(id, instance);
  }

  #create(spec: RunSpec): Instance {
    const instance = newInstance(spec, `i${this.#nextId++}`, this.nowMs);
    this.instances.set(instance.id, instance);
    return instance;
  }

  #launch(id: string, spec: RunSpec): void {
    const { incarnation } = this.instances.get(id)!;
    const { version, versionInfo } = spec;
    const host = { agent_id: { value: "a" }, hostname: "h", places: {} };
    const configVersion = versionInfo.lastConfigChangeAt;
    this.happens(id, {
      type: "launched",
      taskIds: [`${id}.${incarnation}`],
      host,
      hostPorts: [],
      version,
      configVersion,
    });
  }

  #status(id: string, state: TaskState): void {
    const [taskId] = Object.keys(this.instances.get(id)!.tasks);
    this.happens(id, { type: "status", status: { task_id: { value: taskId! }, state } });
  }

  #carryOut(effects: readonly DeploymentEffect[]): void {
    for (const effect of effects) this.#do(effect);
  }

  #do(effect: DeploymentEffect): void {
    switch (effect.type) {
      case "save":
        this.stored.set(effect.deployment.plan.id, JSON.stringify(effect.deployment));
        return;
      case "forget":
        this.stored.delete(effect.id);
        return;
      case "goal":
        this.happens(effect.instanceId, { type: "goal", goal: effect.goal });
        return this.#measureKill();
      case "start":
        return this.#start(effect.spec, effect.resume, effect.create);
      case "told":
        this.news.push(`${effect.deployment.plan.id} ${effect.news}`);
        return;
      case "terminated":
        this.news.push(`${effect.spec} terminated`);
        return;
      case "clear-delay":
      case "expired":
        return;
    }
  }

  #start(spec: RunSpec, resume: readonly string[], create: number): void {
    const definition = { version: spec.version, configVersion: spec.versionInfo.lastConfigChangeAt };
    for (const id of resume) this.happens(id, { type: "goal", goal: "Running", definition });
    for (let i = 0; i < create; i++) this.#create(spec);
  }

  #measure(): void {
    for (const [spec, all] of Map.groupBy(this.instances.values(), (instance) => instance.spec)) {
      const alive = all.filter((one) => one.goal === "Running" || Object.keys(one.tasks).length > 0).length;
      this.most.set(spec, Math.max(this.most.get(spec) ?? 0, alive));
    }
  }

  #measureKill(): void {
    for (const [spec, all] of Map.groupBy(this.instances.values(), (instance) => instance.spec)) {
      const definition = this.#specs.get(spec);
      const well = all.filter(
        (one) => one.goal === "Running" && definition !== undefined && isHealthy(one, definition),
      );
      this.fewest.set(spec, Math.min(this.fewest.get(spec) ?? Number.POSITIVE_INFINITY, well.length));
    }
  }
}

function isUnderWay({ goal, condition }: Instance): boolean {
  if (goal !== "Running") return condition !== "Scheduled" && !isTerminal(condition);
  return condition !== "Running";
}
