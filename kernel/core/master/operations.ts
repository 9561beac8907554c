import type { MessageUpdateOperation } from "@meseta/api/mesos/generated/link.ts";
import type { OfferOperation, Operation, OperationState, OperationStatus } from "@meseta/api/mesos/generated/mesos.ts";
import type { CallAcknowledgeOperationStatus } from "@meseta/api/mesos/generated/scheduler.ts";
import { isRefusal, type Refusal, refuse } from "@meseta/api/mesos/refusal.ts";
import { unallocate } from "@meseta/api/mesos/resources/allocation.ts";
import { sum } from "@meseta/api/mesos/resources/bag.ts";
import { upgradeAll } from "@meseta/api/mesos/resources/formats.ts";
import { applyOperation, conversionsOf } from "@meseta/api/mesos/resources/operations.ts";
import { printResources } from "@meseta/api/mesos/resources/print.ts";
import { inOperation } from "@meseta/api/mesos/resources/within.ts";
import { MASTER_BOUNDS } from "./bounds.ts";
import { count, countOf, countOperation } from "./counters.ts";
import { drainIfEmpty } from "./drain.ts";
import { rescindUntil } from "./offers.ts";
import type { MasterOut } from "./out.ts";
import type { Agent, Framework, HeldOperation, MasterState } from "./state.ts";
import { tell, tellAgent } from "./tell.ts";

/** The most statuses that an operation keeps; an honest one has one or two. */
const MAX_STATUSES_AN_OPERATION = MASTER_BOUNDS.operationStatuses.most;

function isOver(state: OperationState): boolean {
  return OVER.has(state);
}

const OVER: ReadonlySet<OperationState> = new Set([
  "OPERATION_FINISHED",
  "OPERATION_FAILED",
  "OPERATION_ERROR",
  "OPERATION_DROPPED",
  "OPERATION_GONE_BY_OPERATOR",
]);

/**
 * An operator's operation: offers of the agent are rescinded until what it takes is free. Refused, and only that rescinded, when
 * it does not become free. What is wrong with the operation itself was looked for before (validateOperation).
 */
export function applyOperatorOperation(
  state: MasterState,
  agentId: string,
  operation: OfferOperation,
  out: MasterOut,
): Refusal | undefined {
  const agent = state.agents.get(agentId);
  if (agent?.connection !== "connected") return refuse(`Agent ${agentId} is not connected`);
  const plain = inOperation(operation, (resources) => unallocate(upgradeAll(resources)));
  const conversions = conversionsOf(plain);
  if (isRefusal(conversions)) return conversions;
  const total = applyOperation(agent.total, plain);
  if (isRefusal(total)) return total;
  const taken = sum(conversions.map(({ consumed }) => consumed));
  const isFree = () => state.allocator.isFree(agentId, taken);
  if (!rescindUntil(state, agentId, isFree, out) || !state.allocator.convert(agentId, conversions))
    return refuse(`${printResources(taken)} is not available on agent ${agentId}`);
  agent.total = total;
  sendOperation(state, agent, undefined, plain, out);
  return undefined;
}

/** Has the agent do what the master and its allocator have done already. */
export function sendOperation(
  state: MasterState,
  agent: Agent,
  framework: Framework | undefined,
  info: OfferOperation,
  out: MasterOut,
): void {
  const uuid = state.random.uuidBytes();
  const operation: Operation = {
    ...(framework === undefined ? {} : { framework_id: { value: framework.id } }),
    agent_id: { value: agent.id },
    info,
    latest_status: statusOf(info, "OPERATION_PENDING", undefined, agent.id),
    uuid: { value: uuid },
  };
  hold(state, agent, framework, operation);
  count(state, "operations/total");
  count(state, `operations/${(info.type ?? "UNKNOWN").toLowerCase()}/total`);
  if (framework !== undefined) {
    countOf(framework, "operations");
    countOf(framework, `operations/${(info.type ?? "UNKNOWN").toLowerCase()}`);
  }
  const resource_version = agent.resourceVersion;
  const apply_operation = { framework_info: framework?.info, operation: info, operation_uuid: uuid, resource_version };
  tellAgent(agent, { type: "APPLY_OPERATION", apply_operation }, out);
}

/** Tells the framework that its operation was not done, if it asked to be told by giving it an id; else it is only logged. */
export function refuseOperation(
  framework: Framework,
  agentId: string | undefined,
  operation: OfferOperation,
  message: string,
  out: MasterOut,
): void {
  out.log("info", "An operation was refused", { framework: framework.id, operation: operation.type, reason: message });
  if (operation.id === undefined) return;
  tellStatus(framework, statusOf(operation, "OPERATION_ERROR", message, agentId), out);
}

/** An agent tells how one of its operations stands. */
export function receiveOperationUpdate(
  state: MasterState,
  agent: Agent,
  { operation_uuid, status, latest_status }: MessageUpdateOperation,
  nowMs: number,
  out: MasterOut,
): void {
  count(state, "messages_operation_status_update");
  const held = state.operations.get(operation_uuid);
  count(state, held === undefined ? "invalid_operation_status_updates" : "valid_operation_status_updates");
  // Nobody waits for what is unknown here; without an answer the agent would tell it for ever.
  if (held === undefined || held.agentId !== agent.id) return acknowledgeItself(agent, operation_uuid, status, out);
  const before = held.operation;
  held.operation = withStatus(before, status, latest_status ?? status);
  touch(state, agent);
  const reached = held.operation.latest_status.state;
  if (isOver(reached) && !isOver(before.latest_status.state))
    countOperation(state, before.info.type ?? "UNKNOWN", reached);
  const framework = held.frameworkId === undefined ? undefined : state.frameworks.get(held.frameworkId);
  if (framework !== undefined && before.info.id !== undefined) {
    tellStatus(framework, { ...status, operation_id: before.info.id, agent_id: { value: agent.id } }, out);
    // What has no uuid will not be acknowledged.
    if (status.uuid !== undefined) return;
  }
  acknowledgeItself(agent, operation_uuid, status, out);
  if (isOver(status.state)) removeOperation(state, held, nowMs, out);
}

/** ACKNOWLEDGE_OPERATION_STATUS: on to the agent, and the operation is forgotten when that was its end. */
export function acknowledgeOperation(
  state: MasterState,
  framework: Framework,
  { agent_id, uuid, operation_id }: CallAcknowledgeOperationStatus,
  nowMs: number,
  out: MasterOut,
): void {
  count(state, "messages_operation_status_update_acknowledgement");
  const agent = agent_id === undefined ? undefined : state.agents.get(agent_id.value);
  const held = state.operations.get(framework.operations.get(operation_id.value) ?? "");
  const status = held?.operation.statuses?.find((sent) => sent.uuid?.value === uuid);
  if (agent?.stream === undefined || held === undefined || held.agentId !== agent.id || status === undefined) {
    count(state, "invalid_operation_status_update_acknowledgements");
    return out.log("warn", "An acknowledgement was dropped: its agent is not connected, or its update was never sent", {
      framework: framework.id,
      operation: operation_id.value,
    });
  }
  count(state, "valid_operation_status_update_acknowledgements");
  acknowledgeItself(agent, held.operation.uuid.value, status, out);
  if (isOver(status.state)) removeOperation(state, held, nowMs, out);
}

/** Takes over an operation that an agent reports and this master does not know. */
export function adoptOperation(state: MasterState, agent: Agent, operation: Operation): void {
  if (state.operations.has(operation.uuid.value)) return;
  const framework = state.frameworks.get(operation.framework_id?.value ?? "");
  hold(state, agent, framework, { ...operation, agent_id: { value: agent.id } });
}

/** Its agent has no more to tell of it: an operation that has ended is forgotten, another one stays. */
export function forgetIfOver(state: MasterState, uuid: string): void {
  const held = state.operations.get(uuid)!;
  if (isOver(held.operation.latest_status.state)) forget(state, held);
}

/** The agent is given up: frameworks learn it of the operations that they gave an id, and all of them are forgotten. */
export function loseOperations(
  state: MasterState,
  agent: Agent,
  reached: "OPERATION_UNREACHABLE" | "OPERATION_GONE_BY_OPERATOR",
  message: string,
  out: MasterOut,
): void {
  for (const uuid of [...agent.operations]) {
    const held = state.operations.get(uuid)!;
    const { info, latest_status } = held.operation;
    const framework = state.frameworks.get(held.frameworkId ?? "");
    if (framework !== undefined && info.id !== undefined && !isOver(latest_status.state))
      tellStatus(framework, statusOf(info, reached, message, agent.id), out);
    forget(state, held);
  }
}

/** Its framework is no more: nobody will acknowledge the operations that are over. The others run on, as nobody's. */
export function orphanOperations(state: MasterState, framework: Framework, nowMs: number, out: MasterOut): void {
  for (const held of state.operations.values()) {
    if (held.frameworkId !== framework.id || !isOver(held.operation.latest_status.state)) continue;
    const agent = state.agents.get(held.agentId)!;
    for (const status of held.operation.statuses ?? [])
      acknowledgeItself(agent, held.operation.uuid.value, status, out);
    removeOperation(state, held, nowMs, out);
  }
}

/** A status that the master makes; it has no uuid and needs no acknowledgement. */
export function statusOf(
  { id }: OfferOperation,
  state: OperationState,
  message: string | undefined,
  agentId: string | undefined,
): OperationStatus {
  const status: OperationStatus = { state };
  if (id !== undefined) status.operation_id = id;
  if (message !== undefined) status.message = message;
  if (agentId !== undefined) status.agent_id = { value: agentId };
  return status;
}

export function tellStatus(framework: Framework, status: OperationStatus, out: MasterOut): void {
  tell(framework, { type: "UPDATE_OPERATION_STATUS", update_operation_status: { status } }, out);
}

function hold(state: MasterState, agent: Agent, framework: Framework | undefined, operation: Operation): void {
  const uuid = operation.uuid.value;
  const frameworkId = framework?.id ?? operation.framework_id?.value;
  state.operations.set(uuid, { operation, agentId: agent.id, frameworkId });
  agent.operations.add(uuid);
  if (operation.info.id !== undefined) framework?.operations.set(operation.info.id.value, uuid);
  touch(state, agent);
}

function removeOperation(state: MasterState, held: HeldOperation, nowMs: number, out: MasterOut): void {
  forget(state, held);
  const agent = state.agents.get(held.agentId);
  if (agent !== undefined) drainIfEmpty(state, agent, nowMs, out);
}

function forget(state: MasterState, { operation, agentId, frameworkId }: HeldOperation): void {
  const uuid = operation.uuid.value;
  state.operations.delete(uuid);
  const agent = state.agents.get(agentId);
  agent?.operations.delete(uuid);
  if (agent !== undefined) touch(state, agent);
  const framework = state.frameworks.get(frameworkId ?? "");
  const id = operation.info.id?.value;
  if (framework !== undefined && id !== undefined && framework.operations.get(id) === uuid)
    framework.operations.delete(id);
}

function acknowledgeItself(agent: Agent, operation_uuid: string, { uuid }: OperationStatus, out: MasterOut): void {
  if (uuid === undefined) return;
  tellAgent(agent, { type: "ACKNOWLEDGE_OPERATION", acknowledge_operation: { operation_uuid, uuid: uuid.value } }, out);
}

function withStatus(operation: Operation, status: OperationStatus, latest: OperationStatus): Operation {
  const before = operation.statuses ?? [];
  const isKnown = before.some(({ uuid }) => uuid !== undefined && uuid.value === status.uuid?.value);
  const statuses = isKnown ? before : [...before, status].slice(-MAX_STATUSES_AN_OPERATION);
  return { ...operation, latest_status: latest, statuses };
}

function touch(state: MasterState, agent: Agent): void {
  agent.viewVersion = ++state.version;
}
