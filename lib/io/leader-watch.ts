import { get } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { hostAndPort } from "../core/address.ts";
import type { Address } from "../core/ports/election.ts";
import { jsonAnswer, textAnswer } from "./http/answer.ts";
import type { Handler, Reply } from "./http/request.ts";

/** Where any of several servers tells who leads, once that is another one than `?leader=HOST:PORT`. */
export const LEADER_WATCH = "/api/v1/leader-watch";

export const LOOK_MS = 100;
/** Somebody who stands by may hear of a new leader a moment after his clients. */
const LOOKS = 2;
export const PAUSE_MS = 1_000;
/** Then another one is asked: the one that was may be the leader under another name, or its machine gone. */
export const HELD_MS = 60_000;
/** How long a server may keep silent to who subscribes before the others are asked who leads: one that stands still takes connections all the same. */
export const SILENT_MS = 3_000;

/** Who leads and can be asked. */
export interface Known {
  readonly leader: Address;
  /** It is this process, which then knows for sure. */
  readonly isSelf: boolean;
}

/** Holds requests until somebody else leads than their clients believe: so they need not wait until a leader that stands still has missed its heartbeats. */
export class LeaderWatch {
  readonly #known: () => Known | undefined;
  /** By whom their clients believe to lead. */
  readonly #waiting = new Map<string, { readonly replies: Set<Reply>; looks: number }>();
  #timer: NodeJS.Timeout | undefined;

  /** `known`: undefined while nobody leads that can be asked. */
  constructor(known: () => Known | undefined) {
    this.#known = known;
  }

  readonly handler: Handler = ({ query }, reply) => {
    const leader = query.get("leader");
    if (leader === null) return textAnswer(400, "Expecting 'leader' to be given");
    const waiting = this.#waiting.get(leader) ?? { replies: new Set<Reply>(), looks: 0 };
    this.#waiting.set(leader, waiting);
    waiting.replies.add(reply);
    reply.onGone(() => {
      waiting.replies.delete(reply);
      if (waiting.replies.size === 0 && this.#waiting.get(leader) === waiting) this.#waiting.delete(leader);
    });
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS).unref();
    return undefined;
  };

  #look(): void {
    const known = this.#known();
    const leader = known && hostAndPort(known.leader.hostname, known.leader.port);
    for (const [believed, waiting] of this.#waiting) {
      waiting.looks = leader === undefined || leader === believed ? 0 : waiting.looks + 1;
      if (known === undefined || waiting.looks < looksFor(known)) continue;
      this.#waiting.delete(believed);
      const { hostname, port } = known.leader;
      for (const reply of waiting.replies) reply.answer(jsonAnswer({ hostname, port }));
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** How often in a row that one must be seen to lead before others are told. */
export function looksFor({ isSelf }: Known): number {
  return isSelf ? 1 : LOOKS;
}

/**
 * Asks the others of these servers, one at a time, until somebody else leads than `leader`; resolves to who that is. `current`: the server that is not to be asked, being the one that
 * may stand still. Never resolves after `signal`, nor where servers know nothing of this, as those of Mesos.
 */
export async function leaderChanged(
  urls: readonly string[],
  current: string,
  leader: Address,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Address> {
  const target = `${LEADER_WATCH}?leader=${encodeURIComponent(hostAndPort(leader.hostname, leader.port))}`;
  const first = Math.floor(Math.random() * urls.length);
  return toldBy(
    urls.filter((url) => url !== current),
    first,
    (url) => ask(url + target, headers, AbortSignal.any([signal, AbortSignal.timeout(HELD_MS)])),
    () => wait(PAUSE_MS, undefined, { signal, ref: false }).catch(() => {}),
    signal,
  );
}

/** The same for who has been sent to `current` and hears nothing of it: after a while the others are asked whether somebody else leads. */
export async function ledElsewhere(
  urls: readonly string[],
  current: string,
  signal: AbortSignal,
  headers?: Readonly<Record<string, string>>,
): Promise<Address> {
  if (urls.length > 1) await wait(SILENT_MS, undefined, { signal, ref: false }).catch(() => {});
  if (urls.length === 1 || signal.aborted) return new Promise(() => {});
  const { hostname, port } = new URL(current);
  const silent = { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) };
  return leaderChanged(urls, current, silent, signal, headers);
}

/** The same by however they are asked, beginning with the one at `first`. */
export async function toldBy(
  urls: readonly string[],
  first: number,
  asked: (url: string) => Promise<Address | "gone" | "stranger">,
  pause: () => Promise<void>,
  signal: AbortSignal,
): Promise<Address> {
  const others = [...urls];
  for (let at = first; others.length > 0 && !signal.aborted; at++) {
    const url = others[at % others.length]!;
    const heard = await asked(url);
    if (typeof heard === "object" && !signal.aborted) return heard;
    if (heard === "stranger") others.splice(others.indexOf(url), 1);
    await pause();
  }
  return new Promise(() => {});
}

/** An answer larger than this is none of ours. */
const MOST_BYTES = 1_000;

function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Address | "gone" | "stranger"> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, headers, signal });
    // It is silent for days; whether the server's machine is still there, the kernel finds out.
    request.on("socket", (socket) => socket.setKeepAlive(true, 15_000).unref());
    request.on("error", () => resolve("gone"));
    request.once("response", (incoming) => {
      let text = "";
      incoming.setEncoding("utf8").on("data", (piece: string) => {
        text += piece;
        if (text.length > MOST_BYTES) incoming.destroy();
      });
      incoming.on("error", () => {});
      incoming.once("close", () => resolve(incoming.statusCode === 200 ? addressIn(text) : unlessBusy(incoming)));
    });
  });
}

function unlessBusy({ statusCode = 0 }: { statusCode?: number | undefined }): "gone" | "stranger" {
  return statusCode >= 500 ? "gone" : "stranger";
}

function addressIn(text: string): Address | "stranger" {
  try {
    const { hostname, port } = JSON.parse(text);
    return typeof hostname === "string" && Number.isInteger(port) ? { hostname, port } : "stranger";
  } catch {
    return "stranger";
  }
}
