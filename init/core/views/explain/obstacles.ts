import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { counted, joined, spanText } from "@meseta/lib/core/words.ts";
import { mostAlive } from "../../capacity.ts";
import { instancesOf, isPod, isResident, upgradeStrategyOf } from "../../definition/spec.ts";
import { formatTimestamp } from "../../definition/version.ts";
import type { Deployment } from "../../deployment.ts";
import { isLeaving } from "../../fleet/departures.ts";
import { failureCausesOf } from "../../health/results.ts";
import { launchableAtMs } from "../../instance/backoff.ts";
import type { Instance } from "../../instance/instance.ts";
import { delayOf } from "../../offers/seekers.ts";
import { affectedBy } from "../../plan.ts";
import type { Seen } from "../seen.ts";
import type { Standing } from "./standing.ts";

/** The deployments that act on it, and where each is. */
export function deploymentSentences(id: string, { deployments }: Seen): string[] {
  return deployments.all.filter(({ plan }) => affectedBy(plan).includes(id)).map((one) => deploymentSentence(id, one));
}

/** How long the next launch waits after failures, in ms; 0 when it does not. */
export function delayLeftMs({ id }: RunSpec, state: Seen, nowMs: number): number {
  return Math.max(0, launchableAtMs(delayOf(state, id)) - nowMs);
}

export function delaySentences(spec: RunSpec, state: Seen, nowMs: number): string[] {
  const leftMs = delayLeftMs(spec, state, nowMs);
  if (leftMs === 0) return [];
  return [
    `Launches have failed, so the next one waits ${spanText(leftMs)} more; DELETE /v2/queue${spec.id}/delay lets it go on at once.`,
  ];
}

/** When those that are ending leave no room for another one. */
export function roomSentence(spec: RunSpec, { services }: Seen): string {
  const most = mostAlive(instancesOf(spec), upgradeStrategyOf(spec), isResident(spec));
  const { alive = 0, dying = 0 } = services.get(spec.id)?.instances ?? {};
  const who = `${counted(dying, "instance")} that ${dying === 1 ? "is" : "are"} ending ${dying === 1 ? "is" : "are"} gone`;
  return `The next launch waits until ${who}: ${alive} live, and ${most} may by its upgradeStrategy.`;
}

export function failureSentences({ id }: RunSpec, { services }: Seen): string[] {
  const failure = services.get(id)?.lastFailure;
  if (failure === undefined) return [];
  const { state, message, host, timestamp } = failure;
  const words = message === "" ? "" : `: ${message.replace(/\.$/, "")}`;
  return [`The last failure was ${state} on ${host || "no host"} at ${timestamp}${words}.`];
}

export function masterSentences({ master }: Seen): string[] {
  if (master.isConnected) return [];
  return ["There is no connection to a master, so nothing can be launched; it is tried again without end."];
}

/** What those do that are neither well nor queued. */
export function conditionSentences(
  { unwell, unreachable, starting }: Standing,
  { health }: Seen,
  nowMs: number,
): string[] {
  const longest = (since: readonly (number | undefined)[]) =>
    spanText(nowMs - Math.min(...since.map((ms) => ms ?? nowMs)));
  const hosts = joined([...new Set(unreachable.map(({ host }) => host?.hostname ?? "?"))].slice(0, MOST_HOSTS));
  const failing = unwell.filter(({ isHealthy }) => isHealthy === false);
  const silent = unwell.length - failing.length;
  return [
    ...(failing.length > 0 ? [failingSentence(failing, health)] : []),
    ...(silent > 0 ? [`The health checks of ${counted(silent, "instance")} have not said anything yet.`] : []),
    ...(starting.length > 0
      ? [`The longest start has taken ${longest(starting.map((one) => one.stagedAtMs))} so far.`]
      : []),
    ...(unreachable.length > 0
      ? [
          `${hosts} cannot be reached, the longest since ${longest(unreachable.map((one) => one.unreachableSinceMs))} ago.`,
        ]
      : []),
  ];
}

function failingSentence(failing: readonly Instance[], health: Seen["health"]): string {
  const causes = failing.flatMap((instance) => failureCausesOf(health.get(instance.id), instance));
  const last = causes.length === 0 ? "" : `: ${causes[0]}`;
  return `The health checks of ${counted(failing.length, "instance")} fail${last}.`;
}

/** Which agents it moves away from, because their maintenance is near. */
export function departureSentences({ id }: RunSpec, state: Seen, nowMs: number): string[] {
  if (state.departures.agents.size === 0) return [];
  const instances = [...(state.services.get(id)?.instances.values() ?? [])];
  const leaving = instances.filter(
    (one) => one.goal === "Running" && one.kept === undefined && isLeaving(state, one, nowMs),
  );
  if (leaving.length === 0) return [];
  const hosts = joined([...new Set(leaving.map(({ host }) => host!.hostname))].slice(0, MOST_HOSTS));
  const [move, others] = leaving.length === 1 ? ["moves", "another one starts"] : ["move", "others start"];
  return [
    `${counted(leaving.length, "instance")} ${move} away from ${hosts}, where a maintenance is near: ${others} elsewhere first, as far as its upgradeStrategy asks for it.`,
  ];
}

/** While it is deployed: which of its new instances the deployment waits for, and what they would have to answer. */
export function readinessSentences(spec: RunSpec, { well, unwell }: Standing, { deployments }: Seen): string[] {
  const check = isPod(spec) ? undefined : spec.readinessChecks[0];
  if (check === undefined || !deployments.all.some(({ plan }) => affectedBy(plan).includes(spec.id))) return [];
  const waiting = [...well, ...unwell].filter(
    ({ configVersion, isReady }) => configVersion === spec.versionInfo.lastConfigChangeAt && isReady !== true,
  ).length;
  if (waiting === 0) return [];
  const codes = joined(check.httpStatusCodesForReady.map(String)).replace(" and ", " or ");
  const who = `${counted(waiting, "new instance")} ${waiting === 1 ? "does" : "do"} not say to be ready`;
  return [`${who}: ${check.path} of port ${check.portName} must answer ${codes}.`];
}

/** When no agent has refused it: whether it has been looked at at all. */
export function noOfferSentence({ role }: RunSpec, sinceMs: number): string {
  return `No offer for role ${role} has come since it was queued at ${formatTimestamp(sinceMs)}: the cluster has no agents, or nothing free for this role.`;
}

const MOST_HOSTS = 5;

function deploymentSentence(id: string, { plan, step }: Deployment): string {
  const own = plan.steps.findIndex(({ actions }, i) => i >= step && actions.some((action) => action.id === id));
  const at = `Deployment ${plan.id} is at step ${step + 1} of ${plan.steps.length}`;
  if (own < 0) return `${at} and is done with it.`;
  if (own === step) return `${at}, which acts on it.`;
  const others = plan.steps[step]!.actions.map((action) => action.id);
  const shown = joined([...others.slice(0, MOST_HOSTS), ...(others.length > MOST_HOSTS ? ["others"] : [])]);
  return `${at}, which is for ${shown}; its own turn is step ${own + 1}.`;
}
