import { decodeUtf8, encodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { WireType, WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";

/** What calls and events are written in. */
export interface Format {
  readonly mediaType: "application/json" | "application/x-protobuf";
  encode<T extends WireType>(type: T, value: WireTypes[T]): Uint8Array;
  /** The same for a call's body: text stays text, and becomes bytes when it is sent. */
  body<T extends WireType>(type: T, value: WireTypes[T]): Uint8Array | string;
  /** Throws when the record is not what it should be, which only a broken server sends. */
  decode<T extends WireType>(type: T, record: Uint8Array | string): WireTypes[T];
}

/**
 * JSON by the language itself: our objects are the wire's JSON already, and the servers fill in defaults. So a client needs
 * no schema and starts at once. `protobuf.ts` is the other format.
 */
export const json: Format = {
  mediaType: "application/json",
  encode: (_type, value) => encodeUtf8(textOf(value)),
  body: (_type, value) => textOf(value),
  decode: (_type, record) => JSON.parse(typeof record === "string" ? record : decodeUtf8(record)),
};

// JSON has no infinity, which as a task's limit means "no limit": on the wire it is the word. Few calls hold one, so only what came out as null is written again.
function textOf(value: unknown): string {
  const text = JSON.stringify(value);
  if (!text.includes(":null")) return text;
  return JSON.stringify(value, (_key, each) => (Math.abs(each) === Number.POSITIVE_INFINITY ? String(each) : each));
}
