import { encodeProtobufRecord } from "@meseta/api/mesos/codec/protobuf.ts";
import type { MediaType } from "@meseta/api/mesos/codec/read-call.ts";
import { toJson } from "@meseta/api/mesos/codec/to-json.ts";
import type { WireType, WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";

/** A record of a stream; text is UTF-8 once it is written. */
export type Frame = Uint8Array | string;

/**
 * An event as a record of RecordIO, in the form that the peer asked for. JSON stays text, which is encoded by the socket: bytes of their own, outside the heap, have
 * the collector look through all of it when some tens of megabytes have gathered, dead or not.
 */
export function frame<T extends WireType>(type: T, mediaType: MediaType, event: WireTypes[T]): Frame {
  if (mediaType !== "application/json") return encodeProtobufRecord(type, event);
  const text = toJson(type, event);
  return `${Buffer.byteLength(text)}\n${text}`;
}
