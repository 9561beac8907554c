import type { OfferOperation, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { CallAccept } from "@meseta/api/mesos/generated/scheduler.ts";
import { parseTaskId } from "../definition/instance-id.ts";
import type { InitEvent } from "../event.ts";
import { changeInstance } from "../fleet/change.ts";
import { reviveLater } from "../offers/demand.ts";
import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";
import { askClock, askReconciliation } from "../wakes.ts";

type CallFailed = Extract<InitEvent, { type: "call-failed" }>;

/**
 * A call came to nothing while there was a connection. What was refused was not launched, and goes at once. Of what got no answer nobody knows, so
 * the master is asked. Kills are asked for again in any case, and who is not suppressed is only offered more than it needs.
 */
export function callFailed(state: InitState, { call, refusal }: CallFailed, nowMs: number, out: InitOut): void {
  if (call.type === "REVIVE") askClock(state, reviveLater(state, call.revive?.roles ?? [], nowMs), out);
  if (call.type !== "ACCEPT" || call.accept === undefined) return;
  // The master may still hold them for us; those that it has used are passed over.
  out.send({ type: "DECLINE", decline: { offer_ids: call.accept.offer_ids ?? [], filters: { refuse_seconds: 0 } } });
  if (refusal === undefined) return askReconciliation(state, nowMs + state.config.reconciliationDelayMs, out);
  dropLaunches(state, call.accept, refusal, nowMs, out);
}

// One service may be what the master refuses all for: for a while each has a call of its own.
function dropLaunches(state: InitState, accept: CallAccept, refusal: string, nowMs: number, out: InitOut): void {
  state.demand.oneByOneUntilMs = nowMs + ONE_BY_ONE_MS;
  for (const { task_id, agent_id } of (accept.operations ?? []).flatMap(tasksOf)) {
    const message = `The master refused the launch: ${refusal}`;
    const status = { task_id, agent_id, state: "TASK_DROPPED" as const, message, timestamp: nowMs / 1000 };
    changeInstance(state, parseTaskId(task_id.value)?.instanceId ?? "", { type: "status", status }, nowMs, out);
  }
}

const ONE_BY_ONE_MS = 60_000;

function tasksOf({ launch, launch_group }: OfferOperation): readonly TaskInfo[] {
  return launch?.task_infos ?? launch_group?.task_group.tasks ?? [];
}
