import type { CronOut } from "../out.ts";
import type { CronState } from "../state.ts";
import { askClock } from "../wakes.ts";

/** The most records that one event may store: the store takes no more at once. */
const MOST_RECORDS = 450;

/** Erases what nobody needs any more: now as much as the event may, and the rest with the next ticks of the clock. Who dies before that finds it again when he loads. */
export function eraseLater(state: CronState, keys: Iterable<string>, nowMs: number, out: CronOut): void {
  for (const key of keys) state.leftovers.push(key);
  eraseLeftovers(state, nowMs, out);
}

/** So much of what is left over as this event may still store; the clock is looked at again for the rest. */
export function eraseLeftovers(state: CronState, nowMs: number, out: CronOut): void {
  const { leftovers } = state;
  while (leftovers.length > 0 && out.puts.size + out.deletes.size < MOST_RECORDS) out.erase(leftovers.pop()!);
  if (leftovers.length > 0) askClock(state, nowMs, out);
}
