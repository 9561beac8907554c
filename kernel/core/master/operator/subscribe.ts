import { countOwn } from "../counters.ts";
import type { MasterEvent } from "../event.ts";
import { beat } from "../heartbeats.ts";
import type { MasterOut } from "../out.ts";
import type { MasterState } from "../state.ts";

/** SUBSCRIBE: the whole state, a heartbeat at once, then every change. Beyond the bound the one that reads longest is cut off. */
export function subscribeOperator(
  state: MasterState,
  { stream }: Extract<MasterEvent, { type: "operator-subscribe" }>,
  nowMs: number,
  out: MasterOut,
): void {
  if (state.subscribers.size >= state.config.maxSubscribers)
    cutOff(state, state.subscribers.values().next().value!, out);
  state.subscribers.add(stream);
  state.streams.set(stream, { kind: "operator" });
  out.open(stream);
  out.sendSnapshot(stream);
  beat(state, stream, nowMs, out);
}

function cutOff(state: MasterState, stream: number, out: MasterOut): void {
  state.subscribers.delete(stream);
  state.streams.delete(stream);
  out.close(stream);
  countOwn(state, "operator_streams_closed");
  out.log("warn", "Too many operators watch: the oldest stream is closed", { stream });
}
