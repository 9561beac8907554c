import { decodeProtobufShared } from "@meseta/api/mesos/codec/protobuf.ts";
import type { Call } from "@meseta/api/mesos/generated/link.ts";
import { refuse } from "@meseta/api/mesos/refusal.ts";
import { notImplemented } from "@meseta/lib/io/http/answer.ts";
import type { Handler } from "@meseta/lib/io/http/request.ts";
import { acceptOf, callOf } from "../call.ts";
import { readingLargeCalls } from "../large-calls.ts";
import { type Front, led } from "./front.ts";

/** POST /api/v1/agent-link: an agent subscribes, or sends what happened on it. */
export function agentLinkHandler(front: Front): Handler {
  return led(front, readingLargeCalls("meseta.link.Call", linkCalls(front)));
}

function linkCalls(front: Front): Handler {
  return (request, reply) => {
    const read = callOf(request, "meseta.link.Call", validateLinkCall, decodeProtobufShared);
    if ("refusal" in read) return read.refusal;
    const { call } = read;
    const accept = acceptOf(request);
    if (typeof accept !== "string") return accept;
    const { loop } = front;
    const { principal } = request;
    if (call.type === undefined || call.type === "UNKNOWN") return notImplemented;
    if (call.type !== "SUBSCRIBE") {
      loop.post({ type: "agent-call", request: loop.requests.add(reply, accept), principal, call });
      return undefined;
    }
    const stream = loop.streams.add(reply, accept, "meseta.link.Event");
    reply.onGone(() => loop.post({ type: "stream-closed", stream }));
    loop.post({ type: "agent-subscribe", stream, principal, address: addressOf(request.peer), call });
    return undefined;
  };
}

function validateLinkCall(call: Call) {
  if (call.type === "SUBSCRIBE" && call.subscribe === undefined) return refuse("Expecting 'subscribe' to be present");
  return undefined;
}

/** An IPv4 peer of a socket that listens on both families shows up as ::ffff:10.0.0.1. */
function addressOf(peer: string): string {
  return peer.startsWith("::ffff:") ? peer.slice("::ffff:".length) : peer;
}
