import type { App } from "@meseta/api/marathon/app.ts";
import type { RunSpec } from "@meseta/api/marathon/group.ts";
import type { HealthCheck } from "@meseta/api/marathon/health.ts";
import { isPod } from "../definition/spec.ts";
import type { Instance } from "../instance/instance.ts";
import type { InitOut, Notice } from "../out.ts";

/** A check failed, and that counts. `taskId` holds the instance's id, as Marathon has it. */
export function checkFailed({ id, spec }: Instance, healthCheck: HealthCheck): Notice {
  return { eventType: "failed_health_check_event", appId: spec, taskId: id, healthCheck };
}

/** One check of an instance says otherwise than before. */
export function checkTurned({ id, spec, version }: Instance, alive: boolean): Notice {
  return { eventType: "health_status_changed_event", appId: spec, instanceId: id, version, alive };
}

/** The instance as a whole is well, unwell, or nobody knows (null). */
export function instanceTurned({ id, spec, version }: Instance, isHealthy: boolean | undefined): Notice {
  return {
    eventType: "instance_health_changed_event",
    instanceId: id,
    runSpecId: spec,
    healthy: isHealthy ?? null,
    runSpecVersion: version,
  };
}

/** An instance is to end because a check of it failed too often. */
export function unhealthyKilled(instance: Instance, taskId: string, reason: string): Notice {
  const { id: instanceId, spec: appId, version, host } = instance;
  return {
    eventType: "unhealthy_instance_kill_event",
    ...{ appId, taskId, instanceId, version, reason },
    host: host?.hostname ?? "",
    slaveId: host?.agent_id.value ?? null,
  };
}

/** An app has other health checks from now on: those of before are gone, and these have come. To be called when a definition is taken, with the one before it. */
export function tellCheckChanges(
  before: RunSpec | undefined,
  after: RunSpec | undefined,
  nowMs: number,
  out: InitOut,
): void {
  const [old, fresh] = [checksOf(before), checksOf(after)];
  if (JSON.stringify(old) === JSON.stringify(fresh)) return;
  if (old.length > 0) out.publish({ eventType: "remove_health_check_event", appId: before!.id }, nowMs);
  for (const healthCheck of fresh) out.publish(checkAdded(after as App, healthCheck), nowMs);
}

function checkAdded({ id, version }: App, healthCheck: HealthCheck): Notice {
  return { eventType: "add_health_check_event", appId: id, version, healthCheck };
}

function checksOf(spec: RunSpec | undefined): readonly HealthCheck[] {
  return spec === undefined || isPod(spec) ? [] : spec.healthChecks;
}
