import type { DeploymentResult } from "@meseta/api/marathon/deployment.ts";
import type { RunSpec, Tree } from "@meseta/api/marathon/group.ts";
import { createRandom } from "@meseta/lib/core/random.ts";
import { type Change, editTree } from "../definition/edit.ts";
import { isPod } from "../definition/spec.ts";
import { nextVersion } from "../definition/version.ts";
import { forecast } from "../forecast.ts";
import type { Answer, Notice } from "../out.ts";
import { placementOf } from "../placement.ts";
import { stepsOnWire } from "../plan/wire.ts";
import { planOf } from "../plan.ts";
import { type Deciding, refused } from "./asking.ts";
import { deploy, tooMany } from "./deploy.ts";

/** A change of what is wanted, as a call asks for it. */
export interface Wanted {
  /** The group in which it is, for the notices. */
  readonly group: string;
  readonly changes: readonly Change[];
  readonly force: boolean;
  /** Only the plan is asked for. */
  readonly dryRun?: boolean | undefined;
  readonly victims?: Readonly<Record<string, readonly string[]>> | undefined;
  readonly deadlineMs?: "never" | undefined;
  /** What is still to be done with the tree when it is found to be right. */
  readonly finish?: (tree: Tree) => Tree;
  /** What is told when it is done, of the tree as it then is. */
  readonly announce?: (tree: Tree) => readonly Notice[];
}

/**
 * Changes the tree and deploys it; what then is answered says `answer`. Refused, by the first of: too many deployments run (403), what is asked for (409,
 * 422), a deployment in the way (409). A dry run answers with the steps, and, given offers, with where each instance would land; it is refused only for what is asked for.
 */
export function change(
  asking: Deciding,
  wanted: Wanted,
  answer: (tree: Tree, done: DeploymentResult) => Answer = (_tree, done) => deployed(200, done),
): Answer {
  const { state, nowMs, out } = asking;
  const { force, dryRun, victims, deadlineMs, group } = wanted;
  const { config } = state;
  if (!force && !dryRun && state.deployments.count >= config.mostDeployments)
    return failed(asking, wanted, tooMany(config.mostDeployments));
  const version = nextVersion(nowMs, state.tree.version);
  const edit = { settings: config.definitions, version, isForced: force };
  const edited = editTree(state.tree, wanted.changes, edit);
  if ("refusal" in edited) return failed(asking, wanted, refused(edited.refusal));
  const tree = wanted.finish?.(edited.value) ?? edited.value;
  if (dryRun) return planned(asking, tree, victims);
  const options = { force, victims, deadlineMs, group, announce: wanted.announce?.(tree) };
  const done = deploy(state, tree, options, nowMs, out);
  return "refused" in done ? failed(asking, wanted, done.refused) : answer(tree, done);
}

/** The answer that a deployment has begun. */
export function deployed(status: 200 | 201, done: DeploymentResult, location?: string): Answer {
  return { status, headers: { ...deploymentHeader(done), ...(location && { Location: location }) }, body: done };
}

/** The change that makes this the definition of its app or pod. */
export function putOf(spec: RunSpec): Change {
  return isPod(spec) ? { put: "pod", draft: spec } : { put: "app", draft: spec };
}

export function deploymentHeader({ deploymentId }: DeploymentResult): Readonly<Record<string, string>> {
  return { "Marathon-Deployment-Id": deploymentId };
}

/** The answer to a change that is not made, told to all. */
export function failed(
  { state, nowMs, out }: Deciding,
  { group, dryRun }: Pick<Wanted, "group" | "dryRun">,
  answer: Answer,
): Answer {
  if (dryRun) return answer;
  const version = nextVersion(nowMs, state.tree.version);
  const { message: reason } = answer.body as { readonly message: string };
  out.publish({ eventType: "group_change_failed", groupId: group, version, reason }, nowMs);
  return answer;
}

function planned({ state, offers, nowMs }: Deciding, after: Tree, victims: Wanted["victims"]): Answer {
  const plan = planOf(state.tree, after, { id: "", version: after.version }, victims);
  const steps = stepsOnWire(plan);
  if (offers === undefined) return { status: 200, body: { steps } };
  const present = (id: string) => state.services.get(id)?.instances.values() ?? [];
  // A random order of its own: what is only asked for must not change what is decided later.
  const settings = { definitions: state.config.definitions, placement: placementOf(state) };
  const placement = forecast(plan, offers, present, settings, createRandom(0), nowMs);
  return { status: 200, body: { steps, placement } };
}
