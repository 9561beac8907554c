import type { App } from "@meseta/api/marathon/app.ts";
import type { ReadinessCheckResult } from "@meseta/api/marathon/task.ts";
import type { Result } from "@meseta/api/mesos/generated/probe.ts";
import { changeInstance } from "../fleet/change.ts";
import { serviceOf } from "../fleet/lookup.ts";
import type { Instance } from "../instance/instance.ts";
import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";
import { healthOf, putHealth, type Readiness } from "./instance-health.ts";

/** A readiness check of an instance was answered. Who was ready once is ready. */
export function receiveReadiness(
  state: InitState,
  app: App,
  instance: Instance,
  { succeeded, response }: Result,
  nowMs: number,
  out: InitOut,
): void {
  const [check] = app.readinessChecks;
  const health = healthOf(state, instance);
  if (check === undefined || health.readiness?.isReady === true) return;
  const readiness: Readiness = {
    isReady: succeeded,
    ...(check.preserveLastResponse && { lastResponse: answerOf(response) }),
  };
  putHealth(state, instance, { ...health, readiness });
  if (succeeded && instance.isReady !== true) changeInstance(state, instance.id, { type: "ready" }, nowMs, out);
}

/** What the readiness checks of an app's instances with its present configuration say, as the API shows it; those that were not answered yet are left out. */
export function readinessResultsOf(
  state: Pick<InitState, "services" | "health">,
  app: App,
): readonly ReadinessCheckResult[] {
  const [check] = app.readinessChecks;
  if (check === undefined) return [];
  return [...(serviceOf(state, app.id)?.instances.values() ?? [])].flatMap((instance) => {
    const [taskId] = Object.keys(instance.tasks);
    const { readiness } = healthOf(state, instance);
    const isOf = instance.configVersion === app.versionInfo.lastConfigChangeAt;
    if (!isOf || taskId === undefined || (readiness === undefined && instance.isReady !== true)) return [];
    const { lastResponse } = readiness ?? {};
    const ready = readiness?.isReady === true || instance.isReady === true;
    return [{ name: check.name, taskId, ready, ...(lastResponse && { lastResponse }) }];
  });
}

function answerOf(response: Result["response"]): Readiness["lastResponse"] {
  if (response === undefined) return undefined;
  return { status: response.status, contentType: response.content_type ?? "", body: response.body ?? "" };
}
