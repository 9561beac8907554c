// Decides when a client opens its event stream, to whom, and when it gives a stream up. Scheduler, executor and operator
// clients share it: calls up, events down. It knows no clock and no network: each function is told what happened.
import type { Random } from "@meseta/lib/core/random.ts";
import { redirectTarget } from "./address.ts";

export interface Link {
  /** What to do first, or after a stream or an attempt ended. */
  next(outcome: Outcome): Step;
  /** The first event of a stream has come: the address is good, and the back-off begins anew next time. */
  subscribed(): void;
  /** How long a stream may stay silent before it counts as dead: five heartbeats. */
  silenceMs(heartbeatIntervalMs: number): number;
}

export type Outcome =
  | { readonly type: "start" }
  /** No connection, a broken stream, silence, or an orderly end. */
  | { readonly type: "lost"; readonly why: string }
  | {
      readonly type: "answered";
      readonly status: number;
      readonly text: string;
      readonly location?: string | undefined;
    };

export type Step =
  | { readonly type: "connect"; readonly url: string; readonly afterMs: number }
  /** Trying again would bring the same answer. */
  | { readonly type: "give-up"; readonly status: number; readonly text: string };

export interface LinkOptions {
  readonly addresses: readonly string[];
  readonly random: Random;
  /** First and longest waiting time; the waits between are drawn from the upper half of a doubling range. */
  readonly backoffMs?: number;
  readonly backoffMaxMs?: number;
}

const MISSED_HEARTBEATS = 5;
const MAX_REDIRECTS = 5;

/**
 * A link over at least one address. A stream that worked is opened again at the same address, after a moment that keeps
 * many clients from coming back in step; else a whole round over the addresses goes without waiting, then backs off.
 */
export function createLink(options: LinkOptions): Link {
  const { addresses, random, backoffMs = 250, backoffMaxMs = 15_000 } = options;
  let current = addresses[0]!;
  let triedInRound = 0;
  let rounds = 0;
  let redirects = 0;
  let worked = false;

  const retry = (): Step => {
    if (worked) {
      worked = false;
      return { type: "connect", url: current, afterMs: Math.round(random.next() * backoffMs) };
    }
    triedInRound++;
    const known = addresses.indexOf(current);
    current = addresses[(known + 1) % addresses.length]!;
    if (triedInRound < addresses.length) return { type: "connect", url: current, afterMs: 0 };
    triedInRound = 0;
    const ceiling = Math.min(backoffMaxMs, backoffMs * 2 ** Math.min(rounds++, 20));
    return { type: "connect", url: current, afterMs: Math.round(ceiling / 2 + (random.next() * ceiling) / 2) };
  };

  const answered = (outcome: Outcome & { type: "answered" }): Step => {
    const leader = outcome.location === undefined ? undefined : redirectTarget(outcome.location, current);
    if (outcome.status >= 300 && outcome.status < 400 && leader !== undefined && redirects++ < MAX_REDIRECTS) {
      current = leader;
      return { type: "connect", url: leader, afterMs: 0 };
    }
    redirects = 0;
    const pointless = outcome.status >= 400 && outcome.status < 500 && outcome.status !== 429;
    return pointless ? { type: "give-up", status: outcome.status, text: outcome.text } : retry();
  };

  return {
    next(outcome) {
      if (outcome.type === "start") return { type: "connect", url: current, afterMs: 0 };
      return outcome.type === "lost" ? retry() : answered(outcome);
    },
    subscribed() {
      worked = true;
      triedInRound = 0;
      rounds = 0;
      redirects = 0;
    },
    silenceMs: (heartbeatIntervalMs) => MISSED_HEARTBEATS * heartbeatIntervalMs,
  };
}
