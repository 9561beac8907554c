import type { MasterInfo } from "@meseta/api/mesos/generated/mesos.ts";
import type { EventSubscribed } from "@meseta/api/mesos/generated/scheduler.ts";
import type { CronOut } from "../out.ts";
import { sendAllKills } from "../runs/kill.ts";
import type { CronState } from "../state.ts";
import { askReconciliation } from "../wakes.ts";
import { askForLaunched } from "./reconcile.ts";

/** There is a master that knows us. Our id is stored before anything is launched under it. */
export function subscribed(state: CronState, event: EventSubscribed, nowMs: number, out: CronOut): void {
  const { master, config } = state;
  const id = event.framework_id.value;
  const isNew = master.frameworkId !== id;
  if (isNew && master.frameworkId !== undefined && state.tasks.size > 0) return refuseId(state, id, out);
  if (isNew) out.save("framework", { id });
  master.frameworkId = id;
  master.isConnected = true;
  master.leader = addressOf(event.master_info);
  master.region = event.master_info?.domain?.fault_domain?.region.name;
  // The hands say so with each subscription.
  master.isSuppressed = true;
  state.offers.reset();
  sendAllKills(state, nowMs, out);
  // What it knows of our tasks; else an end that was told to a life that then died would be told again only when the agent's patience is over.
  out.send({ type: "RECONCILE", reconcile: {} });
  master.isJustConnected = true;
  askForLaunched(state, nowMs, out);
  // What else it does not know is asked later: its agents may have yet to find a new master.
  state.reconciliationAtMs = Number.POSITIVE_INFINITY;
  master.unasked = undefined;
  askReconciliation(state, nowMs + config.reconciliationDelayMs, out);
}

// Under another id the master would end all that runs, after its failover timeout.
function refuseId({ master }: CronState, id: string, out: CronOut): void {
  const reason = `the master knows us as framework ${id}, and our tasks belong to ${master.frameworkId}: going on would lose them`;
  out.push({ type: "abort", reason });
}

function addressOf(info: MasterInfo | undefined): string | undefined {
  if (info === undefined) return undefined;
  const { address, hostname, port } = info;
  return `${address?.hostname ?? hostname ?? address?.ip ?? ""}:${address?.port ?? port ?? 5050}`;
}
