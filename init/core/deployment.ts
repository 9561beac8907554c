import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { INIT_BOUNDS } from "./bounds.ts";
import { instancesOf } from "./definition/spec.ts";
import {
  type ActionEffect,
  type ActionResult,
  beginRun,
  beginScale,
  type DefinitionOf,
  type RestartRun,
  restart,
  type ScaleBegin,
  scale,
  stop,
} from "./deployment/actions.ts";
import { isUpToDate } from "./deployment/standing.ts";
import type { Instance } from "./instance/instance.ts";
import { affectedBy, type Plan, type PlanAction } from "./plan.ts";

/** A running plan as it is stored: enough to go on after a crash. */
export interface Deployment {
  readonly plan: Plan;
  /** Index of the step that goes on. */
  readonly step: number;
  /** The scalings of this step that have begun, by service. */
  readonly begun: Readonly<Record<string, ScaleBegin>>;
  readonly startedMs: number;
  /** When it is given up, if it ever is. */
  readonly deadlineMs?: number | undefined;
}

/** The instances there are, by service; of all goals. */
export interface Fleet {
  of(spec: string): readonly Instance[];
  /** What the instance was launched with; undefined when that is not known any more. */
  definitionOf?(instance: Instance): RunSpec | undefined;
  /** Whether old instances of the service are where its queued new ones could be. */
  isHindered?(spec: RunSpec): boolean;
}

export type DeploymentEffect =
  | ActionEffect
  | { readonly type: "save"; readonly deployment: Deployment }
  | { readonly type: "forget"; readonly id: string }
  /** The last instance of a removed service is gone. */
  | { readonly type: "terminated"; readonly spec: string }
  | { readonly type: "told"; readonly news: News; readonly deployment: Deployment; readonly reason?: string }
  /** Its time is over: whoever asked for a deadline wants it undone. */
  | { readonly type: "expired"; readonly deployment: Deployment };

/** deployment_info, deployment_step_success, deployment_success, deployment_failed. */
export type News = "info" | "step-success" | "success" | "failed";

export type Started =
  | { readonly outcome: "started"; readonly effects: readonly DeploymentEffect[] }
  | { readonly outcome: "locked"; readonly by: readonly string[] }
  | { readonly outcome: "too-many" };

/** Marathon's max_running_deployments. */
const MOST_DEPLOYMENTS = INIT_BOUNDS.deployments.most;

/** The running deployments: each goes through its steps as the instances come and go. What it says to do is done before it is asked again. */
export class Deployments {
  readonly #runs = new Map<string, Run>();
  /** Those that act on each service, by its id. Two on one cannot be but by a fault of who stored them. */
  readonly #acting = new Map<string, Set<string>>();
  readonly #most: number;

  constructor(most: number = MOST_DEPLOYMENTS) {
    this.#most = most;
  }

  /** What was stored goes on where it was. */
  restore(stored: Iterable<Deployment>): void {
    for (const deployment of stored) this.#add(new Run(deployment));
  }

  get count(): number {
    return this.#runs.size;
  }

  has(id: string): boolean {
    return this.#runs.has(id);
  }

  get all(): Deployment[] {
    return [...this.#runs.values()].map(({ deployment }) => deployment);
  }

  /** Starts a plan, unless a running one acts on one of its services: `force` cancels those, and leaves what they did as it is. */
  start(
    plan: Plan,
    options: { readonly force: boolean; readonly deadlineMs?: number | undefined },
    nowMs: number,
  ): Started {
    const conflicts = this.#conflictsOf(plan);
    if (conflicts.length > 0 && !options.force) return { outcome: "locked", by: conflicts };
    if (this.#runs.size - conflicts.length >= this.#most) return { outcome: "too-many" };
    const effects = conflicts.flatMap((id) => this.cancel(id, `replaced by deployment ${plan.id}`));
    const { deadlineMs } = options;
    const deployment: Deployment = { plan, step: 0, begun: {}, startedMs: nowMs, deadlineMs };
    this.#add(new Run(deployment));
    return { outcome: "started", effects: [...effects, { type: "save", deployment }] };
  }

  /** Whether a running one acts on the service, now or in a later step. */
  actsOn(spec: string): boolean {
    return this.#acting.has(spec);
  }

  /** The versions of the service's definition from which running ones come and to which they go. */
  versionsOf(spec: string): string[] {
    return [...(this.#acting.get(spec) ?? [])].flatMap((id) => {
      const { before, after } = this.#runs.get(id)?.deployment.plan.changes[spec] ?? {};
      return [before, after].flatMap((one) => one?.version ?? []);
    });
  }

  /** Whether one acts on the service in a later step, and none does now. */
  isAheadOf(spec: string): boolean {
    const runs = [...(this.#acting.get(spec) ?? [])].map((id) => this.#runs.get(id)!);
    return runs.length > 0 && runs.every((run) => run.isAheadOf(spec));
  }

  /** Ends it where it is. Nothing for an id that does not run. */
  cancel(id: string, reason: string): DeploymentEffect[] {
    const run = this.#runs.get(id);
    if (run === undefined) return [];
    this.#remove(id);
    return [
      { type: "forget", id },
      { type: "told", news: "failed", deployment: run.deployment, reason },
    ];
  }

  /** What is to be done now. `touched`: only deployments that act on one of these services, and those not yet begun. */
  settle(fleet: Fleet, nowMs: number, touched?: ReadonlySet<string>): DeploymentEffect[] {
    const effects: DeploymentEffect[] = [];
    for (const [id, run] of this.#runs) {
      if (touched !== undefined && !run.isConcernedBy(touched)) continue;
      run.settle(fleet, nowMs, effects);
      if (run.isDone) this.#remove(id);
    }
    return effects;
  }

  /** Those whose time is over; each is told once. */
  expire(nowMs: number): DeploymentEffect[] {
    return [...this.#runs.values()].flatMap((run) => run.expire(nowMs));
  }

  #add(run: Run): void {
    const { id } = run.deployment.plan;
    this.#runs.set(id, run);
    for (const spec of run.affected) this.#acting.set(spec, (this.#acting.get(spec) ?? new Set()).add(id));
  }

  #remove(id: string): void {
    for (const spec of this.#runs.get(id)?.affected ?? []) {
      this.#acting.get(spec)?.delete(id);
      if (this.#acting.get(spec)?.size === 0) this.#acting.delete(spec);
    }
    this.#runs.delete(id);
  }

  /** The running ones that act on a service on which the plan acts as well, the oldest first. They are to be cancelled, or the plan refused. */
  #conflictsOf(plan: Plan): string[] {
    const found = new Set(affectedBy(plan).flatMap((id) => [...(this.#acting.get(id) ?? [])]));
    return found.size < 2 ? [...found] : [...this.#runs.keys()].filter((id) => found.has(id));
  }
}

class Run {
  deployment: Deployment;
  isDone = false;
  readonly affected: ReadonlySet<string>;
  readonly #finished = new Set<string>();
  readonly #restarts = new Map<string, RestartRun>();
  /** The scalings that began while it was settled just now. */
  readonly #begun = new Map<string, ScaleBegin>();
  #isTold = false;
  #isExpired = false;

  constructor(deployment: Deployment) {
    this.deployment = deployment;
    this.affected = new Set(affectedBy(deployment.plan));
  }

  isConcernedBy(touched: ReadonlySet<string>): boolean {
    return !this.#isTold || !this.affected.isDisjointFrom(touched);
  }

  isAheadOf(spec: string): boolean {
    const { plan, step } = this.deployment;
    const actsIn = (index: number) => plan.steps[index]!.actions.some(({ id }) => id === spec);
    return !actsIn(step) && plan.steps.some((_, index) => index > step && actsIn(index));
  }

  expire(nowMs: number): DeploymentEffect[] {
    const { deadlineMs } = this.deployment;
    if (this.#isExpired || deadlineMs === undefined || nowMs < deadlineMs) return [];
    this.#isExpired = true;
    return [{ type: "expired", deployment: this.deployment }];
  }

  settle(fleet: Fleet, nowMs: number, effects: DeploymentEffect[]): void {
    const before = this.deployment;
    this.#goThrough(fleet, nowMs, effects);
    this.#keepBegun();
    // Once, however much has changed: a plan of thousands of services is a large record.
    if (this.isDone) effects.push({ type: "forget", id: this.deployment.plan.id });
    else if (this.deployment !== before) effects.push({ type: "save", deployment: this.deployment });
    if (this.isDone) this.#tell("success", effects);
  }

  #goThrough(fleet: Fleet, nowMs: number, effects: DeploymentEffect[]): void {
    const { steps } = this.deployment.plan;
    for (let step = steps[this.deployment.step]; step !== undefined; step = steps[this.deployment.step]) {
      if (!this.#isTold) this.#tell("info", effects);
      this.#isTold = true;
      for (const action of step.actions) this.#act(action, fleet, nowMs, effects);
      if (this.#finished.size < step.actions.length) return;
      this.#tell("step-success", effects);
      this.#goOn();
    }
    this.isDone = true;
  }

  #act(action: PlanAction, fleet: Fleet, nowMs: number, effects: DeploymentEffect[]): void {
    if (this.#finished.has(action.id)) return;
    const result = this.#result(action, fleet, nowMs, effects);
    for (const effect of result.effects) effects.push(effect);
    // What is yet to be done is not done: the instances must show it first.
    if (!result.isDone || result.effects.length > 0) return;
    this.#finished.add(action.id);
    if (action.kind === "stop") effects.push({ type: "terminated", spec: action.id });
  }

  #result(action: PlanAction, fleet: Fleet, nowMs: number, effects: DeploymentEffect[]): ActionResult {
    const instances = fleet.of(action.id);
    const { before, after } = this.deployment.plan.changes[action.id] ?? {};
    if (action.kind === "stop") return stop(instances);
    if (action.kind === "start" || after === undefined) return { effects: [], isDone: true };
    if (action.kind === "restart" || this.#isMixed(action, after, instances))
      return this.#restart({ before, after }, fleet, instances, effects);
    const own = (one: Instance) => fleet.definitionOf?.(one) ?? after;
    return scale(after, this.#begin(after, instances, nowMs), instances, action.victims, own);
  }

  // A plan that was cut short may have left instances of several versions: then a scaling has to replace the old ones as well.
  #isMixed({ id, victims }: PlanAction, spec: RunSpec, instances: readonly Instance[]): boolean {
    if (this.#restarts.has(id)) return true;
    if (victims !== undefined || instancesOf(spec) === 0) return false;
    return instances.some((one) => one.goal === "Running" && !isUpToDate(one, spec));
  }

  #restart(
    { before, after: spec }: { readonly before: RunSpec | undefined; readonly after: RunSpec },
    fleet: Fleet,
    instances: readonly Instance[],
    effects: DeploymentEffect[],
  ): ActionResult {
    const own: DefinitionOf = (one) => fleet.definitionOf?.(one) ?? before ?? spec;
    let run = this.#restarts.get(spec.id);
    if (run === undefined) {
      this.#restarts.set(spec.id, (run = beginRun(spec, own, instances, before && instancesOf(before))));
      effects.push({ type: "clear-delay", spec: spec.id });
    }
    return restart(spec, own, run, instances, () => fleet.isHindered?.(spec) === true);
  }

  #begin(spec: RunSpec, instances: readonly Instance[], nowMs: number): ScaleBegin {
    const known = this.deployment.begun[spec.id];
    if (known !== undefined) return known;
    const begin = beginScale(spec, instances, nowMs);
    this.#begun.set(spec.id, begin);
    return begin;
  }

  #keepBegun(): void {
    if (this.#begun.size === 0) return;
    this.deployment = {
      ...this.deployment,
      begun: { ...this.deployment.begun, ...Object.fromEntries(this.#begun) },
    };
    this.#begun.clear();
  }

  #goOn(): void {
    this.#finished.clear();
    this.#restarts.clear();
    this.#begun.clear();
    this.#isTold = false;
    this.deployment = { ...this.deployment, step: this.deployment.step + 1, begun: {} };
  }

  #tell(news: News, effects: DeploymentEffect[]): void {
    effects.push({ type: "told", news, deployment: this.deployment });
  }
}
