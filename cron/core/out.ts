import type * as scheduler from "@meseta/api/mesos/generated/scheduler.ts";
import { Outbox } from "@meseta/lib/core/daemon.ts";
import type { RequestId, Wake } from "./event.ts";

/** The answer to one call: JSON, or text, or nothing but status and headers. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** `body` is text for people. */
  readonly isText?: true;
}

/** What an owner, or whoever listens, is told. Source: Chronos' notifications. */
export interface Notification {
  readonly job: string;
  /** Addresses, comma separated; may be empty. */
  readonly owner: string;
  readonly subject: string;
  readonly text: string;
}

/** What to do now. Carried out in order, after the event that caused it is durable. */
export type CronEffect =
  | { readonly type: "answer"; readonly request: RequestId; readonly answer: Answer }
  /** To the master; lost when there is no connection: who counts on it asks again. */
  | { readonly type: "send"; readonly call: Omit<scheduler.Call, "framework_id"> }
  /** The first event of a life says so: the hands subscribe as the framework of this id, or as a new one. Offers are suppressed until a REVIVE. */
  | { readonly type: "subscribe"; readonly frameworkId: string | undefined }
  | { readonly type: "notify"; readonly notification: Notification }
  | { readonly type: "wake"; readonly atMs: number; readonly wake: Wake }
  | {
      readonly type: "log";
      readonly level: "info" | "warn" | "error";
      readonly message: string;
      readonly fields: Readonly<Record<string, unknown>>;
    }
  /** The process must end: going on would lose tasks. */
  | { readonly type: "abort"; readonly reason: string };

export class CronOut extends Outbox<CronEffect> {
  answer(request: RequestId, answer: Answer): void {
    this.push({ type: "answer", request, answer });
  }

  send(call: Omit<scheduler.Call, "framework_id">): void {
    this.push({ type: "send", call });
  }

  notify(notification: Notification): void {
    this.push({ type: "notify", notification });
  }

  wake(atMs: number, wake: Wake): void {
    this.push({ type: "wake", atMs, wake });
  }

  log(level: "info" | "warn" | "error", message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.push({ type: "log", level, message, fields });
  }
}
