import { CallStream } from "@meseta/lib/io/call-stream.ts";
import { json } from "../core/format.ts";
import { SchedulerClient, type SchedulerOptions } from "./client.ts";

export interface SchedulerAddress {
  /** Base URLs of the masters, any of which may lead. */
  readonly masters: readonly string[];
  readonly headers?: () => Readonly<Record<string, string>>;
}

/** A scheduler client over HTTP. It connects with `start` or `events`. */
export function connectScheduler(address: SchedulerAddress, options: SchedulerOptions): SchedulerClient {
  const transport = new CallStream({
    urls: address.masters,
    path: "/api/v1/scheduler",
    mediaType: (options.format ?? json).mediaType,
    headers: address.headers,
  });
  return new SchedulerClient(transport, options);
}
