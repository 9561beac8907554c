import type { decodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import { type MediaType, readCall } from "@meseta/api/mesos/codec/read-call.ts";
import type { WireType, WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import type { Refusal } from "@meseta/api/mesos/refusal.ts";
import { type Answer, methodNotAllowed, textAnswer } from "@meseta/lib/io/http/answer.ts";
import { acceptedTypeOf, callTypes, contentTypeOf } from "@meseta/lib/io/http/negotiation.ts";
import type { Request } from "@meseta/lib/io/http/request.ts";

/** The call that a POST carries, or the refusal: method, Content-Type, body, what the call must have, in this order. `decode` reads what is protobuf. */
export function callOf<T extends WireType>(
  request: Request,
  type: T,
  validate: (call: WireTypes[T]) => Refusal | undefined,
  decode?: typeof decodeProtobuf,
): { call: WireTypes[T] } | { refusal: Answer } {
  if (request.method !== "POST") return { refusal: methodNotAllowed(["POST"], request.method) };
  const contentType = contentTypeOf(request.headers, callTypes);
  if (typeof contentType !== "string") return { refusal: contentType };
  const read = readCall(type, contentType, request.body, "call", decode);
  if (!read.ok) return { refusal: textAnswer(400, read.text) };
  const refusal = validate(read.call);
  return refusal === undefined ? { call: read.call } : { refusal: textAnswer(400, refusal.message) };
}

/** The type in which the client wants its answer, or the refusal. */
export function acceptOf(request: Request): MediaType | Answer {
  return acceptedTypeOf(request.headers, callTypes);
}
