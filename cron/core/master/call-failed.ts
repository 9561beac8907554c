import type { OfferOperation, TaskInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { CallAccept } from "@meseta/api/mesos/generated/scheduler.ts";
import type { CronEvent } from "../event.ts";
import { declineLater } from "../offers/demand.ts";
import type { CronOut } from "../out.ts";
import { changeRun } from "../runs/change.ts";
import type { CronState } from "../state.ts";
import { askReconciliation } from "../wakes.ts";

type CallFailed = Extract<CronEvent, { type: "call-failed" }>;

/**
 * A call came to nothing while there was a connection. What was refused was not launched. Of what got no answer nobody knows, so the master is asked. Offers are given back again, kills are asked for again in
 * any case, and who is not suppressed is only offered more than it needs.
 */
export function callFailed(state: CronState, { call, refusal }: CallFailed, nowMs: number, out: CronOut): void {
  if (call.type === "REVIVE") {
    state.master.isSuppressed = true;
    state.offers.reviveLater(nowMs);
  }
  if (call.type === "DECLINE" && refusal === undefined) declineLater(state, call.decline?.offer_ids ?? [], nowMs);
  if (call.type !== "ACCEPT" || call.accept === undefined) return;
  // The master may still hold them for us; those that it has used are passed over.
  out.send({ type: "DECLINE", decline: { offer_ids: call.accept.offer_ids ?? [], filters: { refuse_seconds: 0 } } });
  if (refusal === undefined) return askReconciliation(state, nowMs + state.config.reconciliationDelayMs, out);
  dropLaunches(state, call.accept, refusal, nowMs, out);
}

// One task may be what the master refuses all for: for a while each has a call of its own, and who is refused alone has failed.
function dropLaunches(state: CronState, accept: CallAccept, refusal: string, nowMs: number, out: CronOut): void {
  const tasks = (accept.operations ?? []).flatMap(tasksOf);
  state.offers.oneByOneUntilMs = nowMs + ONE_BY_ONE_MS;
  const message = `The master refused the launch: ${refusal}`;
  const ended = tasks.length > 1 ? ("TASK_DROPPED" as const) : ("TASK_ERROR" as const);
  for (const { task_id } of tasks) {
    const ref = state.tasks.get(task_id.value);
    const status = { type: "status", taskId: task_id.value, state: ended, message } as const;
    if (ref !== undefined) changeRun(state, ref, status, nowMs, out);
  }
}

const ONE_BY_ONE_MS = 60_000;

function tasksOf({ launch }: OfferOperation): TaskInfo[] {
  return launch?.task_infos ?? [];
}
