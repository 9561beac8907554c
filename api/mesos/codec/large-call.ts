import type { WireType } from "../generated/wire-types.ts";
import { encodeProtobuf } from "./protobuf.ts";
import { type MediaType, readCall } from "./read-call.ts";

export interface CallQuestion {
  readonly type: WireType;
  readonly mediaType: MediaType;
  readonly wording: "call" | "agent";
}

/** Reads a call whose body is large, in a thread of its own: the same call in protobuf, without what nobody knows, which is read quickly; or the text of the 400 that answers it. */
export function answer(
  { type, mediaType, wording }: CallQuestion,
  body: Uint8Array,
): { ok: true; bytes: Uint8Array } | { ok: false; text: string } {
  const read = readCall(type, mediaType, body, wording);
  return read.ok ? { ok: true, bytes: encodeProtobuf(type, read.call) } : read;
}
