import type { WireType, WireTypes } from "../generated/wire-types.ts";
import { fromJsonText } from "./from-json.ts";
import { decodeProtobuf } from "./protobuf.ts";
import { decodeUtf8 } from "./utf8.ts";
import { WireError } from "./wire-error.ts";

export type MediaType = "application/json" | "application/x-protobuf";

/**
 * The call that a request's body says, or the text of the 400 that answers it. The operator API of the agent words its
 * refusals in its own way; all other APIs ("call") share one. Source: the answers that Mesos 1.12 was recorded giving.
 */
export function readCall<T extends WireType>(
  type: T,
  mediaType: MediaType,
  body: Uint8Array,
  wording: "call" | "agent" = "call",
  decode: typeof decodeProtobuf = decodeProtobuf,
): { ok: true; call: WireTypes[T] } | { ok: false; text: string } {
  try {
    return {
      ok: true,
      call: mediaType === "application/json" ? fromJsonText(type, decodeUtf8(body)) : decode(type, body),
    };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { ok: false, text: refusal(error, wording) };
  }
}

function refusal(error: WireError, wording: "call" | "agent"): string {
  switch (error.kind) {
    case "syntax":
      return `Failed to parse body into JSON: ${error.message}`;
    case "shape":
      return wording === "agent" ? error.message : `Failed to convert JSON into Call protobuf: ${error.message}`;
    case "protobuf":
      return wording === "agent"
        ? "Failed to parse body into a protobuf object"
        : "Failed to parse body into Call protobuf";
  }
}
