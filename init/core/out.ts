import type * as scheduler from "@meseta/api/mesos/generated/scheduler.ts";
import { Outbox } from "@meseta/lib/core/daemon.ts";
import type { RequestId, Wake } from "./event.ts";

/** The answer to one call: JSON, or nothing but status and headers. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An event of the stream /v2/events, without `eventType` and `timestamp`, which the hands put before and after. Source: Marathon's event bus. */
export interface Notice {
  readonly eventType: string;
  readonly [field: string]: unknown;
}

/** What to do now. Carried out in order, after the event that caused it is durable. */
export type InitEffect =
  | { readonly type: "answer"; readonly request: RequestId; readonly answer: Answer }
  /** To every reader of the event stream. */
  | { readonly type: "publish"; readonly notice: Notice; readonly atMs: number }
  /** To the master; lost when there is no connection: who counts on it asks again. */
  | { readonly type: "send"; readonly call: Omit<scheduler.Call, "framework_id"> }
  /** The roles under which offers are wanted, and those of them that are suppressed; the hands subscribe, or update the framework, with them. */
  | { readonly type: "roles"; readonly roles: readonly string[]; readonly suppressed: readonly string[] }
  | { readonly type: "wake"; readonly atMs: number; readonly wake: Wake }
  | {
      readonly type: "log";
      readonly level: "info" | "warn" | "error";
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  /** The process must end: going on would lose tasks. */
  | { readonly type: "abort"; readonly reason: string };

export class InitOut extends Outbox<InitEffect> {
  answer(request: RequestId, answer: Answer): void {
    this.push({ type: "answer", request, answer });
  }

  publish(notice: Notice, atMs: number): void {
    this.push({ type: "publish", notice, atMs });
  }

  send(call: Omit<scheduler.Call, "framework_id">): void {
    this.push({ type: "send", call });
  }

  wake(atMs: number, wake: Wake): void {
    this.push({ type: "wake", atMs, wake });
  }

  log(level: "info" | "warn" | "error", message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.push({ type: "log", level, message, fields });
  }
}
