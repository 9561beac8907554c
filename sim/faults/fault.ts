import type { Cluster } from "../cluster.ts";
import type { SimScheduler } from "../workloads/scheduler.ts";
import type { Clock } from "../world/clock.ts";
import type { Disk } from "../world/disk.ts";
import type { Release } from "../world/release.ts";
import type { World } from "../world/world.ts";

/** What a fault is made of, as it was drawn: plain values, so that it can be written down, left out, and done again. */
export type Parts = Readonly<Record<string, string | number>>;

/** A fault of a history: when it happens, of which kind it is, and its parts. */
export interface DrawnFault {
  /** Since the history began. */
  readonly atMs: number;
  readonly kind: string;
  readonly parts: Parts;
}

/** Who there is to be hit, by place. */
export interface Cast {
  /** The one on a disk of its own. */
  readonly master: readonly string[];
  /** Several on one etcd, and the members of that. */
  readonly masters: readonly string[];
  readonly etcd: readonly string[];
  readonly agent: readonly string[];
  readonly scheduler: readonly string[];
  /** Frameworks of the house. */
  readonly tenant: readonly string[];
}

export type Who = keyof Cast;

/** One kind of things that go wrong and heal by themselves. Drawing knows nothing of what has happened, so that one fault less does not change the others. */
export interface FaultKind {
  readonly name: string;
  readonly weight: number;
  /** Undefined when there is nobody whom it could hit. */
  draw(dice: World, cast: Cast): Parts | undefined;
  /** Lets it happen. Returns what it was, for those who read; empty when it could not be, as when who is to be killed is dead. */
  happen(cluster: Cluster, parts: Parts): string;
}

/** A kind of fault that hits somebody: `draw` adds to his place what else is drawn. */
export function fault<P extends Parts>(
  name: string,
  weight: number,
  who: readonly Who[],
  draw: (dice: World) => P,
  happen: (cluster: Cluster, parts: P & { readonly place: string }) => string,
): FaultKind {
  return {
    name,
    weight,
    draw: (dice, cast) => {
      const places = who.flatMap((each) => cast[each]);
      return places.length === 0 ? undefined : { place: places[dice.random.below(places.length)]!, ...draw(dice) };
    },
    happen: (cluster, parts) => happen(cluster, parts as P & { readonly place: string }),
  };
}

/** A kind of fault that hits nobody by himself. */
export function common<P extends Parts>(
  name: string,
  weight: number,
  draw: (dice: World) => P,
  happen: (cluster: Cluster, parts: P) => string,
): FaultKind {
  return { name, weight, draw, happen: (cluster, parts) => happen(cluster, parts as P) };
}

/** What master, agents and frameworks of the house have in common. */
export interface Process {
  readonly place: string;
  readonly disk: Disk;
  /** Its store is not on that disk. */
  readonly isOnEtcd?: boolean;
  readonly clock: Clock;
  readonly alive: boolean;
  readonly paused: boolean;
  /** Of its next life. */
  release: Release;
  start(): void;
  kill(): void;
  pause(): void;
  resume(): void;
}

export function processesOf({ master, etcd, agents, tenants }: Cluster): Process[] {
  const masters = etcd === undefined ? [master] : master.processes;
  return [...masters, ...agents, ...tenants.map(({ framework }) => framework)];
}

/** Who lives at that place; undefined when nobody does in this cluster. */
export function processAt(cluster: Cluster, place: string): Process | undefined {
  return processesOf(cluster).find((process) => process.place === place);
}

export function schedulerAt({ schedulers }: Cluster, place: string): SimScheduler | undefined {
  return schedulers.find((scheduler) => scheduler.place === place);
}

/** Mostly short, and now and then longer than anybody's patience. */
export function mostlyShort(dice: World, shortMs: number, longMs: readonly [least: number, most: number]): number {
  return dice.chance(75) ? dice.between(100, shortMs) : dice.between(...longMs);
}
