import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { WireType, WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import { CallFailed, type Transport } from "@meseta/lib/core/ports/transport.ts";
import { CallRefused, Unreachable } from "../core/errors.ts";
import type { Format } from "../core/format.ts";

/** One conversation of calls and answers, each an object with `type` and a field of the type's name. */
export interface Asker<C extends WireType, R extends WireType> {
  readonly transport: Transport;
  readonly format: Format;
  readonly call: C;
  readonly response: R;
  /** Named in errors: to whom the calls go, and where. */
  readonly who: "master" | "agent";
  readonly where: string;
}

/**
 * Sends a call and gives the answer, an empty object where there is none (a 200 or 202 without a body). Rejects with
 * {@link CallRefused} for an answer outside 2xx, and with {@link Unreachable} for none.
 */
export async function ask<C extends WireType, R extends WireType>(
  asker: Asker<C, R>,
  call: WireTypes[C] & { readonly type?: string | undefined },
): Promise<WireTypes[R]> {
  const order = isRead(call.type) ? "any" : "in turn";
  const answer = await asker.transport.call(asker.format.encode(asker.call, call), order).catch((error: Error) => {
    throw error instanceof CallFailed ? new Unreachable(asker.who, asker.where, error.message) : error;
  });
  if (answer.status < 200 || answer.status > 299) {
    throw new CallRefused(asker.where, call.type ?? "call", answer.status, decodeUtf8(answer.body));
  }
  return answer.body.length === 0 ? ({} as WireTypes[R]) : asker.format.decode(asker.response, answer.body);
}

/** It changes nothing, and may be asked twice. */
function isRead(type = ""): boolean {
  return /^(GET|LIST|READ|PREVIEW)_/.test(type);
}
