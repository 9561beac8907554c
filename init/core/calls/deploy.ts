import type { DeploymentResult } from "@meseta/api/marathon/deployment.ts";
import type { RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import { upgradeStrategyOf } from "../definition/spec.ts";
import type { Started } from "../deployment.ts";
import { carryOutDeployment } from "../fleet/carry-out.ts";
import { replaceTree } from "../fleet/wanted.ts";
import type { Answer, InitOut, Notice } from "../out.ts";
import { type Plan, planOf } from "../plan.ts";
import type { InitState } from "../state.ts";

export interface DeployOptions {
  /** Running deployments that are in the way are cancelled. */
  readonly force: boolean;
  /** Instances to kill while scaling, by service. */
  readonly victims?: Readonly<Record<string, readonly string[]>> | undefined;
  /** When it is given up and undone, in ms since 1970; unless said, what the changed definitions say. */
  readonly deadlineMs?: number | "never" | undefined;
  readonly id?: string | undefined;
  /** The group in which the change is; the root unless said. */
  readonly group?: string | undefined;
  /** Told first when it begins: of what led to it. */
  readonly announce?: readonly Notice[] | undefined;
}

export type Deployed = DeploymentResult | { readonly refused: Answer };

/**
 * Makes `next` what is wanted and starts the deployment from what was: its id and version; or the answer why not, and then nothing has changed: 409 with
 * those that are in the way, 403 when too many run.
 */
export function deploy(state: InitState, next: Tree, options: DeployOptions, nowMs: number, out: InitOut): Deployed {
  const { version } = next;
  const id = options.id ?? state.random.uuid();
  const plan = planOf(state.tree, next, { id, version }, options.victims);
  const deadlineMs = options.deadlineMs === "never" ? undefined : (options.deadlineMs ?? deadlineOf(plan, nowMs));
  const started = state.deployments.start(plan, { force: options.force, deadlineMs }, nowMs);
  if (started.outcome !== "started") return { refused: answerTo(started, state.config.mostDeployments) };
  for (const notice of options.announce ?? []) out.publish(notice, nowMs);
  replaceTree(state, next, nowMs, out);
  out.publish({ eventType: "group_change_success", groupId: options.group ?? "/", version }, nowMs);
  carryOutDeployment(state, started.effects, nowMs, out);
  return { version, deploymentId: id };
}

/** The answer to a change while as many deployments run as may. */
export function tooMany(most: number): Answer {
  const message = `Max number (${most}) of running deployments is achieved. Wait for existing deployments to complete or cancel one using force=true parameter.`;
  return { status: 403, body: { message } };
}

function answerTo(started: Exclude<Started, { outcome: "started" }>, most: number): Answer {
  if (started.outcome === "too-many") return tooMany(most);
  return { status: 409, body: { message: LOCKED, deployments: started.by.map((id) => ({ id })) } };
}

const LOCKED =
  "App is locked by one or more deployments. Override with the option '?force=true'. View details at '/v2/deployments/<DEPLOYMENT_ID>'.";

/** The first of the times that the definitions allow which it brings. */
function deadlineOf({ changes }: Plan, nowMs: number): number | undefined {
  const seconds = Object.values(changes).flatMap(({ after }) => (after === undefined ? [] : (allowed(after) ?? [])));
  return seconds.length === 0 ? undefined : nowMs + seconds.reduce((a, b) => Math.min(a, b)) * 1000;
}

function allowed(spec: RunSpec): number | undefined {
  return upgradeStrategyOf(spec).deadlineSeconds;
}
