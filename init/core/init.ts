import type { Core } from "@meseta/lib/core/daemon.ts";
import { applyCall } from "./calls/apply.ts";
import { receiveSamples } from "./calls/sampled.ts";
import { tick } from "./clock.ts";
import type { InitConfig } from "./config.ts";
import type { InitEvent, Wake } from "./event.ts";
import { load, type Settings } from "./load.ts";
import { callFailed } from "./master/call-failed.ts";
import { disconnected, hear } from "./master/hear.ts";
import { reconcile } from "./master/reconcile.ts";
import { tellDemand } from "./offers/demand.ts";
import { useOffers } from "./offers/use.ts";
import type { InitOut } from "./out.ts";
import { settle } from "./settle.ts";
import { start } from "./start.ts";
import type { InitState } from "./state.ts";

/** An init as its records left it; the first event is to be the wake for `start`. `random` must be seeded anew each time, since ids are made of it. */
export function createInit(config: InitConfig, settings: Settings): Init {
  return new Init(load(config, settings));
}

/** The core of init: decides what every event leads to. */
export class Init implements Core<InitEvent, InitOut> {
  readonly state: InitState;

  constructor(state: InitState) {
    this.state = state;
  }

  apply(event: InitEvent, nowMs: number, out: InitOut): void {
    happen(this.state, event, nowMs, out);
    tellDemand(this.state, nowMs, out);
  }
}

function happen(state: InitState, event: InitEvent, nowMs: number, out: InitOut): void {
  switch (event.type) {
    case "call":
      return applyCall(state, event.request, event.call, event.client, nowMs, out);
    case "heard":
      return hear(state, event.event, nowMs, out);
    case "disconnected":
      return disconnected(state, nowMs, out);
    case "call-failed":
      return callFailed(state, event, nowMs, out);
    case "rest":
      return rest(state);
    case "sampled":
      return receiveSamples(state, event, nowMs, out);
    case "wake":
      return wake(state, event.wake, nowMs, out);
  }
}

function rest(state: InitState): void {
  state.isResting = true;
  state.demand.isChanged = true;
}

function wake(state: InitState, reminder: Wake, nowMs: number, out: InitOut): void {
  switch (reminder.for) {
    case "start":
      return start(state, nowMs, out);
    case "settle":
      return settle(state, nowMs, out);
    case "offers":
      return useOffers(state, nowMs, out);
    case "clock":
      return tick(state, reminder.atMs, nowMs, out);
    case "reconciliation":
      return reconcile(state, reminder.atMs, nowMs, out);
  }
}
