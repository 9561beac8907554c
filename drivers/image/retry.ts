import { setTimeout as wait } from "node:timers/promises";
import { ImageFailed } from "./failure.ts";

/** Waits `ms`; injected in tests. */
export type Pause = (ms: number) => Promise<unknown>;

export const realPause: Pause = (ms) => wait(ms);

const ATTEMPTS = 5;
const FIRST_MS = 500;
/** However long a server asks to be left alone. */
const LONGEST_MS = 60_000;
/** Attempts in all, however much each of them brings. */
const MOST_ATTEMPTS = 100;

/**
 * Does it again while it fails with what passes, with pauses of 0.5 s, 1 s, 2 s, 4 s or what the server asked for. `advanced` says whether
 * the last attempt brought something; then counting begins anew.
 */
export async function persistently<T>(
  attempt: () => Promise<T>,
  pause: Pause,
  advanced: () => boolean = () => false,
): Promise<T> {
  for (let [failures, attempts] = [0, 1]; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof ImageFailed) || !error.passing) throw error;
      failures = (advanced() ? 0 : failures) + error.weight;
      if (failures >= ATTEMPTS || attempts === MOST_ATTEMPTS) throw error;
      await pause(Math.min(error.afterMs ?? FIRST_MS * 2 ** (failures - 1), LONGEST_MS));
    }
  }
}
