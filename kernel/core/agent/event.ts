import type * as operator from "@meseta/api/mesos/generated/agent.ts";
import type * as executor from "@meseta/api/mesos/generated/executor.ts";
import type * as link from "@meseta/api/mesos/generated/link.ts";
import type { Attribute, Resource } from "@meseta/api/mesos/generated/mesos.ts";
import type { RunWake } from "../executor/host.ts";
import type { ProbeResult } from "./outside.ts";
import type { ContainerEvent, KnownContainer } from "./ports.ts";

/** A request that waits for one answer; numbered by the hands. */
export type RequestId = number;
/** A long stream of events to one executor; numbered by the hands, never used twice. */
export type StreamId = number;
/** One connection to a master; numbered by the core. */
export type LinkId = number;

/** Something happened. All calls have been decoded and have the sub-message that their type needs. */
export type AgentEvent =
  /** The first event of a life: what the launcher still knows of the life before. */
  | { type: "start"; containers: readonly KnownContainer[] }
  | { type: "link-event"; link: LinkId; event: link.Event }
  /** The link broke, could not be made, or the master refused it with `reason`. */
  | { type: "link-closed"; link: LinkId; reason: string }
  | { type: "executor-subscribe"; stream: StreamId; call: executor.Call }
  | { type: "executor-call"; request: RequestId; call: executor.Call }
  /** An operator call that changes or awaits something; reads are views and never come here. */
  | { type: "operator-call"; request: RequestId; call: operator.Call }
  | { type: "stream-closed"; stream: StreamId }
  /** The client of a waiting request went away. */
  | { type: "request-closed"; request: RequestId }
  | { type: "container"; event: ContainerEvent }
  | { type: "fetched"; id: string; error: string | undefined }
  | { type: "probed"; probe: string; result: ProbeResult }
  /** `error` when the tree could not be removed whole: it is tried again. */
  | { type: "removed"; id: string; error: string | undefined }
  | { type: "volume-moved"; trash: string }
  | { type: "trash-emptied"; trash: string }
  | { type: "images-pruned"; request: RequestId; error: string | undefined }
  | { type: "disk-usage"; used: number }
  | { type: "reconfigure"; resources: Resource[] | undefined; attributes: Attribute[] | undefined }
  /** SIGUSR1: leave the cluster, ending all tasks. */
  | { type: "unregister" }
  /** Ends all tasks and then the process; the agent stays a member. */
  | { type: "end-tasks"; reason: string }
  | { type: "wake"; wake: Wake };

/** What a timer reminds the core of. The core checks whether it still means something: nothing is cancelled. */
export type Wake =
  | { for: "register"; attempt: number }
  | { for: "subscribed-watchdog"; link: LinkId }
  | { for: "ping-watchdog"; link: LinkId }
  /** `atMs` tells the one that is waited for from those that an earlier one made superfluous. */
  | { for: "update-retry"; atMs: number }
  | { for: "operation-retry"; atMs: number }
  | { for: "executor-registration"; containerId: string }
  | { for: "executor-reregistration"; containerId: string }
  | { for: "executor-shutdown"; containerId: string }
  | { for: "executor-heartbeat"; stream: StreamId }
  | { for: "run"; containerId: string; wake: RunWake }
  /** Another look of a probe; `nth` tells the one that is waited for from older ones. */
  | { for: "probe"; framework: string; task: string; probe: string; nth: number }
  | { for: "probe-overdue"; look: string }
  | { for: "tell-probes"; atMs: number }
  | { for: "farewell" }
  | { for: "gc" }
  | { for: "disk-watch" };
