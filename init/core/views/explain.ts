import type { RunSpec } from "@meseta/api/marathon/group.ts";
import { counted, joined } from "@meseta/lib/core/words.ts";
import { roomOf } from "../offers/seekers.ts";
import { placementOf } from "../placement.ts";
import type { Reading } from "../query.ts";
import { specAt } from "../spec.ts";
import type { QueryFor } from "./apps.ts";
import * as obstacles from "./explain/obstacles.ts";
import { oldOnesSentences } from "./explain/old-ones.ts";
import { type Case, caseOf, type Refusal, refusalsOf } from "./explain/refusals.ts";
import { remedyOf } from "./explain/remedy.ts";
import { type Standing, standingOf, standingSentence } from "./explain/standing.ts";
import { notFound, shown } from "./reading.ts";
import type { Seen } from "./seen.ts";

/** Why an app or pod does not (all) run. `sentences` begin with how many do, and end with what would help. A Meseta addition. */
export interface Explanation {
  readonly id: string;
  readonly state: ExplainedState;
  readonly sentences: readonly string[];
  readonly reasons: readonly Refusal[];
}

type ExplainedState =
  | "running"
  | "suspended"
  | "deploying"
  | "disconnected"
  | "delayed"
  | "waiting"
  | "refused"
  | "starting"
  | "unhealthy"
  | "unreachable";

export function explain({ id }: QueryFor<"explain">, state: Seen, nowMs: number): Reading {
  const spec = specAt(state.tree, id);
  return spec === undefined ? notFound(`App '${id}' does not exist`) : shown(explanationOf(spec, state, nowMs));
}

function explanationOf(spec: RunSpec, state: Seen, nowMs: number): Explanation {
  const standing = standingOf(spec, state.services.get(spec.id)?.instances.values() ?? []);
  const found = caseOf(spec, state);
  const reasons = found === undefined ? [] : refusalsOf(found);
  const isFailing = state.queue.entryOf(spec.id) !== undefined || standing.unwell.length > 0;
  return {
    id: spec.id,
    state: stateOf(spec, standing, reasons, state, nowMs),
    sentences: [
      standingSentence(standing),
      ...obstacles.deploymentSentences(spec.id, state),
      ...(standing.queued.length > 0 ? obstacles.masterSentences(state) : []),
      ...obstacles.conditionSentences(standing, state, nowMs),
      ...obstacles.departureSentences(spec, state, nowMs),
      ...obstacles.readinessSentences(spec, standing, state),
      ...(isFailing ? obstacles.failureSentences(spec, state) : []),
      ...(found === undefined ? [] : queueSentences(spec, found, reasons, state, nowMs)),
    ],
    reasons,
  };
}

// While the delay lasts no offer is looked at: what they said before is old.
function queueSentences(spec: RunSpec, found: Case, reasons: readonly Refusal[], state: Seen, nowMs: number): string[] {
  const delayed = obstacles.delaySentences(spec, state, nowMs);
  if (delayed.length > 0) return delayed;
  if (roomOf(state, spec.id) === 0) return [obstacles.roomSentence(spec, state)];
  const { processed, lastByAgent } = found.entry.counters;
  if (processed === 0) return state.master.isConnected ? [obstacles.noOfferSentence(spec, found.entry.sinceMs)] : [];
  if (reasons.length === 0) return [];
  const told = joined(reasons.map(({ agents, detail }) => `${agents} ${detail}`));
  const remedy = remedyOf(reasons, found, placementOf(state), nowMs);
  return [
    `${counted(lastByAgent.size, "agent")} looked at: ${told}.`,
    ...oldOnesSentences(spec, state, nowMs),
    ...(remedy === undefined ? [] : [remedy]),
  ];
}

function stateOf(
  spec: RunSpec,
  { wanted, well, unwell, starting, unreachable, queued, leaving }: Standing,
  reasons: readonly Refusal[],
  state: Seen,
  nowMs: number,
): ExplainedState {
  const isDeploying = obstacles.deploymentSentences(spec.id, state).length > 0;
  if (queued.length > 0) {
    if (!state.master.isConnected) return "disconnected";
    if (obstacles.delayLeftMs(spec, state, nowMs) > 0) return "delayed";
    return reasons.length > 0 ? "refused" : "waiting";
  }
  if (unwell.some(({ isHealthy }) => isHealthy === false)) return "unhealthy";
  if (starting.length + unwell.length > 0) return "starting";
  if (unreachable.length > 0) return "unreachable";
  if (isDeploying) return "deploying";
  if (wanted === 0) return leaving.length > 0 ? "waiting" : "suspended";
  return well.length >= wanted ? "running" : "waiting";
}
