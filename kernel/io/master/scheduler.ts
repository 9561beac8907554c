import type { Call } from "@meseta/api/mesos/generated/scheduler.ts";
import { notImplemented, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Handler, Request } from "@meseta/lib/io/http/request.ts";
import { validateSchedulerCall } from "../../core/master/validate/scheduler-call.ts";
import { acceptOf, callOf } from "../call.ts";
import { type Front, led } from "./front.ts";

/** POST /api/v1/scheduler. What concerns the framework itself (known, connected, its stream) the core looks at. */
export function schedulerHandler(front: Front): Handler {
  return led(front, (request, reply) => {
    const read = callOf(request, "mesos.v1.scheduler.Call", validateSchedulerCall);
    if ("refusal" in read) return read.refusal;
    const { call } = read;
    if (call.type === undefined || call.type === "UNKNOWN") return notImplemented;
    const accept = needsAccept(call) ? acceptOf(request) : "application/json";
    if (typeof accept !== "string") return accept;
    const { loop } = front;
    const { principal } = request;
    const streamId = streamIdOf(request);
    if (call.type !== "SUBSCRIBE") {
      loop.post({ type: "scheduler-call", request: loop.requests.add(reply, accept), streamId, principal, call });
      return undefined;
    }
    if (streamId !== undefined)
      return textAnswer(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
    const stream = loop.streams.add(reply, accept, "mesos.v1.scheduler.Event");
    reply.onGone(() => loop.post({ type: "stream-closed", stream }));
    loop.post({ type: "scheduler-subscribe", stream, principal, call });
    return undefined;
  });
}

function needsAccept({ type }: Call): boolean {
  return type === "SUBSCRIBE" || type === "RECONCILE_OPERATIONS";
}

function streamIdOf({ headers }: Request): string | undefined {
  const given = headers["mesos-stream-id"];
  return given === undefined ? undefined : String(given);
}
