import { Pieces } from "@meseta/lib/core/pieces.ts";
import { isPod } from "../definition/spec.ts";
import type { Deployment } from "../deployment.ts";
import { readinessResultsOf } from "../health/readiness.ts";
import { deploymentOnWire } from "../plan/wire.ts";
import type { Plan } from "../plan.ts";
import type { Reading } from "../query.ts";
import type { Seen } from "./seen.ts";

/** GET /v2/deployments. */
export function readDeployments(state: Seen): Reading {
  const pieces = new Pieces().add("[");
  pieces.list(state.deployments.all, (deployment) => pieces.add(textOf(deployment, state)));
  return pieces.add("]").reading();
}

const TEXTS = new WeakMap<Plan, { readonly step: number; readonly text: string }>();

// Only what readiness checks say changes within a step.
function textOf({ plan, step }: Deployment, state: Seen): string {
  const kept = TEXTS.get(plan);
  if (kept?.step === step) return kept.text;
  let isFixed = true;
  const text = JSON.stringify(
    deploymentOnWire(plan, step, (id) => {
      const app = plan.changes[id]?.after;
      if (app === undefined || isPod(app) || app.readinessChecks.length === 0) return [];
      isFixed = false;
      return readinessResultsOf(state, app);
    }),
  );
  if (isFixed) TEXTS.set(plan, { step, text });
  return text;
}
