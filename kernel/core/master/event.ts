import type * as link from "@meseta/api/mesos/generated/link.ts";
import type * as operator from "@meseta/api/mesos/generated/master.ts";
import type * as scheduler from "@meseta/api/mesos/generated/scheduler.ts";

/** A request that waits for one answer; numbered by the hands. */
export type RequestId = number;
/** A long stream of events to one client (scheduler, agent, operator); numbered by the hands, never used twice. */
export type StreamId = number;

/** Something happened. All calls have been decoded and have the sub-message that their type needs. */
export type MasterEvent =
  | { type: "scheduler-subscribe"; stream: StreamId; principal: string | undefined; call: scheduler.Call }
  | {
      type: "scheduler-call";
      request: RequestId;
      /** The Mesos-Stream-Id header. */
      streamId: string | undefined;
      principal: string | undefined;
      call: scheduler.Call;
    }
  | { type: "agent-subscribe"; stream: StreamId; principal: string | undefined; address: string; call: link.Call }
  | { type: "agent-call"; request: RequestId; principal: string | undefined; call: link.Call }
  | { type: "operator-subscribe"; stream: StreamId; principal: string | undefined }
  /** An operator call that changes something; reads are views and never come here. */
  | { type: "operator-call"; request: RequestId; principal: string | undefined; call: operator.Call }
  | { type: "stream-closed"; stream: StreamId }
  | { type: "whitelist"; hostnames: string[] | undefined }
  | { type: "wake"; wake: Wake };

/** What a timer reminds the core of. The core checks whether it still means something: nothing is cancelled. */
export type Wake =
  | { for: "start" }
  /** `atMs` tells the one that is waited for from those that an earlier one made superfluous. */
  | { for: "allocation"; atMs: number }
  | { for: "heartbeat"; stream: StreamId }
  | { for: "ping"; agentId: string; stream: StreamId }
  | { for: "agent-reregistration"; agentId: string; disconnection: number }
  /** Another of the agents that were given up may be marked unreachable. */
  | { for: "agent-removal" }
  | { for: "recovery-deadline" }
  | { for: "framework-failover"; frameworkId: string; disconnection: number }
  | { for: "offer-timeout" }
  /** Old unreachable and gone agents are forgotten. */
  | { for: "registry-gc" }
  /** Some of the records that are of no more use are erased. */
  | { for: "erasure" };
