import type { EventAcknowledgeOperation, EventApplyOperation } from "@meseta/api/mesos/generated/link.ts";
import type { OfferOperation, OperationState, OperationStatus, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import { isRefusal } from "@meseta/api/mesos/refusal.ts";
import { unallocate } from "@meseta/api/mesos/resources/allocation.ts";
import { applyOperation } from "@meseta/api/mesos/resources/operations.ts";
import { isPersistentVolume } from "@meseta/api/mesos/resources/select.ts";
import { executorResources } from "./limits.ts";
import { volumeFolder } from "./paths.ts";
import { keys } from "./saved.ts";
import type { AgentState, HeldOperation, Turn } from "./state.ts";
import { introduction } from "./views/agent-info.ts";

/**
 * APPLY_OPERATION: changes the agent's total, durably, and says how it went. The master has already reckoned with success, so
 * an operation that fails changes the resource version: launches that count on it are refused. One that came before is only
 * answered again.
 */
export function applyFromMaster(turn: Turn, event: EventApplyOperation): void {
  const { state } = turn;
  const known = state.operations.get(event.operation_uuid);
  if (known !== undefined) return tellOperation(turn, known);
  const outcome =
    event.resource_version === state.resourceVersion
      ? convert(turn, event.operation)
      : {
          state: "OPERATION_DROPPED" as const,
          message: "The agent's resources have changed since the operation was sent",
        };
  if (outcome.state !== "OPERATION_FINISHED") state.resourceVersion = state.random.uuid();
  const status = statusOf(turn, event.operation, outcome.state, outcome.message);
  const held = hold(turn, event, status);
  tellOperation(turn, held);
  if (outcome.state !== "OPERATION_FINISHED") tellResources(turn);
}

/** The scheduler has the status: the operation is forgotten. */
export function acknowledgeOperation(turn: Turn, { operation_uuid, uuid }: EventAcknowledgeOperation): void {
  const held = turn.state.operations.get(operation_uuid);
  if (held === undefined || held.latest.uuid?.value !== uuid) return;
  turn.state.operations.delete(operation_uuid);
  turn.out.erase(keys.operation(operation_uuid));
}

/** A master has just accepted the agent: unacknowledged statuses go to it at once. */
export function resendOperations(turn: Turn): void {
  for (const held of turn.state.operations.values()) {
    held.backoffMs = turn.state.config.limits.updateRetryMs;
    tellOperation(turn, held);
  }
}

export function retryOperations(turn: Turn, atMs: number): void {
  const { state, nowMs } = turn;
  if (atMs !== state.operationRetryAtMs) return;
  state.operationRetryAtMs = undefined;
  if (state.link.status !== "subscribed") return;
  // Nothing that is told below wakes for itself: the earliest of all is known at the end.
  state.operationRetryAtMs = Number.NEGATIVE_INFINITY;
  let nextMs = Number.POSITIVE_INFINITY;
  for (const held of state.operations.values()) {
    if (held.dueMs <= nowMs) {
      held.backoffMs = Math.min(held.backoffMs * 2, state.config.updateRetryMaxMs);
      tellOperation(turn, held);
    }
    nextMs = Math.min(nextMs, held.dueMs);
  }
  state.operationRetryAtMs = undefined;
  if (state.operations.size > 0) wakeForRetry(turn, nextMs);
}

/** Operations that the master sent and that never came here. */
export function dropMissingOperations(turn: Turn, uuids: readonly string[]): void {
  for (const operation_uuid of uuids) {
    if (turn.state.operations.has(operation_uuid)) continue;
    const status = statusOf(turn, {}, "OPERATION_DROPPED", "Operation is unknown to the agent");
    tellStatus(turn, undefined, operation_uuid, status);
  }
}

/** The total has changed in a way that the master does not know: it hears the new one. */
export function tellResources(turn: Turn): void {
  const { state, out } = turn;
  if (state.link.status !== "subscribed") return;
  out.tell(state.link.id, {
    type: "UPDATE_AGENT",
    update_agent: {
      agent_info: introduction(state),
      total_resources: state.total,
      resource_version: state.resourceVersion,
    },
  });
}

export function saveResources(turn: Turn): void {
  const { total, attributes, configured } = turn.state;
  turn.out.save(keys.resources(), { total, attributes, configured });
}

function convert(turn: Turn, operation: OfferOperation): { state: OperationState; message?: string } {
  const { state } = turn;
  const bare = withoutAllocations(operation);
  const used = bare.type === "DESTROY" ? usedVolume(state, bare.destroy?.volumes ?? []) : undefined;
  if (used !== undefined) return { state: "OPERATION_FAILED", message: `Persistent volume ${used} is in use` };
  const total = applyOperation(state.total, bare);
  if (isRefusal(total)) return { state: "OPERATION_FAILED", message: total.message };
  state.total = total;
  saveResources(turn);
  if (bare.type === "CREATE") makeVolumes(turn, bare.create?.volumes ?? []);
  if (bare.type === "DESTROY") eraseVolumes(turn, bare.destroy?.volumes ?? []);
  return { state: "OPERATION_FINISHED" };
}

// The master has looked already; but data that is gone does not come back, and only the agent knows what runs.
function usedVolume(state: AgentState, volumes: readonly Resource[]): string | undefined {
  const used = new Set<string>();
  for (const executor of state.executors.values())
    if (executor.state !== "terminated")
      for (const volume of executorResources(executor).filter(isPersistentVolume))
        used.add(volumeFolder(state.config.workDir, volume));
  return volumes.find((volume) => used.has(volumeFolder(state.config.workDir, volume)))?.disk?.persistence?.id;
}

function makeVolumes(turn: Turn, volumes: readonly Resource[]): void {
  for (const volume of volumes)
    turn.out.push({ type: "make-volume", path: volumeFolder(turn.state.config.workDir, volume) });
}

// The data is moved aside before it is removed, so that a new volume of the same name never meets the old one's data.
function eraseVolumes(turn: Turn, volumes: readonly Resource[]): void {
  const { state, out } = turn;
  for (const volume of volumes.filter(isPersistentVolume)) {
    const path = volumeFolder(state.config.workDir, volume);
    const mount = volume.disk?.source?.type === "MOUNT";
    const trash = state.random.uuid();
    state.erasing.set(trash, { path, mount });
    out.save(keys.erasure(trash), { path, mount });
    out.push({ type: "move-volume", path, mount, trash });
  }
}

/** What an earlier life of the agent destroyed and did not see gone. */
export function resumeErasing({ state, out }: Turn): void {
  for (const [trash, { path, mount = false, moved }] of state.erasing)
    out.push({ type: moved === true ? "empty-trash" : "move-volume", path, mount, trash });
}

/** The data is aside: a volume that is made in its place now is another. */
export function volumeMoved({ state, out }: Turn, trash: string): void {
  const erasure = state.erasing.get(trash);
  if (erasure === undefined) return;
  erasure.moved = true;
  out.save(keys.erasure(trash), erasure);
  out.push({ type: "empty-trash", path: erasure.path, mount: erasure.mount === true, trash });
}

export function trashEmptied({ state, out }: Turn, trash: string): void {
  state.erasing.delete(trash);
  out.erase(keys.erasure(trash));
}

function hold(turn: Turn, event: EventApplyOperation, status: OperationStatus): HeldOperation {
  const { state, out } = turn;
  const { operation: info, operation_uuid, framework_info } = event;
  const feedback = info.id !== undefined;
  const held: HeldOperation = {
    operation: {
      ...(framework_info?.id === undefined ? {} : { framework_id: framework_info.id }),
      agent_id: { value: state.agentId! },
      info,
      latest_status: status,
      statuses: [status],
      uuid: { value: operation_uuid },
    },
    feedback,
    latest: status,
    backoffMs: state.config.limits.updateRetryMs,
    dueMs: 0,
  };
  if (!feedback) return held;
  state.operations.set(operation_uuid, held);
  out.save(keys.operation(operation_uuid), { operation: held.operation, feedback });
  return held;
}

function tellOperation(turn: Turn, held: HeldOperation): void {
  const { state, nowMs } = turn;
  if (state.link.status !== "subscribed") return;
  held.dueMs = nowMs + held.backoffMs;
  tellStatus(turn, held.operation.framework_id?.value, held.operation.uuid.value, held.latest);
  if (held.feedback) wakeForRetry(turn, held.dueMs);
}

function tellStatus(
  turn: Turn,
  frameworkId: string | undefined,
  operation_uuid: string,
  status: OperationStatus,
): void {
  const update = { operation_uuid, status, latest_status: status };
  turn.out.tell(turn.state.link.id, {
    type: "UPDATE_OPERATION",
    update_operation: frameworkId === undefined ? update : { framework_id: { value: frameworkId }, ...update },
  });
}

function wakeForRetry(turn: Turn, atMs: number): void {
  if (atMs >= (turn.state.operationRetryAtMs ?? Number.POSITIVE_INFINITY)) return;
  turn.state.operationRetryAtMs = atMs;
  turn.out.wake(atMs, { for: "operation-retry", atMs });
}

// Only a status that somebody will acknowledge has a uuid.
function statusOf(
  turn: Turn,
  operation: OfferOperation,
  state: OperationState,
  message: string | undefined,
): OperationStatus {
  const status: OperationStatus = { state, agent_id: { value: turn.state.agentId! } };
  if (operation.id !== undefined) {
    status.operation_id = operation.id;
    status.uuid = { value: turn.state.random.uuidBytes() };
  }
  if (message !== undefined) status.message = message;
  return status;
}

function withoutAllocations(operation: OfferOperation): OfferOperation {
  const strip = (resources: Resource[] | undefined) => unallocate(resources ?? []);
  const { reserve, unreserve, create, destroy, grow_volume, shrink_volume } = operation;
  return {
    ...operation,
    ...(reserve && {
      reserve: { resources: strip(reserve.resources), ...(reserve.source && { source: strip(reserve.source) }) },
    }),
    ...(unreserve && { unreserve: { resources: strip(unreserve.resources) } }),
    ...(create && { create: { volumes: strip(create.volumes) } }),
    ...(destroy && { destroy: { volumes: strip(destroy.volumes) } }),
    ...(grow_volume && {
      grow_volume: { volume: strip([grow_volume.volume])[0]!, addition: strip([grow_volume.addition])[0]! },
    }),
    ...(shrink_volume && { shrink_volume: { ...shrink_volume, volume: strip([shrink_volume.volume])[0]! } }),
  };
}
