import type { EventMessage, Event as MasterEvent } from "@meseta/api/mesos/generated/scheduler.ts";
import { hasStored } from "../fleet/change.ts";
import { receiveProbes } from "../health/receive.ts";
import { operationDone } from "../offers/release.ts";
import { receiveOffers } from "../offers/use.ts";
import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";
import { askReconciliation } from "../wakes.ts";
import { receiveInverseOffers } from "./inverse-offers.ts";
import { subscribed } from "./subscribed.ts";
import { receiveUpdate } from "./updates.ts";

/** The master says something. */
export function hear(state: InitState, event: MasterEvent, nowMs: number, out: InitOut): void {
  switch (event.type) {
    case "SUBSCRIBED":
      return subscribed(state, event.subscribed!, nowMs, out);
    case "OFFERS":
      return receiveOffers(state, event.offers?.offers ?? [], nowMs, out);
    case "RESCIND":
      return void state.offered.delete(event.rescind!.offer_id.value);
    case "UPDATE":
      return receiveUpdate(state, event.update!.status, nowMs, out);
    case "UPDATE_OPERATION_STATUS":
      return receiveOperationStatus(state, event.update_operation_status!.status, out);
    case "PROBED":
      return receiveProbes(state, event, nowMs, out);
    case "MESSAGE":
      return out.publish(messageNotice(event.message!), nowMs);
    case "FAILURE":
      return lost(state, event.failure, nowMs, out);
    case "ERROR":
      return fail(state, event.error?.message ?? "", out);
    case "INVERSE_OFFERS":
      return receiveInverseOffers(state, event.inverse_offers?.inverse_offers ?? [], nowMs, out);
    // An agent that does not go after all is offered as others are, and asked for no more.
    case "RESCIND_INVERSE_OFFER":
    case "HEARTBEAT":
    case "UNKNOWN":
    case undefined:
      return;
  }
}

/** The stream is lost; tasks run on, and the hands subscribe again. */
export function disconnected(state: InitState, nowMs: number, out: InitOut): void {
  if (!state.master.isConnected) return;
  state.master.isConnected = false;
  state.offered.clear();
  out.publish({ eventType: "scheduler_disconnected_event" }, nowMs);
}

// What the master gives up with an agent it tells. Of a task whose launch was on its way when an earlier master ended it has never heard: it is asked for.
function lost(state: InitState, failure: MasterEvent["failure"], nowMs: number, out: InitOut): void {
  out.log("warn", "An agent or an executor is lost", { ...failure });
  if (failure?.executor_id === undefined) askReconciliation(state, nowMs + state.config.reconciliationDelayMs, out);
}

function messageNotice({ agent_id, executor_id, data }: EventMessage) {
  return {
    eventType: "framework_message_event",
    executorId: executor_id.value,
    slaveId: agent_id.value,
    message: data,
  };
}

// What others come to shows in the next offers; who sends their statuses wants to be rid of them all the same.
function receiveOperationStatus(
  state: InitState,
  {
    operation_id,
    uuid,
    agent_id,
    resource_provider_id,
    state: now,
  }: NonNullable<MasterEvent["update_operation_status"]>["status"],
  out: InitOut,
): void {
  if (operation_id !== undefined && now === "OPERATION_FINISHED") operationDone(state, operation_id.value, out);
  if (uuid === undefined || operation_id === undefined) return;
  const from = { ...(agent_id && { agent_id }), ...(resource_provider_id && { resource_provider_id }) };
  out.send({
    type: "ACKNOWLEDGE_OPERATION_STATUS",
    acknowledge_operation_status: { ...from, uuid: uuid.value, operation_id },
  });
}

// A framework that the master has removed has lost its tasks, and its id. Without instances nothing is lost by being another one.
function fail(state: InitState, message: string, out: InitOut): void {
  if (message.includes("has been removed") && !hasStored(state)) out.erase("framework");
  out.push({ type: "abort", reason: `the master ended the subscription: ${message}` });
}
