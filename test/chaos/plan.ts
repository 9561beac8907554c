// Which faults befall whom, and when. Pure: the same seed gives the same plan.
import { createRandom, type Random } from "@meseta/lib/core/random.ts";
import { PARTS, PLACES } from "./parts.ts";

export const FAULT_KINDS = ["kill", "pause", "partition", "disk"] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A part by its name, or whichever of its kind leads when the fault begins. */
export type Victim = string;
export const LEADERS: readonly Victim[] = ["leading-etcd", "leading-master", "leading-init", "leading-cron"];

export type Blow =
  | { readonly kind: "kill"; readonly victim: Victim }
  | { readonly kind: "pause"; readonly victim: Victim }
  | { readonly kind: "disk"; readonly victim: Victim }
  | PartitionBlow;

/** Between `side` and all others; one way: who is deaf hears nothing of the others. Flapping: on and off, `everyMs` each. A bad line: so many percent of the packets are lost, rather than all. */
export interface PartitionBlow {
  readonly kind: "partition";
  readonly side: readonly Victim[];
  readonly deaf: "both" | "side" | "others";
  readonly everyMs?: number;
  readonly percent?: number;
}

export interface Fault {
  readonly number: number;
  /** Since the first moment of trouble. */
  readonly atMs: number;
  /** Until it is healed; a kill heals by itself. */
  readonly forMs: number;
  readonly blow: Blow;
}

export interface Wish {
  readonly seed: number;
  readonly forMs: number;
  readonly kinds: readonly FaultKind[];
}

/** Storms last so long, and are followed by so long without anything new. */
const STORM_MS = { least: 40_000, most: 90_000 };
const CALM_MS = { least: 25_000, most: 40_000 };
const GAP_MS = { least: 500, most: 12_000 };
const LENGTHS_MS: Readonly<Record<FaultKind, { readonly least: number; readonly most: number }>> = {
  kill: { least: 0, most: 0 },
  pause: { least: 100, most: 60_000 },
  partition: { least: 1_000, most: 45_000 },
  disk: { least: 2_000, most: 20_000 },
};

/** Faults in the order in which they begin; each has ended when the time is over. Each storm has some of the kinds only. */
export function planOf({ seed, forMs, kinds }: Wish): Fault[] {
  const random = createRandom(seed);
  const faults: Fault[] = [];
  for (let atMs = 2_000; atMs < forMs; atMs += between(random, CALM_MS)) {
    const endMs = Math.min(forMs, atMs + between(random, STORM_MS));
    const own = someOf(random, kinds);
    for (; atMs < endMs; atMs += between(random, GAP_MS))
      for (let more = random.below(5) === 0 ? 2 : 1; more > 0; more--) {
        const blow = blowOf(random, own[random.below(own.length)]!);
        const length = lengthOf(random, blow.kind);
        faults.push({ number: faults.length + 1, atMs, forMs: Math.min(length, endMs - atMs), blow });
      }
  }
  return faults;
}

/** In one line, for people. */
export function tellBlow(blow: Blow): string {
  if (blow.kind !== "partition") return `${blow.kind} ${blow.victim}`;
  const { side, deaf, everyMs, percent } = blow;
  const who = deaf === "both" ? `${side} | others` : deaf === "side" ? `others → ${side}` : `${side} → others`;
  return `${percent === undefined ? "cut" : `lose ${percent} % of`} ${who}${everyMs === undefined ? "" : `, on and off each ${everyMs} ms`}`;
}

function blowOf(random: Random, kind: FaultKind): Blow {
  if (kind === "partition") return partitionOf(random);
  return { kind, victim: victimOf(random) };
}

function partitionOf(random: Random): Blow {
  const deaf = (["both", "both", "side", "others"] as const)[random.below(4)]!;
  const blow = { kind: "partition", side: sideOf(random), deaf } as const;
  const shape = random.below(6);
  if (shape === 0) return { ...blow, everyMs: between(random, { least: 300, most: 4_000 }) };
  return shape === 1 ? { ...blow, percent: between(random, { least: 5, most: 60 }) } : blow;
}

/** One alone, or a half of all. */
function sideOf(random: Random): Victim[] {
  if (random.below(2) === 0) return [victimOf(random)];
  const names = PLACES.map(({ name }) => name);
  random.shuffle(names);
  return names.slice(0, names.length >> 1).sort();
}

function victimOf(random: Random): Victim {
  const victims = random.below(2) === 0 ? LEADERS : PARTS.map(({ name }) => name);
  return victims[random.below(victims.length)]!;
}

// By the logarithm, so that there are short ones as well.
function lengthOf(random: Random, kind: FaultKind): number {
  const { least, most } = LENGTHS_MS[kind];
  return least === 0 ? 0 : Math.round(least * (most / least) ** random.next());
}

function someOf<T>(random: Random, all: readonly T[]): T[] {
  const some = all.filter(() => random.below(2) === 0);
  return some.length > 0 ? some : [...all];
}

function between(random: Random, { least, most }: { readonly least: number; readonly most: number }): number {
  return least + random.below(most - least + 1);
}
