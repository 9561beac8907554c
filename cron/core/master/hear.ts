import type { Event as MasterEvent } from "@meseta/api/mesos/generated/scheduler.ts";
import { receiveOffers, rescinded } from "../offers/receive.ts";
import type { CronOut } from "../out.ts";
import type { CronState } from "../state.ts";
import { subscribed } from "./subscribed.ts";
import { receiveUpdate } from "./updates.ts";

/** The master says something. */
export function hear(state: CronState, event: MasterEvent, nowMs: number, out: CronOut): void {
  switch (event.type) {
    case "SUBSCRIBED":
      return subscribed(state, event.subscribed!, nowMs, out);
    case "OFFERS":
      return receiveOffers(state, event.offers?.offers ?? [], nowMs, out);
    case "RESCIND":
      return rescinded(state, event.rescind!.offer_id.value);
    case "UPDATE":
      return receiveUpdate(state, event.update!.status, nowMs, out);
    case "FAILURE":
      return out.log("warn", "An agent or an executor is lost", { ...event.failure });
    case "ERROR":
      return fail(event.error?.message ?? "", out);
    case "MESSAGE":
    case "UPDATE_OPERATION_STATUS":
    case "PROBED":
    case "INVERSE_OFFERS":
    case "RESCIND_INVERSE_OFFER":
    case "HEARTBEAT":
    case "UNKNOWN":
    case undefined:
      return;
  }
}

/** The stream is lost; tasks run on, and the hands subscribe again. */
export function disconnected(state: CronState, _out: CronOut): void {
  state.master.isConnected = false;
  state.offers.reset();
}

// A framework that the master has removed has no tasks any more, and is never taken back: the next life is another one, and makes the attempts of this one anew.
function fail(message: string, out: CronOut): void {
  if (message.includes("has been removed")) out.erase("framework");
  out.push({ type: "abort", reason: `the master ended the subscription: ${message}` });
}
