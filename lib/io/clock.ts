import type { Clock } from "../core/ports/clock.ts";

/**
 * The time of day as it was when the process asked first, going on as the machine's steady clock does: who sets the
 * machine's clock neither stops the timers of a running process nor lets all of them fire. A restart reads the clock anew.
 */
export function steadyClock(): Clock {
  const startMs = Date.now() - performance.now();
  return { nowMs: () => Math.floor(startMs + performance.now()) };
}

/**
 * The time of day as the machine has it, for what is to happen at nine o'clock: it follows a clock that is set and a machine that has slept. Whoever reads it
 * must bear that it goes back.
 */
export function wallClock(): Clock {
  return { nowMs: () => Date.now() };
}
