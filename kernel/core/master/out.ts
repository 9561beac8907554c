import type * as link from "@meseta/api/mesos/generated/link.ts";
import type * as operator from "@meseta/api/mesos/generated/master.ts";
import type * as scheduler from "@meseta/api/mesos/generated/scheduler.ts";
import type { WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import { Outbox } from "@meseta/lib/core/daemon.ts";
import type { RequestId, StreamId, Wake } from "./event.ts";

/** One answer to one request. `text` is a sentence for people; `message` is encoded in the type that the client accepts. */
export interface Answer {
  status: number;
  text?: string | undefined;
  message?: { [T in keyof WireTypes]: { type: T; value: WireTypes[T] } }[keyof WireTypes] | undefined;
}

/** What to do now. Carried out in order, after the event that caused it is durable. */
export type MasterEffect =
  | { type: "answer"; request: RequestId; answer: Answer }
  /** The stream was accepted: its 200 goes out with these headers. A stream that is never opened was refused by `refuse-stream`. */
  | { type: "open"; stream: StreamId; headers: Readonly<Record<string, string>> }
  | { type: "refuse-stream"; stream: StreamId; answer: Answer }
  | { type: "send-scheduler"; stream: StreamId; event: scheduler.Event }
  /** The same of what will be told again: dropped when the reader is slow. */
  | { type: "send-scheduler-unless-slow"; stream: StreamId; event: scheduler.Event }
  | { type: "send-agent"; stream: StreamId; event: link.Event }
  /** The same of what nobody counts on: dropped when the reader is slow. */
  | { type: "send-agent-unless-slow"; stream: StreamId; event: link.Event }
  | { type: "send-operator"; stream: StreamId; event: operator.Event }
  /** SUBSCRIBED with the whole state: the hands build it in slices, and hold later events of this stream back until it is out. */
  | { type: "send-snapshot"; stream: StreamId }
  /** One event to every open operator stream, encoded once. */
  | { type: "publish"; event: operator.Event }
  | { type: "close"; stream: StreamId }
  /** The process is to end: going on would do harm. */
  | { type: "abort"; reason: string }
  | { type: "wake"; atMs: number; wake: Wake }
  | { type: "log"; level: "info" | "warn" | "error"; message: string; fields: Readonly<Record<string, unknown>> };

export class MasterOut extends Outbox<MasterEffect> {
  answer(request: RequestId, answer: Answer): void {
    this.push({ type: "answer", request, answer });
  }

  /** Opens a stream, with its 200. */
  open(stream: StreamId, headers: Readonly<Record<string, string>> = {}): void {
    this.push({ type: "open", stream, headers });
  }

  refuseStream(stream: StreamId, answer: Answer): void {
    this.push({ type: "refuse-stream", stream, answer });
  }

  sendScheduler(stream: StreamId, event: scheduler.Event): void {
    this.push({ type: "send-scheduler", stream, event });
  }

  /** For what may be lost. */
  sendSchedulerUnlessSlow(stream: StreamId, event: scheduler.Event): void {
    this.push({ type: "send-scheduler-unless-slow", stream, event });
  }

  sendAgent(stream: StreamId, event: link.Event): void {
    this.push({ type: "send-agent", stream, event });
  }

  /** For what may be lost. */
  sendAgentUnlessSlow(stream: StreamId, event: link.Event): void {
    this.push({ type: "send-agent-unless-slow", stream, event });
  }

  sendOperator(stream: StreamId, event: operator.Event): void {
    this.push({ type: "send-operator", stream, event });
  }

  sendSnapshot(stream: StreamId): void {
    this.push({ type: "send-snapshot", stream });
  }

  publish(event: operator.Event): void {
    this.push({ type: "publish", event });
  }

  close(stream: StreamId): void {
    this.push({ type: "close", stream });
  }

  abort(reason: string): void {
    this.push({ type: "abort", reason });
  }

  wake(atMs: number, wake: Wake): void {
    this.push({ type: "wake", atMs, wake });
  }

  log(level: "info" | "warn" | "error", message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.push({ type: "log", level, message, fields });
  }
}
