import { get, type IncomingMessage } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { hostAndPort } from "../core/address.ts";
import type { Address } from "../core/ports/election.ts";
import { textAnswer } from "./http/answer.ts";
import type { Handler } from "./http/request.ts";

/** Where a leader holds the requests of those who stand by. */
export const STANDBY_WATCH = "/api/v1/standby-watch";

/** How long a leader may take to answer. */
export const CONNECT_MS = 2_000;
export const PAUSE_MS = 250;

/** Answers with a head and nothing more while this process leads; its end is heard by the connection. */
export function standbyWatch(leads: () => boolean): Handler {
  return (_request, reply) => {
    if (!leads()) return textAnswer(503, "Somebody else leads, or nobody");
    reply.open({ "Content-Type": "text/plain" });
    return undefined;
  };
}

/**
 * Resolves when the leader's process is gone for sure: it had answered and that connection broke, or `isOver` says so; and now its port refuses connections or belongs
 * to somebody who does not lead. Never resolves where that cannot be told, as when a machine or a network is gone, nor after `signal`.
 */
export function leaderGone(
  leader: Address,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
  isOver?: () => boolean,
): Promise<void> {
  const url = `http://${hostAndPort(leader.hostname, leader.port)}${STANDBY_WATCH}`;
  const pause = (): Promise<void> => wait(PAUSE_MS, undefined, { signal }).catch(() => {});
  return goneFor(() => attend(url, headers, signal), pause, signal, isOver);
}

/** The same by however one request is held: what became of it says `attend`, when it is over. `isOver`: whether the process can be seen to be no more. */
export async function goneFor(
  attend: () => Promise<How>,
  pause: () => Promise<void>,
  signal: AbortSignal,
  isOver = () => false,
): Promise<void> {
  for (let met = false; !signal.aborted; ) {
    const how = await attend();
    // In its place nobody leads; that alone could be a wall, another network, or a new leader that has yet to see its own key.
    if ((how === "refused" || how === "other") && (met || isOver())) return;
    met ||= how === "broke";
    if (how !== "broke") await pause();
  }
  return new Promise(() => {});
}

/** What became of a request that a leader holds: it was held and broke, nobody listens, somebody answers who does not lead, or that cannot be told. */
export type How = "broke" | "refused" | "other" | "unknown";

/** One held request, until it is over. */
function attend(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<How> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, headers, signal });
    const late = setTimeout(() => request.destroy(new Error("no answer")), CONNECT_MS);
    const settle = (how: How): void => {
      clearTimeout(late);
      resolve(how);
    };
    request.on("error", ({ code }: NodeJS.ErrnoException) => settle(code === "ECONNREFUSED" ? "refused" : "unknown"));
    request.once("response", (incoming) => {
      clearTimeout(late);
      if (incoming.statusCode === 200) held(incoming).then(() => settle("broke"));
      else settle(incoming.resume().statusCode === 503 ? "other" : "unknown");
    });
  });
}

function held(incoming: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    incoming.resume().on("error", () => {});
    incoming.once("close", () => resolve());
  });
}
