import type * as executor from "@meseta/api/mesos/generated/executor.ts";
import type * as link from "@meseta/api/mesos/generated/link.ts";
import type { CommandInfoURI } from "@meseta/api/mesos/generated/mesos.ts";
import type { WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import { Outbox } from "@meseta/lib/core/daemon.ts";
import type { LinkId, RequestId, StreamId, Wake } from "./event.ts";
import type { ProbeTarget, Sandbox } from "./outside.ts";
import type { ContainerLimits, ContainerSpec, SignalTarget } from "./ports.ts";

/** One answer to one request. `text` is a sentence for people; `message` is encoded in the type that the client accepts. */
export interface Answer {
  status: number;
  text?: string | undefined;
  message?: { [T in keyof WireTypes]: { type: T; value: WireTypes[T] } }[keyof WireTypes] | undefined;
}

/** What to do now. Carried out in order, after the event that caused it is durable. */
export type AgentEffect =
  | { type: "answer"; request: RequestId; answer: Answer }
  /** The stream was accepted: its 200 goes out. */
  | { type: "open"; stream: StreamId }
  | { type: "refuse-stream"; stream: StreamId; answer: Answer }
  | { type: "send-executor"; stream: StreamId; event: executor.Event }
  | { type: "close"; stream: StreamId }
  /** Find the leading master and subscribe to it. The hands add link version, boot id and epoch to every call. */
  | { type: "connect"; link: LinkId; agentId: string | undefined; epoch: number; subscribe: link.CallSubscribe }
  /** Messages of one turn travel in one call, in order. When the call fails the link is closed. */
  | { type: "tell"; link: LinkId; message: link.Message }
  /** UNSUBSCRIBE: the master removes the agent at once. */
  | { type: "unsubscribe"; link: LinkId }
  | { type: "disconnect"; link: LinkId }
  /** Make the sandbox, then fetch into it; ends in one `fetched`. */
  | { type: "fetch"; id: string; sandbox: Sandbox; uris: readonly CommandInfoURI[] }
  /** Nobody waits for this fetch any more; its `fetched` follows all the same. */
  | { type: "stop-fetch"; id: string }
  /** Make the sandbox, then start the container; a sandbox that cannot be made is a `launch_failed`. */
  | { type: "launch"; sandbox: Sandbox | undefined; container: ContainerSpec }
  | { type: "signal"; id: string; signal: number; to: SignalTarget }
  | { type: "destroy"; id: string }
  | { type: "limit"; id: string; limits: ContainerLimits }
  | { type: "forget"; id: string }
  /** Ends in one `probed`. */
  | { type: "probe"; probe: string; target: ProbeTarget; timeoutMs: number }
  /** Remove a tree that nobody uses any more; ends in one `removed`. */
  | { type: "remove"; id: string; path: string }
  /**
   * Move a volume's data aside under a name of its own (once: when that name is there already, it was done); ends in one
   * `volume-moved`. `mount`: the path is a disk, and stays.
   */
  | { type: "move-volume"; path: string; mount: boolean; trash: string }
  /** Remove what was moved aside; ends in one `trash-emptied`, or is tried again in the agent's next life. */
  | { type: "empty-trash"; path: string; mount: boolean; trash: string }
  | { type: "make-volume"; path: string }
  /** Remove images that no container uses, but for those named; ends in one `images-pruned`. */
  | { type: "prune-images"; request: RequestId; excluded: readonly string[] }
  | { type: "measure-disk" }
  | { type: "wake"; atMs: number; wake: Wake }
  | { type: "log"; level: "info" | "warn" | "error"; message: string; fields: Readonly<Record<string, unknown>> }
  /** The agent has left the cluster: the process ends. */
  | { type: "exit"; reason: string };

export class AgentOut extends Outbox<AgentEffect> {
  answer(request: RequestId, answer: Answer): void {
    this.push({ type: "answer", request, answer });
  }

  tell(link: LinkId, message: link.Message): void {
    this.push({ type: "tell", link, message });
  }

  sendExecutor(stream: StreamId, event: executor.Event): void {
    this.push({ type: "send-executor", stream, event });
  }

  wake(atMs: number, wake: Wake): void {
    this.push({ type: "wake", atMs, wake });
  }

  log(level: "info" | "warn" | "error", message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.push({ type: "log", level, message, fields });
  }
}
