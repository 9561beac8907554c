import type { Call } from "@meseta/api/mesos/generated/scheduler.ts";
import { accept } from "./accept.ts";
import { count, countOf } from "./counters.ts";
import { answerInverseOffers, decline, revive, suppress } from "./demand.ts";
import type { MasterEvent } from "./event.ts";
import { removeFramework } from "./frameworks.ts";
import { kill } from "./kill.ts";
import { acknowledgeOperation } from "./operations.ts";
import type { Answer, MasterOut } from "./out.ts";
import { reconcile, reconcileOperations } from "./reconcile.ts";
import { relayMessage, relayShutdown } from "./relay.ts";
import type { Framework, MasterState } from "./state.ts";
import { updateFramework } from "./subscribe.ts";
import { acknowledge } from "./updates.ts";

type SchedulerCall = Extract<MasterEvent, { type: "scheduler-call" }>;

/** A scheduler's call beside its stream. Accepted calls are answered 202 before they are done: what is wrong later is told by events. */
export function receiveSchedulerCall(state: MasterState, event: SchedulerCall, nowMs: number, out: MasterOut): void {
  const { request, call } = event;
  const framework = state.frameworks.get(call.framework_id?.value ?? "");
  if (framework === undefined) return out.answer(request, { status: 400, text: "Framework cannot be found" });
  const refusal = callerProblem(framework, event);
  if (refusal !== undefined) return out.answer(request, refusal);
  countOf(framework, "calls");
  countOf(framework, `calls/${(call.type ?? "UNKNOWN").toLowerCase()}`);
  if (call.type === "UPDATE_FRAMEWORK") return updateFramework(state, framework, event, nowMs, out);
  const isKnown = call.type !== undefined && call.type !== "UNKNOWN" && call.type !== "SUBSCRIBE";
  out.answer(request, isKnown ? { status: 202 } : { status: 501 });
  if (isKnown) apply(state, framework, call, nowMs, out);
}

function callerProblem({ id, info, connection, streamId }: Framework, event: SchedulerCall): Answer | undefined {
  const { principal } = event;
  if (principal !== undefined && principal !== info.principal) {
    const text = `Authenticated principal '${principal}' does not match principal '${info.principal ?? ""}' set in \`FrameworkInfo\``;
    return { status: 400, text };
  }
  if (connection !== "connected") return { status: 403, text: "Framework is not subscribed" };
  if (event.streamId === undefined)
    return { status: 400, text: "All non-subscribe calls should include the 'Mesos-Stream-Id' header" };
  if (event.streamId === streamId) return undefined;
  const text = `The stream ID '${event.streamId}' included in this request didn't match the stream ID currently associated with framework ID ${id}`;
  return { status: 400, text };
}

function apply(state: MasterState, framework: Framework, call: Call, nowMs: number, out: MasterOut): void {
  switch (call.type) {
    case "TEARDOWN":
      count(state, "messages_unregister_framework");
      return removeFramework(state, framework.id, nowMs, out);
    case "ACCEPT":
      return accept(state, framework, call.accept!, nowMs, out);
    case "DECLINE":
      return decline(state, framework, call.decline!, nowMs);
    case "ACCEPT_INVERSE_OFFERS":
      return answerInverseOffers(state, framework, "ACCEPT", call.accept_inverse_offers!, nowMs);
    case "DECLINE_INVERSE_OFFERS":
      return answerInverseOffers(state, framework, "DECLINE", call.decline_inverse_offers!, nowMs);
    case "REVIVE":
      return revive(state, framework, call.revive?.roles, nowMs, out);
    case "SUPPRESS":
      return suppress(state, framework, call.suppress?.roles, out);
    case "KILL":
      return kill(state, framework, call.kill!, nowMs, out);
    case "SHUTDOWN":
      return relayShutdown(state, framework, call.shutdown!, out);
    case "ACKNOWLEDGE":
      return acknowledge(state, framework, call.acknowledge!, nowMs, out);
    case "ACKNOWLEDGE_OPERATION_STATUS":
      return acknowledgeOperation(state, framework, call.acknowledge_operation_status!, nowMs, out);
    case "RECONCILE":
      return reconcile(state, framework, call.reconcile!, nowMs, out);
    case "RECONCILE_OPERATIONS":
      return reconcileOperations(state, framework, call.reconcile_operations!, out);
    case "MESSAGE":
      return relayMessage(state, framework, call.message!, out);
    case "REQUEST":
      return count(state, "messages_resource_request");
    case "SUBSCRIBE":
    case "UPDATE_FRAMEWORK":
    case "UNKNOWN":
    case undefined:
  }
}
