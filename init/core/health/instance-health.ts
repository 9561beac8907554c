import type { App } from "@meseta/api/marathon/app.ts";
import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { isPod } from "../definition/spec.ts";
import type { Instance } from "../instance/instance.ts";
import type { InitState } from "../state.ts";
import { nativeCheckOf } from "../task/checks.ts";
import { type HealthRecord, isAlive } from "./record.ts";

/** What the checks of one launch of an instance said: a plain value, never changed in place. */
export interface InstanceHealth {
  /** Of which launch; of any other this says nothing. */
  readonly incarnation: number;
  /** For each health check of the definition, by its place there; absent while it said nothing. */
  readonly checks: Readonly<Record<number, HealthRecord>>;
  readonly readiness?: Readiness | undefined;
  /** The timestamp of the last result of each probe: one that is told again has the same. */
  readonly seen: Readonly<Record<string, number>>;
  /** It was asked to end because it is not well. */
  readonly isCondemned?: boolean | undefined;
}

export interface Readiness {
  readonly isReady: boolean;
  /** What was answered last, where the definition wants it kept. */
  readonly lastResponse?: { readonly status: number; readonly contentType: string; readonly body: string } | undefined;
}

/** What is known of this launch of the instance. */
export function healthOf(state: Pick<InitState, "health">, instance: Instance): InstanceHealth {
  return healthIn(state.health.get(instance.id), instance);
}

/** The same of what was known of the instance, whichever launch of it that was. */
export function healthIn(known: InstanceHealth | undefined, { incarnation }: Instance): InstanceHealth {
  return known?.incarnation === incarnation ? known : { incarnation, checks: {}, seen: {} };
}

/** More is known of it: whoever keeps what was made of the service's instances sees that they changed. */
export function putHealth(
  state: Pick<InitState, "health" | "services">,
  { id, spec }: Instance,
  health: InstanceHealth,
): void {
  state.health.set(id, health);
  const service = state.services.get(spec);
  if (service !== undefined) service.instances.revision++;
}

/** This launch of the instance is over, or the instance is no more. */
export function forgetHealth(state: Pick<InitState, "health">, instanceId: string): void {
  state.health.delete(instanceId);
}

/**
 * Whether the instance is well: all its checks are alive; undefined while one of them has said nothing. A check that has said nothing to this leader leaves
 * what was known before, since its results come again.
 */
export function judge(spec: RunSpec, instance: Instance, health: InstanceHealth): boolean | undefined {
  const alive = isPod(spec)
    ? spec.containers.flatMap(containerAlive(instance))
    : spec.healthChecks.map(checkAlive(spec, instance, health));
  if (alive.length === 0) return undefined;
  return alive.some((one) => one === undefined) ? instance.isHealthy : alive.every((one) => one === true);
}

function checkAlive({ healthChecks }: App, instance: Instance, { checks }: InstanceHealth) {
  const native = nativeCheckOf(healthChecks);
  return (_: unknown, i: number): boolean | undefined => {
    const record = checks[i];
    if (record !== undefined) return isAlive(record);
    return i === native ? Object.values(instance.tasks)[0]?.status?.healthy : undefined;
  };
}

// The check of a pod's container is one of Mesos: its task's status says it.
function containerAlive({ tasks, id, incarnation }: Instance) {
  return ({ name, healthCheck }: { readonly name: string; readonly healthCheck?: unknown }): (boolean | undefined)[] =>
    healthCheck === undefined ? [] : [tasks[`${id}.${name}.${incarnation}`]?.status?.healthy];
}
