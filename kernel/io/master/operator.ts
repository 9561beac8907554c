import type { MediaType } from "@meseta/api/mesos/codec/read-call.ts";
import { writeMessage } from "@meseta/api/mesos/codec/write-message.ts";
import type { Call, CallType, Response } from "@meseta/api/mesos/generated/master.ts";
import { snapshotOf } from "@meseta/lib/core/metrics.ts";
import { type Answer, notImplemented, textAnswer } from "@meseta/lib/io/http/answer.ts";
import type { Handler, Reply, Request } from "@meseta/lib/io/http/request.ts";
import { validateMasterCall } from "../../core/master/validate/operator-call.ts";
import { acceptOf, callOf } from "../call.ts";
import { readingLargeCalls } from "../large-calls.ts";
import { type Front, led } from "./front.ts";
import { samplesOf } from "./numbers.ts";
import { Pacer } from "./pacing.ts";
import { type Kind, NotDurable } from "./readings.ts";
import { bigRead, SMALL_READS } from "./reads.ts";

/** POST /api/v1: readings are answered from the state, the rest is decided by the core. */
export function operatorHandler(front: Front): Handler {
  return led(front, readingLargeCalls("mesos.v1.master.Call", operatorCalls(front)));
}

function operatorCalls(front: Front): Handler {
  return (request, reply) => {
    const read = callOf(request, "mesos.v1.master.Call", validateMasterCall);
    if ("refusal" in read) return read.refusal;
    const accept = acceptOf(request);
    if (typeof accept !== "string") return accept;
    const { call } = read;
    if (call.type === undefined || call.type === "UNKNOWN") return notImplemented;
    return (
      answerOwn(front, call, accept) ??
      answerRead(front, call, accept, reply) ??
      post(front, call, accept, request, reply)
    );
  };
}

/** A call that changes something goes to the core, and its answer comes from there. */
export function postCall(front: Front, call: Call, request: Request, reply: Reply, accept: MediaType): undefined {
  const { loop } = front;
  loop.post({ type: "operator-call", request: loop.requests.add(reply, accept), principal: request.principal, call });
}

function post(front: Front, call: Call, accept: MediaType, request: Request, reply: Reply): undefined {
  if (call.type !== "SUBSCRIBE") return postCall(front, call, request, reply, accept);
  const { loop } = front;
  const stream = loop.streams.add(reply, accept, "mesos.v1.master.Event");
  reply.onGone(() => loop.post({ type: "stream-closed", stream }));
  loop.post({ type: "operator-subscribe", stream, principal: request.principal });
}

/** What the hands answer themselves: what is not part of the state. */
function answerOwn(front: Front, call: Call, accept: MediaType): Answer | Promise<Answer> | undefined {
  const respond = (response: Response) => responseAnswer({ type: call.type as Response["type"], ...response }, accept);
  switch (call.type) {
    case "GET_HEALTH":
      return respond({ get_health: { healthy: true } });
    case "GET_METRICS":
      return respond({ get_metrics: { metrics: metricsOf(front) } });
    case "GET_LOGGING_LEVEL":
      return respond({ get_logging_level: { level: front.verbosity.level } });
    case "SET_LOGGING_LEVEL": {
      const { level, duration } = call.set_logging_level!;
      const problem = front.verbosity.set(level, duration.nanoseconds / 1e6);
      return problem === undefined ? { status: 200 } : textAnswer(400, problem);
    }
    case "LIST_FILES":
      return front.files
        .list(call.list_files!.path)
        .then((listed) =>
          "refusal" in listed ? listed.refusal : respond({ list_files: { file_infos: listed.files } }),
        );
    case "READ_FILE":
      return front.files
        .read(call.read_file!)
        .then((piece) =>
          "refusal" in piece
            ? piece.refusal
            : respond({ read_file: { size: piece.size, data: Buffer.from(piece.data).toString("base64") } }),
        );
    default:
      return undefined;
  }
}

function metricsOf(front: Front) {
  return Object.entries(snapshotOf(samplesOf(front))).map(([name, value]) => ({ name, value }));
}

function answerRead(front: Front, call: Call, accept: MediaType, reply: Reply): Promise<Answer> | undefined | Answer {
  const type = call.type as CallType;
  const small = SMALL_READS[type];
  if (small !== undefined) {
    return new Promise((resolve) =>
      front.loop.read(
        (state) => smallAnswer(small(state, call, front.loop.nowMs()), type, accept),
        resolve,
        (reason) => resolve(unavailable(reason)),
      ),
    );
  }
  const big = bigRead(type, accept === "application/json" ? "json" : "protobuf");
  return big === undefined ? undefined : bigAnswer(front, big, accept, reply);
}

const pacer = new Pacer();

/** A big answer as shared buffers; nothing is copied for each client. */
export async function bigAnswer(front: Front, kind: Kind, contentType: string, reply: Reply): Promise<Answer> {
  try {
    const { buffers, bytes, tag } = await front.loop.readings.open(kind);
    if (reply.gone) return { status: 200 };
    const length = bytes === undefined ? {} : { "Content-Length": String(bytes) };
    const headers = { "Content-Type": contentType, ...length, ETag: tag };
    return { status: 200, headers, pieces: pacer.paced(buffers) };
  } catch (error) {
    if (error instanceof NotDurable) return unavailable(error);
    throw error;
  }
}

export function unavailable(reason: Error): Answer {
  return textAnswer(503, `The state could not be read: ${reason.message}`);
}

function smallAnswer(found: Response | string, type: CallType, accept: MediaType): Answer {
  if (typeof found === "string") return textAnswer(400, found);
  return responseAnswer({ type: type as Response["type"], ...found }, accept);
}

function responseAnswer(response: Response, accept: MediaType): Answer {
  return {
    status: 200,
    headers: { "Content-Type": accept },
    body: writeMessage("mesos.v1.master.Response", accept, response),
  };
}
