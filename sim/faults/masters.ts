import type { Cluster } from "../cluster.ts";
import type { EtcdMember } from "../world/etcd.ts";
import type { MasterProcess } from "../world/master-process.ts";
import type { World } from "../world/world.ts";
import { common, type FaultKind, fault, mostlyShort, type Parts } from "./fault.ts";

const MINUTE = 60_000;
const WAYS = ["cut off", "cut off", "cannot be heard", "hears nothing"];
const ETCD = "etcd";

/** What happens to several masters and to the etcd that they share: to who leads when it happens, to one of them, or to all. */
export const MASTER_FAULTS: readonly FaultKind[] = [
  ofLeader(
    "kill leader",
    6,
    (dice) => ({ ms: dice.between(10, 20_000) }),
    (cluster, leader, { ms }) => {
      leader.kill();
      startAfter(cluster, leader, ms);
      return `killed for ${ms} ms`;
    },
  ),
  ofLeader(
    "kill leader at commit",
    6,
    (dice) => ({ commits: dice.between(1, 8), ms: dice.between(10, 5_000) }),
    (cluster, leader, { commits, ms }) => {
      cluster.etcd!.afterWrites(leader.place, commits, () => {
        if (!leader.alive) return;
        leader.kill();
        startAfter(cluster, leader, ms);
      });
      return `to be killed after ${commits} commits, for ${ms} ms`;
    },
  ),
  ofMaster(
    "kill one master",
    3,
    (dice) => ({ ms: dice.between(10, MINUTE) }),
    (cluster, master, { ms }) => {
      if (!master.alive) return "";
      master.kill();
      startAfter(cluster, master, ms);
      return `killed for ${ms} ms`;
    },
  ),
  several(
    "kill all masters",
    2,
    (dice) => ({ ms: dice.between(10, 20_000) }),
    (cluster, { ms }) => {
      for (const master of cluster.master.processes) {
        master.kill();
        startAfter(cluster, master, cluster.world.between(0, ms));
      }
      return `all masters killed, for up to ${ms} ms`;
    },
  ),
  ofLeader("pause leader", 5, (dice) => ({ ms: mostlyShort(dice, 8_000, [8_000, 2 * MINUTE]) }), pauseFor),
  ofMaster("pause one master", 2, (dice) => ({ ms: dice.between(100, MINUTE) }), pauseFor),
  ofMaster(
    "power off one master",
    2,
    (dice) => ({ ms: dice.between(1_000, MINUTE) }),
    (cluster, master, { ms }) => {
      if (!master.alive) return "";
      const { network, world } = cluster;
      network.darken(master.place);
      master.kill();
      world.after(ms, () => {
        network.lighten(master.place);
        master.start();
      });
      return `without power for ${ms} ms`;
    },
  ),
  ofLeader("cut leader from etcd", 4, cutParts, (cluster, { place }, parts) => cut(cluster, place, ETCD, parts)),
  ofMaster("cut one master from etcd", 2, cutParts, (cluster, { place }, parts) => cut(cluster, place, ETCD, parts)),
  ofLeader("cut leader from masters", 2, cutParts, (cluster, { place }, parts) => cut(cluster, place, "master", parts)),
  ofLeader("cut leader from some", 4, (dice) => ({ ...cutParts(dice), percent: dice.between(10, 100) }), cutFromSome),
  ofLeader(
    "flapping leader",
    2,
    (dice) => ({ times: dice.between(2, 12), ms: dice.between(50, 6_000) }),
    ({ network, world }, { place }, { times, ms }) => {
      for (let time = 0; time < times; time++) {
        world.after(2 * time * ms, () => network.partition(place, ETCD));
        world.after((2 * time + 1) * ms, () => network.heal(place, ETCD));
      }
      return `cut off from etcd ${times} times, for ${ms} ms and with as much between`;
    },
  ),
  fault(
    "cut tenant from etcd",
    3,
    ["tenant"],
    (dice) => ({ ...cutParts(dice), seat: dice.random.below(2) }),
    (cluster, { place, seat, ...parts }) => {
      const framework = cluster.tenants.find((tenant) => tenant.framework.place === place)?.framework;
      if (!framework?.isOnEtcd) return "";
      const one = framework.seats[seat % framework.seats.length]!.place;
      return `${one} ${cut(cluster, one, ETCD, parts)}`;
    },
  ),
  several("halves", 3, (dice) => ({ ms: mostlyShort(dice, 30_000, [MINUTE, 2 * MINUTE]) }), halve),
  ofMember(
    "kill etcd member",
    3,
    (dice) => ({ ms: dice.between(100, MINUTE) }),
    ({ world, etcd }, member, { ms }) => {
      if (!member.alive) return "";
      etcd!.kill(member);
      world.after(ms, () => etcd!.start(member));
      return `killed for ${ms} ms`;
    },
  ),
  ofMember(
    "etcd member apart",
    3,
    (dice) => ({ ms: dice.between(100, MINUTE) }),
    ({ world, etcd }, member, { ms }) => {
      if (member.apart) return "";
      etcd!.setApart(member, true);
      world.after(ms, () => etcd!.setApart(member, false));
      return `apart from the other members for ${ms} ms`;
    },
  ),
  several(
    "etcd down",
    2,
    (dice) => ({ ms: dice.between(100, MINUTE) }),
    ({ world, etcd }, { ms }) => {
      for (const member of etcd!.members.filter(({ alive }) => alive)) {
        etcd!.kill(member);
        world.after(ms, () => etcd!.start(member));
      }
      return `all of etcd killed for ${ms} ms`;
    },
  ),
  several(
    "etcd slow",
    2,
    (dice) => ({
      ms: dice.between(1_000, MINUTE),
      writeMs: dice.chance(60) ? dice.between(50, 4_000) : dice.between(...STALLED_MS),
    }),
    ({ world, etcd }, { ms, writeMs }) => {
      const usualMs = etcd!.slownessMs;
      if (usualMs > USUAL_MS) return "";
      etcd!.slownessMs = writeMs;
      world.after(ms, () => (etcd!.slownessMs = usualMs));
      return `etcd slow for ${ms} ms: writes take up to ${writeMs} ms`;
    },
  ),
  several(
    "etcd full",
    1,
    (dice) => ({ ms: dice.between(1_000, MINUTE) }),
    ({ world, etcd }, { ms }) => {
      if (etcd!.full) return "";
      etcd!.full = true;
      world.after(ms, () => (etcd!.full = false));
      return `etcd full for ${ms} ms`;
    },
  ),
  several(
    "etcd answers lost",
    4,
    (dice) => ({ ms: dice.between(1_000, MINUTE), percent: dice.between(5, 60) }),
    ({ world, etcd }, { ms, percent }) => {
      if (etcd!.lostPercent > 0) return "";
      etcd!.lostPercent = percent;
      world.after(ms, () => (etcd!.lostPercent = 0));
      return `etcd loses ${percent} % of its answers for ${ms} ms`;
    },
  ),
];

const USUAL_MS = 4;
/** Disks that stand still: writes are given up by who waits for them, and done in the end. */
const STALLED_MS: readonly [least: number, most: number] = [10_000, 40_000];

type CutParts = { readonly ms: number; readonly way: number };

function cutParts(dice: World): CutParts {
  return { ms: mostlyShort(dice, 15_000, [15_000, 2 * MINUTE]), way: dice.random.below(WAYS.length) };
}

function cut({ network, world }: Cluster, place: string, from: string, { ms, way }: CutParts): string {
  if (way !== 3) network.block(place, from);
  if (way !== 2) network.block(from, place);
  world.after(ms, () => network.heal(place, from));
  return `${WAYS[way]}, where ${from} is concerned, for ${ms} ms`;
}

/** Others reach all the rest: they must not be torn between two leaders. */
function cutFromSome(cluster: Cluster, { place }: MasterProcess, parts: CutParts & { percent: number }): string {
  const { agents, schedulers, tenants, world } = cluster;
  const all = [...agents, ...schedulers, ...tenants.map(({ framework }) => framework)];
  const some = all.filter(() => world.chance(parts.percent)).map((one) => one.place);
  for (const one of some) cut(cluster, one, place, parts);
  return some.length === 0 ? "" : `${some.join(", ")} ${WAYS[parts.way]}, where it is concerned, for ${parts.ms} ms`;
}

function halve(cluster: Cluster, { ms }: { readonly ms: number }): string {
  const { agents, schedulers, tenants, master, network, world } = cluster;
  const etcd = cluster.etcd!;
  const people = [...agents, ...schedulers, ...tenants.map(({ framework }) => framework), ...master.processes];
  const places = [...people.map(({ place }) => place), ...etcd.places];
  const [one, other]: [string[], string[]] = [[], []];
  for (const place of places) (world.chance(50) ? one : other).push(place);
  for (const here of one) for (const there of other) network.partition(here, there);
  const few = memberOf(one).length * 2 < etcd.members.length ? memberOf(one) : memberOf(other);
  for (const member of few) etcd.setApart(member, true);
  world.after(ms, () => {
    for (const here of one) for (const there of other) network.heal(here, there);
    for (const member of few) etcd.setApart(member, false);
  });
  return `${one.join(", ")} on one side, ${other.join(", ")} on the other for ${ms} ms`;

  function memberOf(half: readonly string[]): EtcdMember[] {
    return etcd.members.filter(({ place }) => half.includes(place));
  }
}

function pauseFor({ world }: Cluster, master: MasterProcess, { ms }: { readonly ms: number }): string {
  if (!master.alive || master.paused) return "";
  master.pause();
  world.after(ms, () => master.resume());
  return `stopped for ${ms} ms`;
}

function startAfter({ network, world }: Cluster, master: MasterProcess, ms: number): void {
  world.after(ms, () => network.isDark(master.place) || master.start());
}

/** A fault of several masters that hits no single one. */
function several<P extends Parts>(
  name: string,
  weight: number,
  draw: (dice: World) => P,
  happen: (cluster: Cluster, parts: P) => string,
): FaultKind {
  const kind = common(name, weight, draw, happen);
  return { ...kind, draw: (dice, cast) => (cast.masters.length === 0 ? undefined : kind.draw(dice, cast)) };
}

/** A fault that hits whoever leads then. */
function ofLeader<P extends Parts>(
  name: string,
  weight: number,
  draw: (dice: World) => P,
  happen: (cluster: Cluster, leader: MasterProcess, parts: P) => string,
): FaultKind {
  return several(name, weight, draw, (cluster, parts) => {
    const { leader } = cluster.master;
    const what = leader && happen(cluster, leader, parts);
    return what ? `${leader.place}, which leads, ${what}` : "";
  });
}

function ofMaster<P extends Parts>(
  name: string,
  weight: number,
  draw: (dice: World) => P,
  happen: (cluster: Cluster, master: MasterProcess, parts: P) => string,
): FaultKind {
  return fault(name, weight, ["masters"], draw, (cluster, parts) => {
    const master = cluster.master.processes.find(({ place }) => place === parts.place);
    const what = master && happen(cluster, master, parts);
    return what ? `${parts.place} ${what}` : "";
  });
}

function ofMember<P extends Parts>(
  name: string,
  weight: number,
  draw: (dice: World) => P,
  happen: (cluster: Cluster, member: EtcdMember, parts: P) => string,
): FaultKind {
  return fault(name, weight, ["etcd"], draw, (cluster, parts) => {
    const member = cluster.etcd?.members.find(({ place }) => place === parts.place);
    const what = member && happen(cluster, member, parts);
    return what ? `${parts.place} ${what}` : "";
  });
}
