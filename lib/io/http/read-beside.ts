import { type Beside, BesideFailed } from "../beside.ts";
import type { LargeBody, Request } from "./request.ts";

export type LargeRead = { ok: true; bytes: Uint8Array } | { ok: false; text: string };

/** A request whose large body was read beside the loop: the same with the bytes that came of it, or what is wrong with it. */
export async function readBeside<Question>(
  beside: Beside<Question, LargeRead>,
  question: Question,
  request: Request,
  large: LargeBody,
): Promise<{ request: Request } | { text: string }> {
  const { method, path, query, headers, peer, principal } = request;
  try {
    const read = await beside.ask(question, large.blocks());
    if (!read.ok) return { text: read.text };
    const rest = { method, path, query, headers, peer, principal, incoming: undefined };
    return { request: { ...rest, body: read.bytes, sentBytes: large.length } };
  } catch (error) {
    if (!(error instanceof BesideFailed)) throw error;
    return { text: `It could not be read: ${error.message}` };
  }
}
