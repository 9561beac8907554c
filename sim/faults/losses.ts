import type { World } from "../world/world.ts";
import { drawTrouble } from "./draw.ts";
import type { Cast, DrawnFault } from "./fault.ts";

/** Longer than the 75 s after which an agent is given up, and no longer than any fault. */
const [LEAST_MS, MOST_MS] = [90_000, 240_000];
const MOST_BETWEEN_MS = 60_000;
/** Of the losses, so many of 100 are not heard of at once by a framework of the house; and when the master gives up an agent, since it is away. */
const ABSENT_PERCENT = 40;
const GIVEN_UP_MS: readonly [least: number, most: number] = [65_000, 85_000];
/** Of other faults, so many of 100. */
const OTHERS_PERCENT = 40;

/**
 * The faults of a history that is about agents which are away for so long that what runs on them is given up, begins elsewhere, and is there again when they come back; with some of all others. From
 * `fromMs` to `toMs` since it began.
 */
export function drawLosses(dice: World, cast: Cast, fromMs: number, toMs: number): DrawnFault[] {
  const faults = drawTrouble(dice.of("others"), cast, fromMs, toMs).filter(() => dice.chance(OTHERS_PERCENT));
  const absences = dice.of("absences");
  for (let atMs = fromMs; atMs < toMs; atMs += dice.between(1_000, MOST_BETWEEN_MS)) {
    faults.push(drawLoss(dice, cast, atMs));
    if (cast.tenant.length > 0 && absences.chance(ABSENT_PERCENT)) faults.push(drawAbsence(absences, cast, atMs));
  }
  // Nothing begins while all is to come to rest.
  const inTime = faults.filter(({ atMs }) => atMs < toMs);
  return inTime.sort((one, other) => one.atMs - other.atMs);
}

/** Who is not there when an agent is given up does not hear of it. */
function drawAbsence(dice: World, { tenant }: Cast, lostMs: number): DrawnFault {
  const place = tenant[dice.random.below(tenant.length)]!;
  const atMs = lostMs + dice.between(...GIVEN_UP_MS);
  return { atMs, kind: "kill tenant", parts: { place, ms: dice.between(10_000, 30_000) } };
}

function drawLoss(dice: World, { agent }: Cast, atMs: number): DrawnFault {
  const kind = ["partition", "partition", "kill agent", "power off agent"][dice.random.below(4)]!;
  const parts = { place: agent[dice.random.below(agent.length)]!, ms: dice.between(LEAST_MS, MOST_MS) };
  return { atMs, kind, parts: kind === "partition" ? { ...parts, way: dice.random.below(4) } : parts };
}
