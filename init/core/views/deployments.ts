import { isPod } from "../definition/spec.ts";
import type { Deployment } from "../deployment.ts";
import { readinessResultsOf } from "../health/readiness.ts";
import { deploymentOnWire } from "../plan/wire.ts";
import type { Reading } from "../query.ts";
import { Pieces } from "./reading.ts";
import type { Seen } from "./seen.ts";

/** GET /v2/deployments. */
export function readDeployments(state: Seen): Reading {
  const pieces = new Pieces().add("[");
  pieces.list(state.deployments.all, (deployment) => pieces.add(textOf(deployment, state)));
  return pieces.add("]").reading();
}

const TEXTS = new WeakMap<Deployment, string>();

// Only what readiness checks say changes while the deployment does not.
function textOf(deployment: Deployment, state: Seen): string {
  const { plan, step } = deployment;
  const kept = TEXTS.get(deployment);
  if (kept !== undefined) return kept;
  let isFixed = true;
  const text = JSON.stringify(
    deploymentOnWire(plan, step, (id) => {
      const app = plan.changes[id]?.after;
      if (app === undefined || isPod(app) || app.readinessChecks.length === 0) return [];
      isFixed = false;
      return readinessResultsOf(state, app);
    }),
  );
  if (isFixed) TEXTS.set(deployment, text);
  return text;
}
