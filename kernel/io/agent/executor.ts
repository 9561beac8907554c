import type { Call } from "@meseta/api/mesos/generated/executor.ts";
import { notImplemented, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Handler } from "@meseta/lib/io/http/request.ts";
import { validateExecutorCall } from "../../core/agent/validate/executor-call.ts";
import { acceptOf, callOf } from "../call.ts";
import { readingLargeCalls } from "../large-calls.ts";
import type { Front } from "./front.ts";

/** POST /api/v1/executor: executors that are processes of their own subscribe here, and tell of their tasks. */
export function executorHandler({ loop, config }: Front): Handler {
  return readingLargeCalls("mesos.v1.executor.Call", (request, reply) => {
    const read = callOf(request, "mesos.v1.executor.Call", validateExecutorCall);
    if ("refusal" in read) return read.refusal;
    const call: Call = read.call;
    if (call.type === undefined || call.type === "UNKNOWN") return notImplemented;
    // What it says travels on to the master, together with what others say, in a call that has a bound too.
    const { executorBytes } = config.limits;
    if ((request.sentBytes ?? request.body.length) > executorBytes) {
      loop.tooLarge++;
      return textAnswer(413, `A call of an executor may have ${executorBytes} bytes`);
    }
    if (call.type !== "SUBSCRIBE") {
      loop.post({ type: "executor-call", request: loop.requests.add(reply, "application/json"), call });
      return undefined;
    }
    const accept = acceptOf(request);
    if (typeof accept !== "string") return accept;
    const stream = loop.streams.add(reply, accept);
    reply.onGone(() => loop.post({ type: "stream-closed", stream }));
    loop.post({ type: "executor-subscribe", stream, call });
    return undefined;
  });
}
