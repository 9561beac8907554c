// What the thread beside the event loop does with the kernel's large bodies.
import { type CallQuestion, answer as readLargeCall } from "@meseta/api/mesos/codec/large-call.ts";
import { encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import type { LargeRead } from "@meseta/lib/io/http/read-beside.ts";
import { type LegacyWrite, legacyCall } from "./master/legacy-calls.ts";

/** A call, or what was sent to one of the master's older endpoints. */
export type BodyQuestion = CallQuestion | { readonly write: LegacyWrite };

/** The call in protobuf, which is read quickly; or the text of the 400 that answers it. */
export function answer(question: BodyQuestion, body: Uint8Array): LargeRead {
  if (!("write" in question)) return readLargeCall(question, body);
  const read = legacyCall(question.write, body);
  return read.ok ? { ok: true, bytes: encodeProtobuf("mesos.v1.master.Call", read.call) } : read;
}
