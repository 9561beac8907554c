import type { Action, Deployment, Step } from "@meseta/api/marathon/deployment.ts";
import type { ReadinessCheckResult } from "@meseta/api/marathon/task.ts";
import { isPod } from "../definition/spec.ts";
import { type ActionKind, affectedBy, type Plan, type PlanAction } from "../plan.ts";

/** The steps as clients see them, also for dryRun. */
export function stepsOnWire(plan: Plan): Step[] {
  return plan.steps.map(({ actions }) => ({ actions: actions.map((action) => actionOnWire(plan, action)) }));
}

/** A running plan as GET /v2/deployments shows it. `step` is the index of the step that goes on now. */
export function deploymentOnWire(
  plan: Plan,
  step: number,
  readinessOf: (id: string) => readonly ReadinessCheckResult[] = () => [],
): Deployment {
  const affected = affectedBy(plan);
  const current = plan.steps[step]?.actions ?? [];
  return {
    id: plan.id,
    version: plan.version,
    affectedApps: affected.filter((id) => !isPodAt(plan, id)),
    affectedPods: affected.filter((id) => isPodAt(plan, id)),
    steps: stepsOnWire(plan),
    currentActions: current.map((action) => ({
      ...actionOnWire(plan, action),
      readinessCheckResults: readinessOf(action.id),
    })),
    currentStep: Math.min(step + 1, plan.steps.length),
    totalSteps: plan.steps.length,
  };
}

export function actionOnWire(plan: Plan, { kind, id }: PlanAction): Action {
  return isPodAt(plan, id) ? { action: POD_ACTIONS[kind], pod: id } : { action: APP_ACTIONS[kind], app: id };
}

const APP_ACTIONS = {
  start: "StartApplication",
  scale: "ScaleApplication",
  restart: "RestartApplication",
  stop: "StopApplication",
} as const satisfies Record<ActionKind, string>;

const POD_ACTIONS = {
  start: "StartPod",
  scale: "ScalePod",
  restart: "RestartPod",
  stop: "StopPod",
} as const satisfies Record<ActionKind, string>;

function isPodAt({ changes }: Plan, id: string): boolean {
  const change = changes[id];
  const spec = change?.after ?? change?.before;
  return spec !== undefined && isPod(spec);
}
