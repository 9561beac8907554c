import type { CheckResult, HealthCheckResult } from "@meseta/api/marathon/task.ts";
import { formatTimestamp } from "../definition/version.ts";
import type { Instance } from "../instance/instance.ts";
import { healthIn, type InstanceHealth } from "./instance-health.ts";
import { type HealthRecord, isAlive } from "./record.ts";

/**
 * What the health checks of an instance said, as the API shows it, in the order of the definition; undefined before the first result. `known`: what
 * the state knows of its health.
 */
export function healthResultsOf(
  known: InstanceHealth | undefined,
  instance: Instance,
): readonly HealthCheckResult[] | undefined {
  const records = Object.values(healthIn(known, instance).checks);
  return records.length === 0 ? undefined : records.map((record) => resultOf(record, instance.id));
}

/** What those checks of an instance saw last that fail, as far as they said it. */
export function failureCausesOf(known: InstanceHealth | undefined, instance: Instance): string[] {
  const failing = Object.values(healthIn(known, instance).checks).filter((record) => !isAlive(record));
  return failing.flatMap(({ lastFailureCause }) => lastFailureCause ?? []);
}

/** What the check that only reports has seen of the instance's task; undefined when there is none, or it has seen nothing. */
export function checkResultOf({ tasks }: Instance): CheckResult | undefined {
  const seen = Object.values(tasks)[0]?.status?.check_status;
  if (seen?.http?.status_code !== undefined) return { http: { statusCode: seen.http.status_code } };
  if (seen?.tcp?.succeeded !== undefined) return { tcp: { succeeded: seen.tcp.succeeded } };
  if (seen?.command?.exit_code !== undefined) return { command: { exitCode: seen.command.exit_code } };
  return undefined;
}

function resultOf(record: HealthRecord, instanceId: string): HealthCheckResult {
  const { firstSuccessMs, lastSuccessMs, lastFailureMs, lastFailureCause, consecutiveFailures } = record;
  return {
    alive: isAlive(record),
    consecutiveFailures,
    firstSuccess: at(firstSuccessMs),
    lastSuccess: at(lastSuccessMs),
    lastFailure: at(lastFailureMs),
    lastFailureCause: lastFailureCause ?? null,
    instanceId,
  };
}

function at(ms: number | undefined): string | null {
  return ms === undefined ? null : formatTimestamp(ms);
}
