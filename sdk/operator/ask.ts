import { decodeUtf8 } from "@meseta/api/mesos/codec/utf8.ts";
import type { WireType, WireTypes } from "@meseta/api/mesos/generated/wire-types.ts";
import { type CallAnswer, CallFailed, type Pages, type Transport } from "@meseta/lib/core/ports/transport.ts";
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
  const sent = asker.transport.call(asker.format.encode(asker.call, call), order);
  const body = await takenBy(asker, call.type ?? "call", sent);
  return body.length === 0 ? ({} as WireTypes[R]) : asker.format.decode(asker.response, body);
}

/** GETs a page of JSON; rejects as `ask`. */
export async function pageOf<T>(pages: Pages, path: string, of: Asked): Promise<T> {
  return JSON.parse(decodeUtf8(await takenBy(of, `GET ${path}`, pages.page(path)))) as T;
}

type Asked = Pick<Asker<WireType, WireType>, "who" | "where">;

async function takenBy({ who, where }: Asked, what: string, sent: Promise<CallAnswer>): Promise<Uint8Array> {
  const answer = await sent.catch((error: Error) => {
    throw error instanceof CallFailed ? new Unreachable(who, where, error.message) : error;
  });
  if (answer.status >= 200 && answer.status <= 299) return answer.body;
  throw new CallRefused(where, what, answer.status, decodeUtf8(answer.body));
}

/** It changes nothing, and may be asked twice. */
function isRead(type = ""): boolean {
  return /^(GET|LIST|READ|PREVIEW)_/.test(type);
}
