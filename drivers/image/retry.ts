import { setTimeout as pause } from "node:timers/promises";
import { ImageFailed } from "./failure.ts";

/** Waits `ms`; injected in tests. */
export type Pause = (ms: number) => Promise<unknown>;

export const realPause: Pause = (ms) => pause(ms);

const ATTEMPTS = 5;
const FIRST_MS = 500;
/** However long a server asks to be left alone. */
const LONGEST_MS = 60_000;

/**
 * Does it again while it fails with what passes, with pauses of 0.5 s, 1 s, 2 s, 4 s or what the server asked for. `advanced` says whether
 * the last attempt brought something; then it does not count, up to 100 in all.
 */
export async function persistently<T>(
  attempt: () => Promise<T>,
  pauseMs: Pause,
  advanced: () => boolean = () => false,
): Promise<T> {
  for (let [fruitless, all] = [1, 1]; ; all++) {
    try {
      return await attempt();
    } catch (error) {
      fruitless = advanced() ? 1 : fruitless + 1;
      if (!(error instanceof ImageFailed) || !error.passing || fruitless > ATTEMPTS || all === 100) throw error;
      await pauseMs(Math.min(error.afterMs ?? FIRST_MS * 2 ** (fruitless - 1), LONGEST_MS));
    }
  }
}
