import type * as scheduler from "@meseta/api/mesos/generated/scheduler.ts";
import type { Call } from "./call.ts";

/** A request that waits for one answer; numbered by the hands. */
export type RequestId = number;

/** Something happened. */
export type CronEvent =
  /** A client wants something changed; reads are views and never come here. */
  | { readonly type: "call"; readonly request: RequestId; readonly call: Call }
  /** The master says something; SUBSCRIBED comes again after each reconnection. */
  | { readonly type: "heard"; readonly event: scheduler.Event }
  | { readonly type: "disconnected" }
  /** A call to the master came to nothing. `refusal`: what the master said to what it has not done; without it nobody knows what came of the call. */
  | { readonly type: "call-failed"; readonly call: Omit<scheduler.Call, "framework_id">; readonly refusal?: string }
  /** The cluster is about to stop: nothing is launched any more in this life, and what ends is only heard of. */
  | { readonly type: "rest" }
  | { readonly type: "wake"; readonly wake: Wake };

/** What a timer reminds the core of. The core checks whether it still means something: nothing is cancelled. */
export type Wake =
  /** The first event of a life: what was stored goes on. */
  | { readonly for: "start" }
  /** What waits for a time: firings, attempts after failures, deadlines, kills to ask for again. `atMs` tells the awaited one from superfluous ones. */
  | { readonly for: "clock"; readonly atMs: number }
  /** All known tasks are asked for, then all unknown ones. `atMs` as above. */
  | { readonly for: "reconciliation"; readonly atMs: number }
  /** Those are asked for again that were launched over an older connection and have given no word. `atMs` as above. */
  | { readonly for: "unheard"; readonly atMs: number };
