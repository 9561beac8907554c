import type { MasterInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { EventSubscribed } from "@meseta/api/mesos/generated/scheduler.ts";
import { hasStored } from "../fleet/change.ts";
import { sendKills } from "../fleet/kill.ts";
import type { InitOut } from "../out.ts";
import type { InitState } from "../state.ts";
import { askClock, askReconciliation } from "../wakes.ts";

/** There is a master that knows us. Our id is stored before anything is launched under it. */
export function subscribed(state: InitState, event: EventSubscribed, nowMs: number, out: InitOut): void {
  const { master, config } = state;
  const id = event.framework_id.value;
  const isNew = master.frameworkId !== id;
  // What waited for the first id has nothing running under another.
  if (isNew && hasStored(state)) return refuseId(state, id, out);
  if (isNew) out.save("framework", { id });
  master.frameworkId = id;
  master.isConnected = true;
  master.connectedAtMs = nowMs;
  master.leader = addressOf(event.master_info);
  master.region = event.master_info?.domain?.fault_domain?.region.name;
  master.suppressed = new Set();
  state.offered.clear();
  tell(state, nowMs, out);
  lookAround(state, nowMs);
  askClock(state, state.demand.lookingUntilMs, out);
  sendKills(state, state.kills.again(nowMs), out);
  askReconciliation(state, nowMs + config.reconciliationDelayMs, out);
}

// Under another id the master would end all that runs, after its failover timeout.
function refuseId({ master }: InitState, id: string, out: InitOut): void {
  const reason = `the master knows us as framework ${id}, and our instances belong to ${master.frameworkId ?? "none"}: going on would lose them`;
  out.push({ type: "abort", reason });
}

function tell({ master }: InitState, nowMs: number, out: InitOut): void {
  const { frameworkId, leader = "", wasRegistered } = master;
  const again = { eventType: "scheduler_reregistered_event", master: leader };
  const first = { eventType: "scheduler_registered_event", frameworkId, master: leader };
  out.publish(wasRegistered ? again : first, nowMs);
  master.wasRegistered = true;
}

// All agents show what they have: what they keep for nobody can be given back. What the master still knew of our refusals and suppressions is forgotten.
function lookAround({ demand, master, config }: InitState, nowMs: number): void {
  demand.lookingUntilMs = nowMs + config.reconciliationDelayMs;
  for (const role of master.roles) {
    demand.isNew.add(role);
    demand.refused.add(role);
  }
  demand.reviveFromMs = nowMs;
  demand.isChanged = true;
}

function addressOf(info: MasterInfo | undefined): string | undefined {
  if (info === undefined) return undefined;
  const { address, hostname, port } = info;
  return `${address?.hostname ?? hostname ?? address?.ip ?? ""}:${address?.port ?? port ?? 5050}`;
}
