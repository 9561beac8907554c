import type { Core } from "@meseta/lib/core/daemon.ts";
import { applyCall } from "./calls/apply.ts";
import { tick } from "./clock.ts";
import type { CronConfig } from "./config.ts";
import type { CronEvent, Wake } from "./event.ts";
import { load, type Settings } from "./load.ts";
import { callFailed } from "./master/call-failed.ts";
import { disconnected, hear } from "./master/hear.ts";
import { askAgain, reconcile } from "./master/reconcile.ts";
import { settleOffers } from "./offers/settle.ts";
import type { CronOut } from "./out.ts";
import { followClock } from "./set-back.ts";
import { start } from "./start.ts";
import type { CronState } from "./state.ts";

/** A cron as its records left it; the first event is to be the wake for `start`. `random` must be seeded anew each time, since ids are made of it. */
export function createCron(config: CronConfig, settings: Settings): Cron {
  return new Cron(load(config, settings));
}

/** The core of cron: decides what every event leads to. */
export class Cron implements Core<CronEvent, CronOut> {
  readonly state: CronState;

  constructor(state: CronState) {
    this.state = state;
  }

  apply(event: CronEvent, nowMs: number, out: CronOut): void {
    followClock(this.state, nowMs, out);
    happen(this.state, event, nowMs, out);
    settleOffers(this.state, nowMs, out);
  }
}

function happen(state: CronState, event: CronEvent, nowMs: number, out: CronOut): void {
  switch (event.type) {
    case "call":
      return applyCall(state, event.request, event.call, nowMs, out);
    case "heard":
      return hear(state, event.event, nowMs, out);
    case "disconnected":
      return disconnected(state, out);
    case "call-failed":
      return callFailed(state, event, nowMs, out);
    case "rest":
      return void (state.isResting = true);
    case "wake":
      return wake(state, event.wake, nowMs, out);
  }
}

function wake(state: CronState, reminder: Wake, nowMs: number, out: CronOut): void {
  switch (reminder.for) {
    case "start":
      return start(state, nowMs, out);
    case "clock":
      return tick(state, reminder.atMs, nowMs, out);
    case "reconciliation":
      return reconcile(state, reminder.atMs, nowMs, out);
    case "unheard":
      return askAgain(state, reminder.atMs, nowMs, out);
  }
}
