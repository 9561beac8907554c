import type { StreamId } from "./event.ts";
import type { MasterOut } from "./out.ts";
import type { MasterState } from "./state.ts";

/** Fixed in Mesos, too; told to schedulers and operators in SUBSCRIBED. */
export const HEARTBEAT_INTERVAL_MS = 15_000;

/** Sends a heartbeat now and goes on as long as the stream belongs to a scheduler or an operator. */
export function beat(state: MasterState, stream: StreamId, nowMs: number, out: MasterOut): void {
  const owner = state.streams.get(stream);
  if (owner === undefined || owner.kind === "agent") return;
  if (owner.kind === "scheduler") out.sendScheduler(stream, { type: "HEARTBEAT" });
  else out.sendOperator(stream, { type: "HEARTBEAT" });
  out.wake(nowMs + HEARTBEAT_INTERVAL_MS, { for: "heartbeat", stream });
}
