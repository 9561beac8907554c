import type { Call } from "@meseta/api/mesos/generated/master.ts";
import type { MasterEvent } from "../event.ts";
import type { Answer, MasterOut } from "../out.ts";
import type { MasterState } from "../state.ts";
import { deactivateAgent, drainAgent, reactivateAgent } from "./drain.ts";
import { markAgentGone } from "./gone.ts";
import { startMaintenance, stopMaintenance, updateSchedule } from "./maintenance.ts";
import { removeQuota, setQuota, updateQuota } from "./quota.ts";
import { reserve, unreserve } from "./reservations.ts";
import { teardown } from "./teardown.ts";
import { createVolumes, destroyVolumes, growVolume, shrinkVolume } from "./volumes.ts";
import { updateWeights } from "./weights.ts";

/**
 * An operator's call that changes something, answered at once: 200 or 202 when it is done, else a 4xx with a sentence, and nothing has
 * changed. The call was validated (`validateMasterCall`) and has the part that its type needs.
 */
export function applyOperatorCall(
  state: MasterState,
  event: Extract<MasterEvent, { type: "operator-call" }>,
  nowMs: number,
  out: MasterOut,
): void {
  const asker: Asker = { principal: event.principal, nowMs };
  const answer = decide(state, event.call, asker, out);
  const fields = { call: event.call.type, ...(event.principal === undefined ? {} : { principal: event.principal }) };
  if (answer.status < 300) out.log("info", "An operator's call is done", fields);
  else out.log("info", "An operator's call is refused", { ...fields, status: answer.status, why: answer.text });
  out.answer(event.request, answer);
}

/** Who calls, and when. */
export interface Asker {
  readonly principal: string | undefined;
  readonly nowMs: number;
}

function decide(state: MasterState, call: Call, asker: Asker, out: MasterOut): Answer {
  switch (call.type) {
    case "UPDATE_WEIGHTS":
      return updateWeights(state, call.update_weights!, out);
    case "UPDATE_QUOTA":
      return updateQuota(state, call.update_quota!, out);
    case "SET_QUOTA":
      return setQuota(state, call.set_quota!.quota_request, out);
    case "REMOVE_QUOTA":
      return removeQuota(state, call.remove_quota!.role, out);
    case "UPDATE_MAINTENANCE_SCHEDULE":
      return updateSchedule(state, call.update_maintenance_schedule!.schedule, out);
    case "START_MAINTENANCE":
      return startMaintenance(state, call.start_maintenance!.machines ?? [], asker.nowMs, out);
    case "STOP_MAINTENANCE":
      return stopMaintenance(state, call.stop_maintenance!.machines ?? [], out);
    case "DRAIN_AGENT":
      return drainAgent(state, call.drain_agent!, asker.nowMs, out);
    case "DEACTIVATE_AGENT":
      return deactivateAgent(state, call.deactivate_agent!.agent_id.value, out);
    case "REACTIVATE_AGENT":
      return reactivateAgent(state, call.reactivate_agent!.agent_id.value, out);
    case "MARK_AGENT_GONE":
      return markAgentGone(state, call.mark_agent_gone!.agent_id.value, asker.nowMs, out);
    case "TEARDOWN":
      return teardown(state, call.teardown!.framework_id.value, asker.nowMs, out);
    case "RESERVE_RESOURCES":
      return reserve(state, call.reserve_resources!, asker, out);
    case "UNRESERVE_RESOURCES":
      return unreserve(state, call.unreserve_resources!, asker, out);
    case "CREATE_VOLUMES":
      return createVolumes(state, call.create_volumes!, asker, out);
    case "DESTROY_VOLUMES":
      return destroyVolumes(state, call.destroy_volumes!, asker, out);
    case "GROW_VOLUME":
      return growVolume(state, call.grow_volume!, asker, out);
    case "SHRINK_VOLUME":
      return shrinkVolume(state, call.shrink_volume!, asker, out);
    default:
      return { status: 501, text: "501 Not Implemented." };
  }
}
