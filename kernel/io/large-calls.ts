import type { CallQuestion } from "@meseta/api/mesos/codec/large-call.ts";
import type { WireType } from "@meseta/api/mesos/generated/wire-types.ts";
import { Beside } from "@meseta/lib/io/beside.ts";
import { textAnswer } from "@meseta/lib/io/http/answer.ts";
import { callTypes } from "@meseta/lib/io/http/negotiation.ts";
import { type LargeRead, readBeside } from "@meseta/lib/io/http/read-beside.ts";
import type { Handler, LargeBody, Request } from "@meseta/lib/io/http/request.ts";
import type { BodyQuestion } from "./large-body.ts";

/** Of the whole process: two would only be in each other's way. */
const reader = new Beside<BodyQuestion, LargeRead>(new URL("./large-body.ts", import.meta.url));

/** The request with its call in protobuf, read beside the loop, or what is wrong with it. */
export function readLarge(question: BodyQuestion, request: Request, large: LargeBody) {
  return readBeside(reader, question, request, large);
}

/**
 * Calls whose bodies are large are read beside the loop, so that nobody else waits for them; the handler gets them in protobuf. They may be overtaken by calls that come later, as on any
 * other connection.
 */
export function readingLargeCalls(
  type: WireType,
  handler: Handler,
  wording: CallQuestion["wording"] = "call",
): Handler {
  return (request, reply) => {
    const mediaType = callTypes.find((one) => one === request.headers["content-type"]);
    const { large } = request;
    if (large === undefined || mediaType === undefined || request.method !== "POST") return handler(request, reply);
    return readLarge({ type, mediaType, wording }, request, large).then((read) => {
      if ("text" in read) return textAnswer(400, read.text);
      const headers = { ...read.request.headers, "content-type": "application/x-protobuf" };
      return handler({ ...read.request, headers }, reply);
    });
  };
}
