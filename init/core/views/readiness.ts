import type { App } from "@meseta/api/marathon/app.ts";
import type { ReadinessCheckResult } from "@meseta/api/marathon/task.ts";
import type { Service } from "../state.ts";
import { taskOf } from "./task.ts";

/** What the readiness check said of each running task of the app; nothing of those that were not asked yet. */
export function readinessOf(app: App, service: Service | undefined): ReadinessCheckResult[] {
  const [check] = app.readinessChecks;
  if (check === undefined || service === undefined) return [];
  const asked = [...service.instances.values()].filter(
    ({ condition, isReady, readiness }) => condition === "Running" && (isReady !== undefined || readiness),
  );
  return asked.map((instance) => ({
    name: check.name,
    taskId: taskOf(instance).taskId,
    ready: instance.isReady === true,
    ...(instance.readiness && { lastResponse: instance.readiness }),
  }));
}
