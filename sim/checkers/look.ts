import type { World } from "../world/world.ts";

/** Who takes what a checker throws. */
export type Guard = (check: () => void) => void;

/** How often checkers look that need not look after each step. */
export const LOOK_MS = 2_000;

/** Looks every two seconds of the world's time. `guard` is told what is wrong. */
export function lookAgainAndAgain(world: World, guard: Guard, look: () => void): void {
  world.after(LOOK_MS, () => {
    guard(look);
    lookAgainAndAgain(world, guard, look);
  });
}
