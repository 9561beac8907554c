import { LEISURELY, PRODUCTION } from "../world/election.ts";
import type { SeatProcess } from "../world/framework.ts";
import type { World } from "../world/world.ts";
import type { Parts } from "./fault.ts";
import type { Scene } from "./jobs.ts";

/** Something that goes wrong with one of several masters or crons, or with the etcd that they share, and heals by itself. */
export interface ContenderFault {
  readonly name: string;
  draw(dice: World, cast: Contenders): Parts;
  /** Returns what it was; empty when it could not be. */
  happen(scene: Scene, parts: Parts & { readonly ms: number }): string;
}

/** How many there are of each: those that are alone have faults of another kind. */
export interface Contenders {
  readonly masters: number;
  readonly copies: number;
}

/** Several processes of which one leads. */
interface Group {
  /** Under which it is written down when nobody of them could work. */
  readonly name: "master" | "cron";
  readonly members: readonly SeatProcess[];
}

/** How long etcd's members take to have a leader again, and clients to find it. */
const ETCD_MS = 4_000;
/** Leases that are over are noticed, the winner loads its records. */
const BEGIN_MS = 1_500;

/**
 * The longest time until somebody leads again: the lease of who did has to end, and the others look for that only now and then. The 7 s in which all find each other come after it. After a kill
 * it is much shorter; how fast that is, is asked of real processes.
 */
export function takeoverMs({ isBrisk = false }: { readonly isBrisk?: boolean }): number {
  const { leaseSeconds, pace } = isBrisk ? PRODUCTION : LEISURELY;
  return leaseSeconds * 1_000 + 2 * pace.lookMs + BEGIN_MS;
}

export const CONTENDER_FAULTS: readonly ContenderFault[] = [
  ofContender("kill contender", {}, (scene, one, { ms }) => {
    if (!one.alive) return "";
    one.kill();
    scene.cluster.world.after(ms, () => one.start());
    return `killed for ${ms} ms`;
  }),
  ofContender("pause contender", {}, ({ cluster: { world } }, one, { ms }) => {
    if (!one.alive || one.paused) return "";
    one.pause();
    world.after(ms, () => one.resume());
    return `stopped for ${ms} ms`;
  }),
  ofContender("cut contender from etcd", { way: 3 }, ({ cluster: { world, network } }, { place }, { ms, way }) => {
    if (network.isPartitioned(place, ETCD)) return "";
    if (way !== 1) network.block(place, ETCD);
    if (way !== 0) network.block(ETCD, place);
    world.after(ms, () => network.heal(place, ETCD));
    return `${["not heard by", "deaf to", "cut off from"][Number(way)]} etcd for ${ms} ms`;
  }),
  {
    name: "kill leader at commit",
    draw: (dice, cast) => ({ group: drawGroup(dice, cast), commits: dice.between(1, 8) }),
    happen(scene, { group, commits, ms }) {
      const leader = leaderOf(groupAt(scene, group));
      if (leader === undefined) return "";
      scene.cluster.etcd!.afterWrites(leader.place, Number(commits), () => {
        if (!leader.alive) return;
        note(scene, groupAt(scene, group), leader, ms);
        leader.kill();
        scene.cluster.world.after(ms, () => leader.start());
      });
      return `${leader.place}, which leads, to be killed after ${commits} commits, for ${ms} ms`;
    },
  },
  {
    name: "kill etcd member",
    draw: (dice) => ({ member: dice.random.below(3) }),
    happen({ cluster, outages, takeoverMs }, { member, ms }) {
      const [{ world }, etcd] = [cluster, cluster.etcd!];
      const one = etcd.members[Number(member)]!;
      if (!one.alive) return "";
      const others = etcd.members.filter(({ alive }) => alive).length - 1;
      etcd.kill(one);
      world.after(ms, () => etcd.start(one));
      // With two of three away nobody can store anything, until one of them is back.
      outages.note(ETCD, world.nowMs, world.nowMs + (others < 2 ? ms : 0) + ETCD_MS + takeoverMs);
      return `${one.place} killed for ${ms} ms`;
    },
  },
  {
    name: "etcd full",
    draw: () => ({}),
    happen({ cluster, outages }, { ms }) {
      const [{ world }, etcd] = [cluster, cluster.etcd!];
      if (etcd.full) return "";
      etcd.full = true;
      outages.note(ETCD, world.nowMs, world.nowMs + ms);
      world.after(ms, () => Object.assign(etcd, { full: false }));
      return `etcd full for ${ms} ms`;
    },
  },
];

const ETCD = "etcd";

function ofContender(
  name: string,
  more: { readonly way?: number },
  happen: (scene: Scene, one: SeatProcess, parts: Parts & { readonly ms: number }) => string,
): ContenderFault {
  return {
    name,
    draw(dice, cast) {
      const group = drawGroup(dice, cast);
      // Half of them hit whoever leads then.
      const seat = dice.chance(50) ? LEADER : dice.random.below(group === "master" ? cast.masters : cast.copies);
      return { group, seat, ...(more.way !== undefined && { way: dice.random.below(more.way) }) };
    },
    happen(scene, parts) {
      const group = groupAt(scene, parts["group"]);
      const one = parts["seat"] === LEADER ? leaderOf(group) : group.members[Number(parts["seat"])];
      if (one === undefined) return "";
      const leader = leaderOf(group);
      const what = happen(scene, one, parts);
      if (what === "") return "";
      note(scene, group, one, parts.ms, leader);
      return `${one.place}${leader === one ? ", which leads," : ""} ${what}`;
    },
  };
}

const LEADER = -1;

/** One of them cannot work, and nobody else either until another leads, if it was who leads or is about to. */
function note(
  { cluster: { world }, outages, takeoverMs }: Scene,
  { name }: Group,
  { place }: SeatProcess,
  ms: number,
  leader?: SeatProcess,
): void {
  const { nowMs } = world;
  outages.note(place, nowMs, nowMs + ms);
  if (leader === undefined || leader.place === place) outages.note(name, nowMs, nowMs + takeoverMs);
}

function groupAt({ cluster, cron }: Scene, name: Parts[string] | undefined): Group {
  if (name === "cron") return { name, members: cron.seats };
  return { name: "master", members: cluster.master.processes };
}

function leaderOf({ members }: Group): SeatProcess | undefined {
  return members.find(({ core, mayAct }) => core !== undefined && mayAct);
}

function drawGroup(dice: World, { copies }: Contenders): Group["name"] {
  return copies > 1 && dice.chance(50) ? "cron" : "master";
}
