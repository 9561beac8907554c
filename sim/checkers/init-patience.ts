import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { instancesOf, unreachableStrategyOf } from "@meseta/init/core/definition/spec.ts";
import type { Init } from "@meseta/init/core/init.ts";
import type { Instance } from "@meseta/init/core/instance/instance.ts";
import { specsOf } from "@meseta/init/core/spec.ts";
import { Lasting } from "./lasting.ts";
import { Violation } from "./violation.ts";

/** Slow clocks, and what has to be done before. */
const most = (seconds: number): number => seconds * 1060 + 15_000;
const UNCOUNTED_MS = 20_000;

/**
 * That an init loses no time: instances that cannot be reached are inactive, and then gone, when their definition says so; a service to which nobody does anything has the number that is wanted; an upgrade
 * in which nothing is awaited goes on; and a deployment that was acknowledged goes on in the next life.
 */
export class InitPatience {
  readonly #lasting = new Lasting();
  /** Deployments that were acknowledged and have not been seen to end. */
  readonly #deployments = new Set<string>();

  /** A client was told that this deployment has begun; `core` knows it then. */
  acknowledged(deploymentId: string, core: Init | undefined): void {
    if (core?.state.deployments.has(deploymentId) === true) this.#deployments.add(deploymentId);
  }

  applied({ state }: Init): void {
    for (const id of this.#deployments) if (!state.deployments.has(id)) this.#deployments.delete(id);
  }

  /** A life begins. */
  loaded({ state }: Init): void {
    for (const id of this.#deployments)
      if (!state.deployments.has(id))
        throw new Violation(`I5: init begins without deployment ${id}, which was acknowledged`);
  }

  /** `core`: of an init that can work; undefined when it cannot. `nowMs`: the world's time. */
  look(core: Init | undefined, nowMs: number): void {
    if (core === undefined) return this.#lasting.forget();
    const { state } = core;
    for (const spec of specsOf(state.tree)) {
      const instances = [...(state.services.get(spec.id)?.instances.values() ?? [])];
      for (const one of instances) this.#lookAt(spec, one, core, nowMs);
      // Nothing is started while some that are to go still live.
      const isDying = instances.some(({ goal, tasks }) => goal !== "Running" && Object.keys(tasks).length > 0);
      const isSettled = !isDying && !state.deployments.actsOn(spec.id) && state.pending.effects.length === 0;
      const wanted = instances.filter(
        ({ goal, condition }) => goal === "Running" && condition !== "UnreachableInactive",
      );
      this.#lookAtRestart(spec, instances, isDying, core, nowMs);
      const isWrong = isSettled && wanted.length !== instancesOf(spec);
      this.#lasting.check(spec.id, isWrong ? core : undefined, nowMs, UNCOUNTED_MS, () => {
        return `${spec.id} has ${wanted.length} instances of ${instancesOf(spec)}, and nothing is done`;
      });
    }
  }

  /** Nothing is awaited: all that was begun anew is well, and nothing ends. Then the next old one is due, whatever the bounds are. */
  #lookAtRestart(spec: RunSpec, all: readonly Instance[], isDying: boolean, core: Init, nowMs: number): void {
    const { deployments, pending } = core.state;
    const isRestarted = deployments.all.some(({ plan, step }) =>
      plan.steps[step]?.actions.some(({ kind, id }) => kind === "restart" && id === spec.id),
    );
    const { lastConfigChangeAt } = spec.versionInfo;
    const fresh = all.filter(({ goal, configVersion }) => goal === "Running" && configVersion === lastConfigChangeAt);
    // The restart of another service may go on beside it.
    const isOver =
      fresh.length === instancesOf(spec) && all.every((one) => one.goal === "Stopped" || fresh.includes(one));
    const isIdle =
      isRestarted && !isOver && !isDying && pending.effects.length === 0 && fresh.every((one) => isWell(spec, one));
    this.#lasting.check(`restart of ${spec.id}`, isIdle ? core : undefined, nowMs, UNCOUNTED_MS, () => {
      return `of ${spec.id} ${fresh.length} of ${instancesOf(spec)} are new and well, and nothing is done`;
    });
  }

  #lookAt(spec: RunSpec, { id, condition, configVersion }: Instance, core: Init, nowMs: number): void {
    const isLost = condition.startsWith("Unreachable");
    if (!isLost && this.#lasting.isEmpty) return;
    const strategy = configVersion === spec.versionInfo.lastConfigChangeAt ? unreachableStrategyOf(spec) : "disabled";
    if (strategy === "disabled") return;
    const { inactiveAfterSeconds, expungeAfterSeconds } = strategy;
    const what = () => `${id} is ${condition}, which may be for ${inactiveAfterSeconds} and ${expungeAfterSeconds} s`;
    this.#lasting.check(
      `${id} is active`,
      condition === "Unreachable" ? core : undefined,
      nowMs,
      most(inactiveAfterSeconds),
      what,
    );
    this.#lasting.check(`${id} is there`, isLost ? core : undefined, nowMs, most(expungeAfterSeconds), what);
  }
}

function isWell(spec: RunSpec, { condition, isHealthy, isReady }: Instance): boolean {
  if (condition !== "Running") return false;
  if ("readinessChecks" in spec && spec.readinessChecks.length > 0 && isReady !== true) return false;
  return "healthChecks" in spec && spec.healthChecks.length > 0 ? isHealthy === true : isHealthy !== false;
}
