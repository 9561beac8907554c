import type { WireType, WireTypes } from "../generated/wire-types.ts";
import { encodeProtobuf } from "./protobuf.ts";
import type { MediaType } from "./read-call.ts";
import { toJson } from "./to-json.ts";
import { encodeUtf8 } from "./utf8.ts";

/** The bytes of an answer or event in the form that the peer asked for. */
export function writeMessage<T extends WireType>(
  type: T,
  mediaType: MediaType,
  value: WireTypes[T],
): Uint8Array<ArrayBuffer> {
  return mediaType === "application/json" ? encodeUtf8(toJson(type, value)) : encodeProtobuf(type, value);
}
