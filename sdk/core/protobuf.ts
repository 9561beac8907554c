import { decodeProtobuf, encodeProtobuf } from "@meseta/api/mesos/codec/protobuf.ts";
import { assert } from "@meseta/lib/core/assert.ts";
import type { Format } from "./format.ts";

/** Smaller on the wire and faster to read than JSON, at the price of loading the schema at the start. */
export const protobuf: Format = {
  mediaType: "application/x-protobuf",
  encode: encodeProtobuf,
  body: encodeProtobuf,
  decode: (type, record) => {
    assert(typeof record !== "string", "text is no protobuf");
    return decodeProtobuf(type, record);
  },
};
