import type { Cluster } from "../cluster.ts";
import type { World } from "../world/world.ts";
import { CLOCK_FAULTS } from "./clocks.ts";
import { DISK_FAULTS } from "./disks.ts";
import { type Cast, type DrawnFault, type FaultKind, processAt, schedulerAt } from "./fault.ts";
import { LINK_FAULTS } from "./links.ts";
import { MASTER_FAULTS } from "./masters.ts";
import { PEOPLE_FAULTS, RECONFIGURE } from "./people.ts";
import { PROCESS_FAULTS } from "./processes.ts";
import { GIVEN_UP, RELEASE_FAULTS } from "./releases.ts";

const FIRST_FAULTS: readonly FaultKind[] = [
  ...PROCESS_FAULTS,
  ...DISK_FAULTS,
  ...LINK_FAULTS,
  ...CLOCK_FAULTS,
  ...PEOPLE_FAULTS,
  ...MASTER_FAULTS,
  ...RELEASE_FAULTS,
];

/** Kinds that came later are drawn by dice of their own, so that most histories stay what they were. */
const LATER_FAULTS: readonly FaultKind[] = [RECONFIGURE, GIVEN_UP];

export const FAULTS: readonly FaultKind[] = [...FIRST_FAULTS, ...LATER_FAULTS];

const BY_NAME: ReadonlyMap<string, FaultKind> = new Map(FAULTS.map((kind) => [kind.name, kind]));

/**
 * The faults of one history, from `fromMs` to `toMs` since it began. As in swarm testing (Groce and others, 2012), each history has some of the kinds only, so that
 * what one kind does is not always undone by another; and how often each comes, and how often any does, is drawn as well.
 */
export function drawTrouble(dice: World, cast: Cast, fromMs: number, toMs: number): DrawnFault[] {
  const kinds = drawKinds(dice, cast);
  const longestPauseMs = PAUSES_MS[dice.random.below(PAUSES_MS.length)]!;
  const faults: DrawnFault[] = [];
  for (let atMs = fromMs; atMs < toMs; atMs += dice.between(200, longestPauseMs)) {
    const kind = byWeight(kinds, dice);
    faults.push({ atMs, kind: kind.name, parts: kind.draw(dice, cast)! });
  }
  return faults;
}

/** The faults of the kinds that came later: each kind in some histories, a few times. */
export function drawLater(dice: World, cast: Cast, fromMs: number, toMs: number): DrawnFault[] {
  return LATER_FAULTS.flatMap((kind) => {
    const own = dice.of(kind.name);
    if (!own.chance(LATER_PERCENT)) return [];
    return Array.from({ length: own.between(1, 4) }, () => {
      return { atMs: own.between(fromMs, toMs - 1), kind: kind.name, parts: kind.draw(own, cast)! };
    });
  });
}

const LATER_PERCENT = 12;

/** Lets a fault happen. Returns what it was; empty when it could not be, or when he whom it would hit is not there. Throws when there is no such kind. */
export function happen(cluster: Cluster, { kind, parts }: DrawnFault): string {
  const known = BY_NAME.get(kind);
  if (known === undefined) throw new Error(`there is no fault of the kind ${kind}`);
  return isThere(cluster, parts["place"]) ? known.happen(cluster, parts) : "";
}

// Who is hit may have been left out since.
function isThere(cluster: Cluster, place: string | number | undefined): boolean {
  if (typeof place !== "string") return true;
  const someone = processAt(cluster, place) ?? schedulerAt(cluster, place);
  return someone !== undefined || cluster.etcd?.places.includes(place) === true;
}

const PAUSES_MS = [3_000, 12_000, 12_000, 12_000, 30_000];
/** Of how many histories of 100 all kinds take part; and only one or two. */
const [ALL_PERCENT, FEW_PERCENT] = [25, 15];

interface Weighed {
  readonly kind: FaultKind;
  readonly weight: number;
}

function drawKinds(dice: World, cast: Cast): Weighed[] {
  const possible = FIRST_FAULTS.filter((kind) => kind.draw(dice, cast) !== undefined);
  const way = dice.random.below(100);
  if (way < ALL_PERCENT) return possible.map((kind) => ({ kind, weight: kind.weight }));
  dice.random.shuffle(possible as FaultKind[]);
  const share = way < ALL_PERCENT + FEW_PERCENT ? 0 : dice.between(15, 75);
  const count = Math.max(dice.between(1, 2), Math.round((possible.length * share) / 100));
  return possible.slice(0, count).map((kind) => ({ kind, weight: kind.weight * dice.between(1, 4) }));
}

function byWeight(kinds: readonly Weighed[], dice: World): FaultKind {
  let left = dice.random.below(kinds.reduce((sum, { weight }) => sum + weight, 0));
  for (const { kind, weight } of kinds) {
    if (left < weight) return kind;
    left -= weight;
  }
  return kinds[0]!.kind;
}
