import type { Call } from "../call.ts";
import { carryOutDeployment } from "../fleet/carry-out.ts";
import type { Answer } from "../out.ts";
import { type Asking, notFound } from "./asking.ts";
import { change } from "./change.ts";
import { undoing } from "./undo.ts";

/** DELETE /v2/deployments/{id}: 200 with the deployment that undoes it; forced, 202, and what it has done stays. */
export function cancelDeployment(
  asking: Asking,
  { id, force, dryRun }: Extract<Call, { kind: "cancel-deployment" }>,
): Answer {
  const { state, nowMs, out } = asking;
  const running = state.deployments.all.find(({ plan }) => plan.id === id);
  if (running === undefined) return notFound(`DeploymentPlan ${id} does not exist`);
  if (!force) return change(asking, { ...undoing(state.tree, running.plan), dryRun });
  if (!dryRun) carryOutDeployment(state, state.deployments.cancel(id, "cancelled"), nowMs, out);
  return { status: 202 };
}
