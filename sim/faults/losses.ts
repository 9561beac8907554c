import type { World } from "../world/world.ts";
import { drawTrouble } from "./draw.ts";
import type { Cast, DrawnFault } from "./fault.ts";

/** Longer than the 75 s after which an agent is given up, and no longer than any fault. */
const [LEAST_MS, MOST_MS] = [90_000, 240_000];
const MOST_BETWEEN_MS = 60_000;
/** Of other faults, so many of 100. */
const OTHERS_PERCENT = 40;

/**
 * The faults of a history that is about agents which are away for so long that what runs on them is given up, begins elsewhere, and is there again when they come back; with some of all others. From
 * `fromMs` to `toMs` since it began.
 */
export function drawLosses(dice: World, cast: Cast, fromMs: number, toMs: number): DrawnFault[] {
  const faults = drawTrouble(dice.of("others"), cast, fromMs, toMs).filter(() => dice.chance(OTHERS_PERCENT));
  for (let atMs = fromMs; atMs < toMs; atMs += dice.between(1_000, MOST_BETWEEN_MS))
    faults.push(drawLoss(dice, cast, atMs));
  return faults.sort((one, other) => one.atMs - other.atMs);
}

function drawLoss(dice: World, { agent }: Cast, atMs: number): DrawnFault {
  const kind = ["partition", "partition", "kill agent", "power off agent"][dice.random.below(4)]!;
  const parts = { place: agent[dice.random.below(agent.length)]!, ms: dice.between(LEAST_MS, MOST_MS) };
  return { atMs, kind, parts: kind === "partition" ? { ...parts, way: dice.random.below(4) } : parts };
}
