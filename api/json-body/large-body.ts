import { decodeUtf8 } from "../mesos/codec/utf8.ts";
import { whyNoJson } from "./body.ts";

/** Looks at a large body in a thread of its own: as it is when it is JSON within the bounds, or else what is wrong with it. */
export function answer(_: "json", body: Uint8Array): { ok: true; bytes: Uint8Array } | { ok: false; text: string } {
  const text = whyNoJson(decodeUtf8(body));
  return text === undefined ? { ok: true, bytes: body } : { ok: false, text };
}
