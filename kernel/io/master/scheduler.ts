import type { Call } from "@meseta/api/mesos/generated/scheduler.ts";
import { type Answer, notImplemented, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Handler, Reply, Request } from "@meseta/lib/io/http/request.ts";
import { validateSchedulerCall } from "../../core/master/validate/scheduler-call.ts";
import { acceptOf, callOf } from "../call.ts";
import { readingLargeCalls } from "../large-calls.ts";
import { type Front, led } from "./front.ts";
import { sizeProblem } from "./sizes.ts";

/** POST /api/v1/scheduler. What concerns the framework itself (known, connected, its stream) the core looks at. */
export function schedulerHandler(front: Front): Handler {
  return led(front, readingLargeCalls("mesos.v1.scheduler.Call", schedulerCalls(front)));
}

function schedulerCalls(front: Front): Handler {
  return (request, reply) => {
    const read = callOf(request, "mesos.v1.scheduler.Call", validateSchedulerCall);
    if ("refusal" in read) return read.refusal;
    const { call } = read;
    if (call.type === undefined || call.type === "UNKNOWN") return notImplemented;
    const accept = needsAccept(call) ? acceptOf(request) : "application/json";
    if (typeof accept !== "string") return accept;
    const { loop } = front;
    const { principal } = request;
    const streamId = streamIdOf(request);
    const large = sizeProblem(call, request.sentBytes ?? request.body.length, front.config.limits);
    if (large !== undefined) {
      loop.tooLarge++;
      return textAnswer(413, large);
    }
    if (call.type !== "SUBSCRIBE") {
      return inTurn(front, request, call, reply, () =>
        loop.post({ type: "scheduler-call", request: loop.requests.add(reply, accept), streamId, principal, call }),
      );
    }
    if (streamId !== undefined)
      return textAnswer(400, "Subscribe calls should not include the 'Mesos-Stream-Id' header");
    return inTurn(front, request, call, reply, () => {
      const stream = loop.streams.add(reply, accept, "mesos.v1.scheduler.Event");
      reply.onGone(() => loop.post({ type: "stream-closed", stream }));
      loop.post({ type: "scheduler-subscribe", stream, principal, call });
    });
  };
}

/** At the rate of the framework's principal. Whoever has left meanwhile does not know whether the call was done, and it is not. */
function inTurn(front: Front, { principal }: Request, call: Call, reply: Reply, pass: () => void): Answer | undefined {
  if (front.rates === undefined) {
    pass();
    return undefined;
  }
  const isTaken = front.rates.take(principal ?? principalOf(front, call), () => reply.gone || pass());
  return isTaken ? undefined : tooFast;
}

const tooFast = textAnswer(429, "Too many calls of this principal's frameworks wait already (--rate-limits)", {
  "Retry-After": "1",
});

function principalOf({ loop }: Front, { subscribe, framework_id }: Call): string | undefined {
  if (subscribe !== undefined) return subscribe.framework_info.principal;
  return loop.state.frameworks.get(framework_id?.value ?? "")?.info.principal;
}

function needsAccept({ type }: Call): boolean {
  return type === "SUBSCRIBE" || type === "RECONCILE_OPERATIONS";
}

function streamIdOf({ headers }: Request): string | undefined {
  const given = headers["mesos-stream-id"];
  return given === undefined ? undefined : String(given);
}
